"""Prototypes: initial content, loading, dumping, and both ways to read."""

import numpy as np
import pytest

from bephw.rtl_gen.classifier.prototypes import PrototypeMemory
from bephw.shape import LayerShape

SHAPES = [(1, 2, 1, 1), (8, 4, 2, 4), (7, 5, 2, 3), (10, 3, 3, 4), (5, 10, 1, 5), (9, 7, 4, 2)]


def shape_of(size):
    inputs, classes, rows, columns = size
    return LayerShape(1, inputs, classes, rows, columns, 1)


async def start(ctx, signal):
    ctx.set(signal, 1)
    await ctx.tick()
    ctx.set(signal, 0)


async def check_reads(ctx, dut, shape, prototypes):
    """Every word by class, and every word of every bank, two cycles after its address; padding reads as ones.

    Both addresses change every cycle.
    """
    positions = [(row, word) for row in range(shape.outputs) for word in range(shape.words)]
    asked = []
    for position in [*positions, *positions[::-1], None, None]:
        if position is not None:
            row, word = position
            ctx.set(dut.row_class, row)
            ctx.set(dut.row_word, word)
            ctx.set(dut.forward.address, row // shape.rows * shape.words + word)
        asked.append(position)
        await ctx.tick()
        if len(asked) < 2 or asked[-2] is None:
            continue
        row, word = asked[-2]
        part = prototypes[row][word * shape.columns : (word + 1) * shape.columns]
        expected = [*part, *[1] * (shape.columns - len(part))]
        for found in (ctx.get(dut.row_data), ctx.get(dut.forward.data[row % shape.rows])):
            assert [(found >> lane) & 1 for lane in range(shape.columns)] == expected


@pytest.mark.parametrize("size", SHAPES)
def test_initial_content(bench, size):
    shape = shape_of(size)
    prototypes = np.random.default_rng(size[0]).integers(0, 2, (shape.outputs, shape.inputs)).astype(np.uint8)
    dut = PrototypeMemory(shape, prototypes)
    b = bench(dut)

    async def script(ctx):
        await check_reads(ctx, dut, shape, prototypes.tolist())

    b.script(script)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_load_and_dump_twice(bench, size, stall):
    shape = shape_of(size)
    dut = PrototypeMemory(shape)
    b = bench(dut, seed=size[0])
    count = shape.inputs * shape.outputs
    matrices = [[[b.random.randrange(2) for _ in range(shape.inputs)] for _ in range(shape.outputs)] for _ in range(2)]
    # One element too many: a transfer takes its own and no more.
    elements = [-bit for matrix in matrices for row in matrix for bit in row] + [0]
    source, sink = b.source(dut.transfer.loads, elements, stall), b.sink(dut.transfer.dumps, stall)
    finished = []

    async def script(ctx):
        for number, matrix in enumerate(matrices, 1):
            await b.wait(ctx, 10)
            assert not ctx.get(dut.transfer.busy)
            await start(ctx, dut.transfer.load)
            while ctx.get(dut.transfer.busy):
                await ctx.tick()
            assert len(source.taken) == number * count
            sink.beats.clear()
            await check_reads(ctx, dut, shape, matrix)
            await start(ctx, dut.transfer.dump)
            while ctx.get(dut.transfer.busy):
                await ctx.tick()
            await b.wait(ctx, 3)
            assert [abs(element) for element in sink.beats] == [bit for row in matrix for bit in row]
            await check_reads(ctx, dut, shape, matrix)
        finished.append(1)

    b.process(script)
    b.run(lambda: finished)
