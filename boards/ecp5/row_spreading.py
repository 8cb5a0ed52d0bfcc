"""A placed ECP5 design, stretched over the rows of its die where more wires run along them than routers find room for.

nextpnr's placers know how many cells a tile holds, but not how many wires run past it. Unrolled networks are all
wires: placed densely in some rows, with others empty or nearly so, they came to no end in either router. Stretched so
that every row has as many wires, router2 takes minutes. The wires along rows are what runs out first, and every row
has as many as any other.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from bephw.boards.ecp5.dies import Die

__all__ = ["CROWDED", "spread_rows"]

Cell = dict[str, Any]
Tile = tuple[int, int]
"""x and y."""
LOGIC = re.compile(r"X(?P<x>\d+)/Y(?P<y>\d+)/(?P<cell>SLICE.*)")
PLACE = "NEXTPNR_BEL"
CLOCK = "CLK"  # on wires of its own
TIES = ("FCI", "FXA", "FXB")  # pins that have no wires but those from a neighbour
# Wires along a row, as long as the boxes around their nets are wide, for each tile of the row that is in use. Placed
# designs with 12 are routed as they are; with 21 and 43, router2 had not ended after 35 minutes, router1 not after 16.
CROWDED, ROOMY = 15, 12
FULL = 0.85  # of the tiles of a row in use, at most, before cells are moved to where there is one


def spread_rows(design: dict[str, Any], die: Die) -> int:
    """Stretch a placed design, as nextpnr writes it (JSON), over the rows of its die; if there are more than `CROWDED`
    wires for a tile in use.

    The more wires run along a row, the more room it gets, up to `ROOMY` wires for a tile, or as far as the die has
    rows; rows with few wires and few cells become fewer. All logic of a tile moves to another one of the same column,
    with the tiles that it shares a carry chain with, and rows keep their order but for tiles that have to make way.
    Everything that is not logic stays: meant for designs without block RAMs and multipliers.

    Changes the design in place and returns the number of tiles that moved: 0 where it is not crowded.
    """
    cells = design["modules"]["top"]["cells"]
    wires, tiles = _wires_along(cells), _tiles(cells)
    used = Counter(y for _, y in tiles)
    if sum(wires.values()) <= CROWDED * len(tiles):
        return 0
    targets = _targets(wires, used, len({x for x, _ in tiles}), len(die.logic_rows))
    moved = _placed(_tied(cells, tiles), targets, die.logic_rows)
    for cell in cells.values():
        if found := LOGIC.fullmatch(cell["attributes"][PLACE]):
            row = moved[int(found["x"]), int(found["y"])]
            cell["attributes"][PLACE] = f"X{found['x']}/Y{row}/{found['cell']}"
    return sum(y != row for (_, y), row in moved.items())


def _tiles(cells: dict[str, Cell]) -> set[Tile]:
    """Those with logic."""
    places = (LOGIC.fullmatch(cell["attributes"][PLACE]) for cell in cells.values())
    return {(int(place["x"]), int(place["y"])) for place in places if place}


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
    wires = defaultdict[int, float](float)
    for left, right, top, bottom in boxes.values():
        for row in range(top, bottom + 1):
            wires[row] += (right - left) / (bottom - top + 1)
    return wires


def _targets(wires: Mapping[int, float], used: Mapping[int, int], columns: int, room: int) -> dict[int, float]:
    """For each row in use, where on the die its middle shall be, counted in rows of logic from the first one.

    A row is as high as its wires want, and at least as its tiles do; where that is more than there is, all wires get
    the same share of what they want.
    """
    # A row in which few tiles are in use has the wires above and below its neighbours, too.
    width = max(used.values())
    least = {row: count / (FULL * columns) for row, count in sorted(used.items())}

    def heights(share: float) -> list[float]:
        return [max(height, share * wires[row] / (ROOMY * width)) for row, height in least.items()]

    share, tried = 1.0, 0.5
    if sum(heights(share)) > room:
        share = 0.0
        for _ in range(50):
            share += tried if sum(heights(share + tried)) <= room else 0
            tried /= 2
    found = heights(share)
    begins = itertools.accumulate(found, initial=(room - sum(found)) / 2)
    return {row: begin + (height - 1) / 2 for row, height, begin in zip(least, found, begins, strict=False)}


def _tied(cells: dict[str, Cell], tiles: set[Tile]) -> list[list[Tile]]:
    """Tiles that stay beside each other, from left to right: those of a carry chain. The others by themselves."""
    drivers, readers = dict[int, Tile](), list[tuple[int, Tile]]()
    for cell in cells.values():
        if not (found := LOGIC.fullmatch(cell["attributes"][PLACE])):
            continue
        tile = int(found["x"]), int(found["y"])
        for pin, bits in cell["connections"].items():
            if cell["port_directions"][pin] == "output":
                drivers |= dict.fromkeys(bits, tile)
            elif pin in TIES:
                readers += [(bit, tile) for bit in bits]
    group = {tile: [tile] for tile in sorted(tiles)}
    for bit, tile in readers:
        one, other = group[tile], group.get(drivers.get(bit, tile), group[tile])
        if one is not other:
            one += other
            group |= dict.fromkeys(other, one)
    return [sorted(tied) for tied in {id(tied): tied for tied in group.values()}.values()]


def _placed(groups: list[list[Tile]], targets: Mapping[int, float], rows: list[int]) -> dict[Tile, int]:
    """The row of each tile: the nearest one to its target in which all of its group's columns are still free."""
    free, moved = defaultdict[int, set[int]](lambda: set(range(len(rows)))), dict[Tile, int]()
    # Longer groups first, as they are harder to place.
    for group in sorted(groups, key=lambda group: (-len(group), group)):
        target, columns = targets[group[0][1]], [x for x, _ in group]
        place = min(set.intersection(*(free[x] for x in columns)), key=lambda row: (abs(row - target), row))
        for x in columns:
            free[x].remove(place)
        moved |= dict.fromkeys(group, rows[place])
    return moved
