"""The memory of thresholds: its words, and when it shows them."""

import random

import pytest

from bephw.rtl_gen.forward.thresholds import ThresholdMemory, threshold_width, threshold_words
from bephw.shape import LayerShape


def random_thresholds(shape, chance):
    """Of the whole range, its ends included."""
    ends = [-shape.inputs, shape.inputs + 1]
    return [chance.choice([*ends, chance.randint(*ends)]) for _ in range(shape.outputs)]


def fields(word, shape):
    width = threshold_width(shape)
    values = [(word >> (place * width)) & ((1 << width) - 1) for place in range(shape.scan)]
    return [value - (value >> (width - 1) << width) for value in values]


@pytest.mark.parametrize("inputs", [1, 2, 3, 7, 8, 784, 65_535])
def test_every_threshold_has_room(inputs):
    """Also K_in + 1 where K_in is all ones in binary."""
    shape = LayerShape(0, inputs, 3, 3, inputs, 1)
    (word,) = threshold_words([-inputs, inputs + 1, 0], shape)
    assert fields(word, shape) == [-inputs, inputs + 1, 0]
    assert word < 1 << (3 * threshold_width(shape))


@pytest.mark.parametrize(
    ("outputs", "rows", "words"), [(2, 1, 1), (5, 1, 1), (7, 3, 1), (8, 4, 2), (9, 8, 1), (9, 8, 3), (13, 5, 2)]
)
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_shows_beats_in_turn(bench, outputs, rows, words, stall):
    shape = LayerShape(0, words * 5, outputs, rows, 5, 5)
    thresholds = random_thresholds(shape, random.Random(outputs))
    expected = [[thresholds[j] for j in beat] + [0] * (shape.scan - len(beat)) for beat in shape.all_beats()]
    b = bench(dut := ThresholdMemory(shape, thresholds), seed=rows)
    shown = []

    async def step(ctx):
        await b.wait(ctx, 1)
        for _ in range(3 * len(expected)):
            while b.random.random() < stall:
                await b.wait(ctx, 1)
            shown.append(fields(ctx.get(dut.values), shape))
            ctx.set(dut.advance, 1)
            await b.wait(ctx, 1)
            ctx.set(dut.advance, 0)

    b.process(step)
    b.run(lambda: len(shown) == 3 * len(expected))
    assert shown == expected * 3
