"""A placed ECP5 design, stretched over the rows of its die where more wires run along them than routers find room for.

nextpnr's placers know how many cells a tile holds, but not how many wires run past it. Unrolled networks are all
wires: placed densely in some rows, with others empty or nearly so, they came to no end in either router. Stretched
over all rows, router2 takes minutes. The wires along rows are what runs out first, and every row has as many as any
other.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Set
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
# Wires along rows, as long as their nets are wide, for each tile that is in use. Placed
# designs with 12 are routed as they are; with 21 and 43, router2 had not ended after 35 minutes, router1 not after 16.
CROWDED, ROOMY = 15, 12
FULL = 0.85  # of the tiles of a row in use, at most, before cells are moved to where there is one
# A row with so much of the fullest row's tiles in use moves as a whole, so that what was above each other stays so,
# which suits timing and wires; of rows with less, several may become one.
WHOLE = 0.75


def spread_rows(design: dict[str, Any], die: Die) -> int:
    """Stretch a placed design, as nextpnr writes it (JSON), over the rows of its die; if there are more than `CROWDED`
    wires for a tile in use.

    Every row gets as much room as it has tiles in use: until there are no more than `ROOMY` wires for a tile of the
    stretched design, or as far as the die has rows. Full rows move as wholes; rows with few tiles become fewer. All
    logic of a tile moves to another one of the same column, with the tiles that it shares a carry chain with, and rows
    keep their order but for tiles that have to make way.
    Everything that is not logic stays: meant for designs without block RAMs and multipliers.

    Changes the design in place and returns the number of tiles that moved: 0 where it is not crowded.
    """
    cells = design["modules"]["top"]["cells"]
    wires, tiles = _wires_along_rows(cells), _tiles(cells)
    used = Counter(y for _, y in tiles)
    if wires <= CROWDED * len(tiles):
        return 0
    full, columns = {y for y, count in used.items() if count >= WHOLE * max(used.values())}, {x for x, _ in tiles}
    # Where tiles that are tied find no row with room for all of them, whole rows do.
    for whole in (full, used.keys()):
        targets = _targets(used, whole, len(columns), wires / (ROOMY * len(tiles)), len(die.logic_rows))
        if moved := _placed(_tied(cells, tiles, whole), targets, die.logic_rows):
            break
    for cell in cells.values():
        if found := LOGIC.fullmatch(cell["attributes"][PLACE]):
            row = moved[int(found["x"]), int(found["y"])]
            cell["attributes"][PLACE] = f"X{found['x']}/Y{row}/{found['cell']}"
    return sum(y != row for (_, y), row in moved.items())


def _tiles(cells: dict[str, Cell]) -> set[Tile]:
    """Those with logic."""
    places = (LOGIC.fullmatch(cell["attributes"][PLACE]) for cell in cells.values())
    return {(int(place["x"]), int(place["y"])) for place in places if place}


def _wires_along_rows(cells: dict[str, Cell]) -> int:
    """How much wire runs along all rows together, in tiles, if a net has as much as it is wide."""
    spans: dict[int, tuple[int, int]] = {}
    for cell in cells.values():
        found = LOGIC.fullmatch(cell["attributes"][PLACE])
        if not found:
            continue
        x = int(found["x"])
        for pin, bits in cell["connections"].items():
            for bit in bits:
                if pin != CLOCK and isinstance(bit, int):
                    left, right = spans.get(bit, (x, x))
                    spans[bit] = min(left, x), max(right, x)
    return sum(right - left for left, right in spans.values())


def _targets(used: Mapping[int, int], whole: Set[int], columns: int, stretch: float, room: int) -> dict[int, float]:
    """For each row in use, where on the die its middle shall be, counted in rows of logic from the first one.

    A row whose tiles are all in use becomes `stretch` rows high, others less, but at least as high as their tiles are;
    where that is more than there is, all are stretched less.
    """
    least = {row: 1 if row in whole else count / (FULL * columns) for row, count in sorted(used.items())}

    def heights(stretch: float) -> list[float]:
        return [max(height, stretch * used[row] / max(used.values())) for row, height in least.items()]

    if sum(heights(stretch)) > room:
        tried, stretch = stretch / 2, 0.0
        for _ in range(50):
            stretch += tried if sum(heights(stretch + tried)) <= room else 0
            tried /= 2
    found = heights(stretch)
    begins = itertools.accumulate(found, initial=(room - sum(found)) / 2)
    return {row: begin + (height - 1) / 2 for row, height, begin in zip(least, found, begins, strict=False)}


def _tied(cells: dict[str, Cell], tiles: set[Tile], whole: Set[int]) -> list[list[Tile]]:
    """Tiles that stay beside each other, from left to right: those of a whole row, and those of a carry chain. The
    others by themselves."""
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
    rows = {y: [tile for tile in sorted(tiles) if tile[1] == y] for y in whole}
    group = {(x, y): rows.get(y) or [(x, y)] for x, y in sorted(tiles)}
    for bit, tile in readers:
        one, other = group[tile], group.get(drivers.get(bit, tile), group[tile])
        if one is not other:
            one += other
            group |= dict.fromkeys(other, one)
    return [sorted(tied) for tied in {id(tied): tied for tied in group.values()}.values()]


def _placed(groups: list[list[Tile]], targets: Mapping[int, float], rows: list[int]) -> dict[Tile, int]:
    """The row of each tile: the nearest one to its target in which all of its group's columns are still free. Nothing
    where a group finds none."""
    free, moved = defaultdict[int, set[int]](lambda: set(range(len(rows)))), dict[Tile, int]()
    # Longer groups first, as they are harder to place.
    for group in sorted(groups, key=lambda group: (-len(group), group)):
        target, columns = targets[group[0][1]], [x for x, _ in group]
        places = set.intersection(*(free[x] for x in columns))
        if not places:
            return {}
        place = min(places, key=lambda row: (abs(row - target), row))
        for x in columns:
            free[x].remove(place)
        moved |= dict.fromkeys(group, rows[place])
    return moved
