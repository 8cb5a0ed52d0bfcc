"""The walk over the slices against shape.slices."""

import pytest
from hypothesis import given, settings

from bephw.rtl_gen.backward.slice_walk import SliceWalk, straddled
from bephw.shape import LayerShape
from tests.rtl_gen.backward.geometries import geometries


def place_of(shape, gamma, outputs, beat):
    """What is promised of a slice, by position, and its beat."""
    width = shape.slice_width(gamma)
    inside = [position < len(outputs) for position in range(width)]
    return {
        "beat": beat,
        "row": (outputs.start // shape.rows, outputs.start % shape.rows) if outputs else None,
        "inside": inside,
        "early": [outputs.start // gamma == (outputs.start + position) // gamma for position in range(len(outputs))],
        "ends": any((j + 1) % gamma == 0 for j in outputs),
    }


def seen(dut, ctx, outputs):
    def bits(value, count):
        return [bool(value >> at & 1) for at in range(count)]

    place = ctx.get(dut.place)
    return {
        "beat": ctx.get(dut.beat),
        "row": (place.row.group, place.row.bank) if outputs else None,
        "inside": bits(place.inside, len(dut.place.inside)),
        "early": bits(place.early, len(outputs)),
        "ends": bool(place.ends),
    }


def check_walk(bench, shape, gamma):
    dut = SliceWalk(shape, gamma)
    b = bench(dut)
    slices, parts = shape.slices(gamma), shape.parts(gamma)

    async def walk(ctx):
        for step in range(2 * len(slices) + 1):
            at = step % len(slices)
            while b.random.random() < 0.2:
                await ctx.tick()
            assert seen(dut, ctx, slices[at]) == place_of(shape, gamma, slices[at], at // parts)
            assert ctx.get(dut.part) == at % parts
            assert ctx.get(dut.final) == (at == len(slices) - 1)
            ctx.set(dut.step, 1)
            await ctx.tick()
            ctx.set(dut.step, 0)

    b.script(walk)


@settings(max_examples=60)
@given(geometry=geometries())
def test_every_slice_in_order(bench, geometry):
    check_walk(bench, *geometry)


@settings(max_examples=200)
@given(geometry=geometries())
def test_positions_before_the_straddled_one_are_of_one_group(geometry):
    shape, gamma = geometry
    first = straddled(shape, gamma)
    positions = {
        position
        for outputs in shape.slices(gamma)
        for position, j in enumerate(outputs)
        if j // gamma != outputs.start // gamma
    }
    assert first == min(positions, default=0)


@pytest.mark.parametrize(
    ("outputs", "rows", "inputs", "gamma"),
    [(255, 16, 784, 51), (10, 3, 6, 5), (9, 4, 2, 3), (1, 1, 2, 1), (64, 64, 2, 16)],
)
def test_named_geometries(bench, outputs, rows, inputs, gamma):
    check_walk(bench, LayerShape(0, inputs, outputs, rows, 64 if inputs > 100 else 2, 1), gamma)
