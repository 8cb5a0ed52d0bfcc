"""The vectors [x_t, s_(t-1)] of a cell, word by word, from what came in and what the steps left."""

import pytest

from bephw.rtl_gen.recurrent.series_memory import SeriesMemory, input_words
from bephw.shape import LayerShape

# Inputs of a step, states, columns: a word that holds both, whole words, one word of all, one bit each.
SIZES = [(5, 8, 4), (8, 4, 4), (3, 4, 7), (1, 1, 1), (2, 9, 3), (9, 2, 5)]


def words_of(bits, columns):
    padded = bits + [0] * (-len(bits) % columns)
    return [
        sum(bit << lane for lane, bit in enumerate(padded[at : at + columns])) for at in range(0, len(padded), columns)
    ]


@pytest.mark.parametrize(("inputs", "states", "columns"), SIZES)
@pytest.mark.parametrize(("steps", "slots"), [(1, 2), (3, 3)])
def test_vectors(bench, inputs, states, columns, steps, slots):
    shape = LayerShape(0, inputs + states, states, 1, columns, 1, steps, slots)
    dut = SeriesMemory(shape, 2)
    b = bench(dut, seed=inputs)

    def random_bits(count):
        return [b.random.randrange(2) for _ in range(count)]

    x = [[random_bits(inputs) for _ in range(steps)] for _ in range(slots)]
    # What the first step reads is not stored.
    left = [[[1] * states, *(random_bits(states) for _ in range(steps - 1))] for _ in range(slots)]
    skipped = inputs % columns
    word_bits, step_bits = ((size - 1).bit_length() for size in (shape.words, steps))

    async def write(ctx, name, slot, step, words):
        for index, word in enumerate(words):
            for field, value in (("write", 1), ("at", {"slot": slot, "step": step}), ("word", index), ("data", word)):
                ctx.set(getattr(dut, f"{name}_{field}"), value)
            await ctx.tick()
        ctx.set(getattr(dut, f"{name}_write"), 0)

    async def script(ctx):
        for slot in range(slots):
            for step in range(steps):
                await write(ctx, "x", slot, step, words_of(x[slot][step], columns))
                if step:
                    await write(ctx, "state", slot, step, words_of([0] * skipped + left[slot][step], columns))
        for _ in range(30):
            asked = [(b.random.randrange(slots), b.random.randrange(steps)) for _ in range(2)]
            word = b.random.randrange(shape.words)
            for number, (slot, step) in enumerate(asked):
                reader = getattr(dut, f"reader_{number}")
                ctx.set(reader.index, word | step << word_bits | slot << word_bits + step_bits)
                ctx.set(reader.read, 1)
            await ctx.tick()
            for number, (slot, step) in enumerate(asked):
                found = ctx.get(getattr(dut, f"reader_{number}").data)
                told = [0] * inputs if number == 1 else x[slot][step]
                assert found == words_of(told + left[slot][step], columns)[word]

    b.script(script)


@pytest.mark.parametrize(("inputs", "states", "columns"), SIZES)
def test_input_words(inputs, states, columns):
    shape = LayerShape(0, inputs + states, states, 1, columns, 1, 2)
    assert input_words(shape) == len(words_of([1] * inputs, columns))
