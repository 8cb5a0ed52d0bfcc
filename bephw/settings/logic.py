"""Section `[logic]`: networks of logic gates."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bephw.limits import LARGEST_SIZE
from bephw.settings.section import Float, Int, Section

__all__ = ["Logic"]


class Logic(Section):
    """A network of two-input gates (`learning.algorithm` "logic"); batch, epochs and seed are `learning`'s.

    `tau`: class scores are numbers of active outputs divided by this; None is a third of the square root of the outputs
    a class. `connections`: every output of a layer is read as often as any other, or once more ("balanced"); pairs of
    neighbours first, then of ever larger distance, no pair twice ("unique"); drawn for each gate ("random"); or as
    "balanced", but from near by ("local"), so that large networks can be routed: signals of a layer fill a square, row
    by row, and a gate reads what lies within half of `reach` sides of it, or about so.
    `initial`: gates begin as wires that pass on their first input, nearly ("residual"), or as a random mixture
    ("normal"). `levels`: so many gates lie between two registers of the hardware.
    """

    LATER = frozenset({"reach"})
    tau: Float | None = Field(default=None, gt=0, le=LARGEST_SIZE)
    connections: Literal["balanced", "unique", "random", "local"] = "balanced"
    reach: Float = Field(default=0.25, gt=0, le=1)
    initial: Literal["residual", "normal"] = "residual"
    learning_rate: Float = Field(default=0.01, gt=0, le=100)
    levels: Int = Field(default=4, ge=1, le=128)
