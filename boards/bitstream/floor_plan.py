"""Where the parts of a design lie on the chip: one character a tile, small enough for a report."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FloorPlan", "PlacedPart", "part_of", "read_floor_plan"]

MARKS = "abcdefghijklmnopqrstuvwxyz"
EMPTY = "."
RAMS = {"ICESTORM_RAM", "ICESTORM_SPRAM", "DP16KD", "SP", "SDP", "DP", "RAM"}
LOGIC = {
    "ICESTORM_LC", "TRELLIS_COMB",
    "LUT1", "LUT2", "LUT3", "LUT4", "ALU",
    "CPE_L2T4", "CPE_L2T5", "CPE_MX4", "CPE_ADDF", "CPE_ADDF2",
}  # fmt: skip
PLACE = re.compile(r"X(\d+)/?Y(\d+)/")
LAYER = re.compile(r"trainer\.layer_(\d+)\.")
# In this order, after the layers, the first whose beginning a cell's name has; what has none of them is the rest.
UNITS = (
    ("classifier", "trainer.classifier"),  # or all of them, where every layer has one
    ("sequencer", "trainer.sequencer."),
    ("registers and transfers", "trainer."),
    ("serial bridge", "bridge."),
)
REST = "clock, lights, carry ends"
FURTHER = "further layers"
LAYERS_APART = len(MARKS) - len(UNITS) - 2


@dataclass(frozen=True)
class PlacedPart:
    """A part of the design.

    Attributes:
        name: "layer 0", "classifier", "serial bridge", ...
        mark: the letter of its tiles.
        cells: its logic cells (iCE40) or LUTs.
        rams: its block RAMs and single-port RAMs.
    """

    name: str
    mark: str
    cells: int
    rams: int


@dataclass(frozen=True)
class FloorPlan:
    """A chip from above.

    Attributes:
        columns, rows: its size in tiles.
        parts: layers first; only those that have cells.
        tiles: a text a row, row 0 of nextpnr's coordinates first, a character a tile: the mark of the part with the
            most cells in it, as a capital where one of them is a RAM; "." where nothing is.
    """

    columns: int
    rows: int
    parts: list[PlacedPart]
    tiles: list[str]


def read_floor_plan(placed: Path, columns: int, rows: int) -> FloorPlan | None:
    """From the design that nextpnr writes with `--write`, for a chip of `columns` x `rows` tiles.

    None where the file is not as expected: no bitstream fails for want of a picture.
    """
    try:
        cells = json.loads(placed.read_text(encoding="utf-8"))["modules"]["top"]["cells"]
        found = [
            (part_of(name), cell["type"], int(place[1]), int(place[2]))
            for name, cell in cells.items()
            if cell["type"] in RAMS | LOGIC and (place := PLACE.match(cell["attributes"].get("NEXTPNR_BEL", "")))
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not found or any(x >= columns or y >= rows for _, _, x, y in found):
        return None
    return _floor_plan(found, columns, rows)


def part_of(cell: str) -> str:
    """The part that a cell belongs to, by its hierarchical name."""
    layer = LAYER.match(cell)
    if layer:
        return f"layer {layer[1]}" if int(layer[1]) < LAYERS_APART else FURTHER
    return next((name for name, beginning in UNITS if cell.startswith(beginning)), REST)


def _floor_plan(found: list[tuple[str, str, int, int]], columns: int, rows: int) -> FloorPlan:
    names = sorted({part for part, *_ in found}, key=_order)
    marks = dict(zip(names, MARKS, strict=False))
    kinds = Counter((part, kind in RAMS) for part, kind, _, _ in found)
    tiles: dict[tuple[int, int], Counter[str]] = {}
    for part, _, x, y in found:
        tiles.setdefault((x, y), Counter())[marks[part]] += 1
    rams = {(x, y) for _, kind, x, y in found if kind in RAMS}

    def mark(x: int, y: int) -> str:
        if (x, y) not in tiles:
            return EMPTY
        # Of parts with equally many cells the first in the order of marks, so that equal designs give equal pictures.
        most = min(tiles[x, y].items(), key=lambda item: (-item[1], item[0]))[0]
        return most.upper() if (x, y) in rams else most

    return FloorPlan(
        columns,
        rows,
        [PlacedPart(name, marks[name], kinds[name, False], kinds[name, True]) for name in names],
        ["".join(mark(x, y) for x in range(columns)) for y in range(rows)],
    )


def _order(name: str) -> tuple[int, int]:
    """Layers by number, then the units in their order."""
    if name.startswith("layer "):
        return 0, int(name.removeprefix("layer "))
    return 1, [FURTHER, *(unit for unit, _ in UNITS), REST].index(name)
