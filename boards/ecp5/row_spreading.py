"""Rows of a placed ECP5 design, moved apart where more wires run along them than routers find room for.

nextpnr's placers know how many cells a tile holds, but not how many wires run past it. Unrolled networks are all
wires: placed on a part of the die, with the rest of it empty, they came to no end in either router. Their rows moved
apart, router2 takes minutes. The wires along rows are what runs out first, and every row that stays empty has as many
as any other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from bephw.boards.ecp5.dies import Die

__all__ = ["CROWDED", "spread_rows"]

Cell = dict[str, Any]
LOGIC = re.compile(r"X(?P<x>\d+)/Y(?P<y>\d+)/(?P<cell>SLICE.*)")
PLACE = "NEXTPNR_BEL"
CLOCK = "CLK"  # on wires of its own
# Wires along a row, as long as the boxes around their nets are wide, for each tile of the row that is in use. Placed
# designs with 12 are routed without detours, with 15 to 25 router2 takes minutes, with 21 to 43 neither ends.
CROWDED, ROOMY = 15, 12


def spread_rows(design: dict[str, Any], die: Die) -> int:
    """Move the rows of a placed design, as nextpnr writes it (JSON), apart; if there are more than `CROWDED` wires for
    a tile in use.

    All logic of a row moves to the same other row, in the same columns, so that carry chains and what shares a tile
    stay together; the order of the rows is kept, but neighbours with no column in common may become one. The more wires
    run along a row, the more room it gets, up to `ROOMY` wires for a tile, or as far as the die has rows. Everything
    that is not logic stays: meant for designs without block RAMs and multipliers.

    Changes the design in place and returns the number of rows that moved: 0 where it is not crowded.
    """
    module = design["modules"]["top"]
    wires, tiles = _wires_along(module["cells"]), _tiles(module["cells"])
    if sum(wires.values()) <= CROWDED * sum(map(len, tiles.values())):
        return 0
    # A row in which few tiles are in use has the wires above and below its neighbours, too.
    width = max(map(len, tiles.values()))
    groups = _without_columns_in_common(tiles)
    wanted = [max(1.0, sum(wires[row] for row in group) / (ROOMY * width)) for group in groups]
    places = zip(groups, _spaced(wanted, die.logic_rows), strict=True)
    moved = {row: to for group, to in places for row in group}
    for cell in module["cells"].values():
        if found := LOGIC.fullmatch(cell["attributes"][PLACE]):
            cell["attributes"][PLACE] = f"X{found['x']}/Y{moved[int(found['y'])]}/{found['cell']}"
    return sum(row != to for row, to in moved.items())


def _tiles(cells: dict[str, Cell]) -> dict[int, set[int]]:
    """The columns of a row's tiles that are in use, by the row."""
    tiles = defaultdict(set)
    for cell in cells.values():
        if found := LOGIC.fullmatch(cell["attributes"][PLACE]):
            tiles[int(found["y"])].add(int(found["x"]))
    return tiles


def _wires_along(cells: dict[str, Cell]) -> dict[int, float]:
    """How much wire runs along each row, if a net's wires along rows are as long as the box around it is wide, and
    equally distributed among the box's rows."""
    boxes: dict[int, tuple[int, int, int, int]] = {}
    for cell in cells.values():
        found = LOGIC.fullmatch(cell["attributes"][PLACE])
        if not found:
            continue
        x, y = int(found["x"]), int(found["y"])
        for pin, bits in cell["connections"].items():
            for bit in bits:
                if pin != CLOCK and isinstance(bit, int):
                    left, right, top, bottom = boxes.get(bit, (x, x, y, y))
                    boxes[bit] = min(left, x), max(right, x), min(top, y), max(bottom, y)
    wires = defaultdict(float)
    for left, right, top, bottom in boxes.values():
        for row in range(top, bottom + 1):
            wires[row] += (right - left) / (bottom - top + 1)
    return wires


def _without_columns_in_common(tiles: dict[int, set[int]]) -> list[list[int]]:
    """The rows, and neighbours that fit into one row together: some cells lie far from all others, near their pins."""
    groups: list[list[int]] = []
    taken: set[int] = set()
    for row in sorted(tiles):
        if groups and taken.isdisjoint(tiles[row]):
            groups[-1].append(row)
            taken = taken | tiles[row]
        else:
            groups.append([row])
            taken = tiles[row]
    return groups


def _spaced(wanted: list[float], rows: list[int]) -> list[int]:
    """For each group of rows, to which of `rows` it moves: the order is kept, and each is as high as it is wanted, or,
    where that is too much, all are shrunk by the same factor, though none to less than one row."""
    room, factor = len(rows), 1.0
    if sum(wanted) > room:
        least, most = 0.0, 1.0
        for _ in range(50):
            factor = (least + most) / 2
            fits = sum(max(1.0, factor * height) for height in wanted) <= room
            least, most = (factor, most) if fits else (least, factor)
        factor = least
    heights = [max(1.0, factor * height) for height in wanted]
    # In the middle of its own rows, and the whole in the middle of the die.
    begin, moved, last = (room - sum(heights)) / 2, list[int](), -1
    for number, height in enumerate(heights):
        after = len(heights) - number - 1
        last = min(max(last + 1, int(begin + (height - 1) / 2 + 0.5)), room - after - 1)
        moved.append(rows[last])
        begin += height
    return moved
