"""bephw.boards.link.reply_window against a list."""

import random

import pytest
from amaranth.sim import Simulator

from bephw.boards.link.reply_window import ReplyWindow

SIZE = 32


@pytest.mark.parametrize("registered", [False, True])
def test_replies_are_sent_and_sent_again(registered):
    dut, rng = ReplyWindow(SIZE, registered=registered), random.Random(1)
    replies, position, again = [], 0, 0

    async def run(ctx):
        nonlocal position, again
        for _ in range(3000):
            # As a host that is served: it never waits for more than there is room for.
            new = rng.random() < 0.4 and len(replies) - position < SIZE
            back = rng.randrange(min(SIZE - (len(replies) + new - position), position) + 1) if rng.random() < 0.1 else 0
            advance = not back and position < len(replies) and rng.random() < 0.5
            byte = rng.randrange(256)
            ctx.set(dut.replies.valid, new)
            ctx.set(dut.replies.payload, byte)
            ctx.set(dut.again, back > 0)
            ctx.set(dut.following, (position - back) % 4096)
            ctx.set(dut.advance, advance)
            await ctx.tick()
            replies.extend([byte] * new)
            position += advance - back
            again += back > 0
            for name in ("again", "advance"):
                ctx.set(getattr(dut, name), 0)
            ctx.set(dut.replies.valid, 0)
            await ctx.tick().repeat(1 + registered)
            assert ctx.get(dut.position) == position % 4096
            assert ctx.get(dut.waiting) == (position < len(replies))
            if position < len(replies):
                assert ctx.get(dut.byte) == replies[position]

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(run)
    simulator.run()
    assert len(replies) > 10 * SIZE and again > 100
