"""bephw.boards.link.sample_words: any number of bits into words of any width."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from bephw.boards.link.sample_words import SampleWords


def words_of(bits, width):
    """The words that a trainer expects."""
    padded = np.zeros(-(-len(bits) // width) * width, int)
    padded[: len(bits)] = bits
    return [sum(int(bit) << index for index, bit in enumerate(word)) for word in padded.reshape(-1, width)]


@pytest.mark.parametrize(("inputs", "width"), [(8, 8), (9, 8), (1, 1), (3, 8), (20, 7), (17, 32), (64, 16), (13, 13)])
def test_words(inputs, width):
    samples = np.random.default_rng(inputs).integers(0, 2, (3, inputs))
    cut, found = SampleWords(inputs, width), []
    in_sample = -(-inputs // width)
    expected = [word for sample in samples for word in words_of(sample, width)]

    async def source(ctx):
        for sample in samples:
            # Surplus bits of the last byte must not matter.
            packed = np.packbits([*sample, *[1] * (-inputs % 8)], bitorder="little")
            for byte in packed:
                ctx.set(cut.bytes.payload, int(byte))
                ctx.set(cut.bytes.valid, 1)
                await ctx.tick().until(cut.bytes.ready)
        ctx.set(cut.bytes.valid, 0)

    async def sink(ctx):
        stall = 0
        while len(found) < len(expected):
            stall = (stall * 5 + 3) % 7
            ctx.set(cut.words.ready, 0)
            await ctx.tick().repeat(stall + 1)
            ctx.set(cut.words.ready, 1)
            word, last = await ctx.tick().sample(cut.words.payload, cut.last).until(cut.words.valid)
            found.append((word, bool(last)))

    simulator = Simulator(cut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(source)
    simulator.add_testbench(sink)
    simulator.run_until(0.01)
    assert [word for word, _ in found] == expected
    assert [last for _, last in found] == [index % in_sample == in_sample - 1 for index in range(len(expected))]
