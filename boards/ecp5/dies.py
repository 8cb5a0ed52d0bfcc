"""Where an ECP5 die has its block RAMs and its logic, in nextpnr's coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DIES", "Die"]

EDGE = 2  # rows at the top and at the bottom without logic


@dataclass(frozen=True)
class Die:
    """Rows and columns of tiles.

    Attributes:
        columns: four block RAMs come after each of them, two tiles apart, in every row of `rows`.
        rows: of block RAMs.
        multiplier_rows: those of the multipliers. All other rows but the outermost two are logic from end to end.
        height: the number of all rows.
    """

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    multiplier_rows: tuple[int, ...]
    height: int

    @property
    def sites(self) -> list[tuple[int, int, str]]:
        """x, y and nextpnr's name of each block RAM."""
        places = [(x + 2 * place, place) for x in self.columns for place in range(4)]
        return [(x, y, f"X{x}/Y{y}/EBR{place}") for y in self.rows for x, place in places]

    @property
    def logic_rows(self) -> list[int]:
        """From top to bottom. Each has tiles in the same columns."""
        others = {*self.rows, *self.multiplier_rows}
        return [row for row in range(EDGE, self.height - EDGE) if row not in others]


# Found by asking nextpnr to place as many as there are.
_25K = Die((*range(4, 23, 9), *range(33, 61, 9)), (25, 37), (13,), 51)
_45K = Die((*range(4, 32, 9), *range(42, 79, 9)), (10, 34, 58), (22, 46), 72)
_85K = Die((*range(4, 59, 9), *range(69, 115, 9)), (22, 46, 70, 82), (10, 34, 58), 96)
# By nextpnr's option. LFE5U, -UM and -UM5G have the same dies, and LFE5U-12F that of the 25F.
DIES: Mapping[str, Die] = {
    "--12k": _25K,
    **{
        f"--{family}{size}": die
        for family in ("", "um-", "um5g-")
        for size, die in (("25k", _25K), ("45k", _45K), ("85k", _85K))
    },
}
