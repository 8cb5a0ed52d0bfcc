"""bephw.boards.link.frame_sender: whole frames, of numbers that change and replies that come at any time."""

import random

import pytest
from amaranth.sim import Simulator

from bephw.boards.link.frame_sender import FrameSender
from tests.host.model_board import frames_of, line_frame


def run(replies, *, seed, due=(), frames):
    """Bytes of the line, until so many frames have ended. Both numbers change in every cycle: of `accepted` both halves
    are the cycle, of `consumed` too, but for the lower one's bits, which are inverted.

    `replies`: the cycle from which on a byte is there, and the byte. `due`: cycles in which a frame is asked for.
    """
    dut, rng = FrameSender(), random.Random(seed)
    line, position, flags = bytearray(), 0, 0

    async def process(ctx):
        nonlocal position, flags
        cycle, asked, busy, shown = 0, False, 0, [0, 0]
        while flags < 2 * frames:
            half = cycle % 256
            asked |= cycle in due
            there = sum(at <= cycle for at, _ in replies)
            ctx.set(dut.due, asked)
            ctx.set(dut.accepted, half << 8 | half)
            ctx.set(dut.consumed, half << 8 | half ^ 0xFF)
            ctx.set(dut.position, position)
            ctx.set(dut.waiting, there > position)
            ctx.set(dut.reply, shown[0])  # a memory with a register shows a byte 2 cycles after its address
            shown = [shown[1], replies[position][1] if position < there else rng.randrange(256)]
            ready = busy == 0
            ctx.set(dut.bytes.ready, ready)
            _, _, valid, byte, advance, began = await ctx.tick().sample(
                dut.bytes.valid, dut.bytes.payload, dut.advance, dut.began
            )
            busy = max(0, busy - 1)
            if valid and ready:
                line.append(byte)
                flags += byte == 0x7E
                busy = 12
            position += advance
            asked &= not began
            cycle += 1

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return bytes(line)


def divided(line):
    """(accepted, consumed, position, replies) of every frame, all of which are right."""
    found = []
    for content, good in frames_of(line):
        assert good
        numbers = [int.from_bytes(content[at : at + 2], "big") for at in (0, 2, 4)]
        found.append((*numbers, content[6:-4]))
    return found


def test_a_report_without_replies():
    line = run([], seed=1, due=(5,), frames=1)
    ((accepted, consumed, position, replies),) = divided(line)
    assert (position, replies) == (0, b"")
    assert line == line_frame(b"".join(number.to_bytes(2, "big") for number in (accepted, consumed, 0)))


def test_numbers_are_those_of_one_moment():
    """Though a byte's time lies between their halves."""
    numbers = [frame[:2] for frame in divided(run([], seed=2, due=range(0, 9000, 500), frames=12))]
    for accepted, consumed in numbers:
        assert accepted >> 8 == accepted & 0xFF
        assert consumed >> 8 == consumed & 0xFF ^ 0xFF
    assert len(set(numbers)) > 6


@pytest.mark.parametrize("seed", range(3))
def test_replies(seed):
    rng = random.Random(seed)
    cycles = sorted(rng.randrange(12_000) for _ in range(300))
    replies = [(cycle, rng.choice((0x7E, 0x7D, rng.randrange(256)))) for cycle in cycles]
    line = run(replies, seed=seed, frames=24)
    position = 0
    for _, _, at, block in divided(line):
        assert at == position
        assert block and at // 64 == (at + len(block) - 1) // 64, "no frame goes beyond a block"
        assert block == bytes(byte for _, byte in replies[at : at + len(block)])
        position += len(block)
    assert position > 100
