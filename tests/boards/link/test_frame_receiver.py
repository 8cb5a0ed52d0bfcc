"""bephw.boards.link.frame_receiver against RFC 1662 in plain Python."""

import random

import pytest
from amaranth.sim import Simulator

from bephw.boards.link.frame_receiver import FrameReceiver
from tests.host.model_board import frames_of, line_frame

SPACING = 9  # cycles between bytes: of a serial line at least 40, but for a start bit that comes early


def received(line):
    """What the component makes of a line: the content of each frame, and whether it is right."""
    dut, found, content = FrameReceiver(), [], bytearray()

    async def run(ctx):
        nonlocal content
        for byte in line:
            ctx.set(dut.received.payload, byte)
            for cycle in range(SPACING):
                ctx.set(dut.received.valid, cycle == 0)
                _, _, valid, value, ends, good = await ctx.tick().sample(dut.valid, dut.byte, dut.ends, dut.good)
                if valid:
                    assert cycle == 1
                    content.append(value)
                if ends:
                    found.append((bytes(content), bool(good)))
                    content = bytearray()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(run)
    simulator.run()
    return found


def test_frames_and_what_lies_between_them():
    body = bytes([1, 0x7E, 0x7D, 0x5E, 0x20, 0xFF])
    line = b"\x00\x13" + line_frame(body) + b"\x7e\x7e" + line_frame(b"x") + line_frame(b"y")[1:]
    assert [good for _, good in received(line)] == [False, True, True, True]
    assert received(line) == frames_of(line)


def test_a_frame_that_is_broken_off():
    """An escape before the flag, though all else is right."""
    line = line_frame(b"abc")[:-1] + b"\x7d\x7e" + line_frame(b"abc")
    assert [good for _, good in received(line)] == [False, True]


@pytest.mark.parametrize("seed", range(3))
def test_damaged_lines(seed):
    rng, line = random.Random(seed), bytearray()
    for _ in range(40):
        part = bytearray(
            line_frame(bytes(rng.choice((0x7E, 0x7D, rng.randrange(256))) for _ in range(rng.randrange(12))))
        )
        if rng.random() < 0.4:
            part[rng.randrange(len(part))] = rng.choice((0x7E, 0x7D, rng.randrange(256)))
        if rng.random() < 0.2:
            del part[rng.randrange(len(part))]
        line += part
    found = received(line)
    assert found == frames_of(line)
    assert {good for _, good in found} == {True, False}
