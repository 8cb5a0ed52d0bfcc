"""Foldings that differ a little from one that is good already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from bephw.plan.folding import WIDEST_STREAM, Folding, arrays
from bephw.settings import Settings
from bephw.shape import ceil_div

__all__ = ["neighbours"]

# An array's neighbours take so much of its cycles.
FASTER, SLOWER = (0.93, 0.85, 0.75, 0.6), (1.08, 1.2, 1.4, 1.8)
ALIKE, ALIKE_IN_PAIRS = 8, 2  # arrays for as many cycles that are compared, those with the fewest lanes


def neighbours(folding: Folding, settings: Settings) -> Iterator[Folding]:
    """Foldings one step away: another width of a layer's counter words or of the stream, another array in one layer, or
    a faster one in one layer and a slower one in another, which share what the first gives up. None twice."""
    seen = {folding}
    for found in _steps(folding, settings):
        if found not in seen:
            seen.add(found)
            yield found


def _steps(folding: Folding, settings: Settings) -> Iterator[Folding]:
    matrices = range(len(folding.rows))
    yield from _streams(folding, settings)
    for layer in matrices:
        yield from _words(folding, layer)
        for array in _arrays(folding, settings, layer, FASTER + SLOWER, ALIKE):
            yield from _words(_with_array(folding, layer, array), layer)
    for first, second in permutations(matrices, 2):
        slower = list(_arrays(folding, settings, second, SLOWER, ALIKE_IN_PAIRS))
        for array in _arrays(folding, settings, first, FASTER, ALIKE_IN_PAIRS):
            changed = _with_array(folding, first, array)
            for other in slower:
                yield _with_array(changed, second, other)


def _streams(folding: Folding, settings: Settings) -> Iterator[Folding]:
    """Half and twice as wide."""
    for width in (folding.stream_width // 2, folding.stream_width * 2):
        if 1 <= width <= min(WIDEST_STREAM, settings.network.sizes[0]):
            yield replace(folding, stream_width=width)


def _words(folding: Folding, layer: int) -> Iterator[Folding]:
    """The folding itself, and with the next narrower and the next wider counter words in one layer."""
    yield folding
    if layer < len(folding.update_columns):
        columns, width = folding.columns[layer], folding.update_columns[layer]
        divisors = [number for number in range(1, columns + 1) if columns % number == 0]
        place = divisors.index(width)
        for other in divisors[max(place - 1, 0) : place + 2]:
            widths = list(folding.update_columns)
            widths[layer] = other
            yield replace(folding, update_columns=tuple(widths))


def _arrays(
    folding: Folding, settings: Settings, layer: int, paces: tuple[float, ...], alike: int
) -> Iterator[tuple[int, int]]:
    """Other arrays of one layer."""
    shape = (*settings.shapes, settings.classifier_shape)[layer]
    rows, columns = folding.rows[layer], folding.columns[layer]
    cycles = ceil_div(shape.outputs, rows) * ceil_div(shape.inputs, columns)
    for pace in paces:
        for array in arrays(shape.outputs, shape.inputs, max(1, round(cycles * pace)))[:alike]:
            if array != (rows, columns):
                yield array


def _with_array(folding: Folding, layer: int, array: tuple[int, int]) -> Folding:
    """With another array in one layer, whose counter words are as wide as before, or as the columns allow next."""
    rows, columns, widths = list(folding.rows), list(folding.columns), list(folding.update_columns)
    rows[layer], columns[layer] = array
    if layer < len(widths):
        divisors = [number for number in range(1, array[1] + 1) if array[1] % number == 0]
        widths[layer] = min(divisors, key=lambda number: abs(number - widths[layer]))
    return replace(folding, rows=tuple(rows), columns=tuple(columns), update_columns=tuple(widths))
