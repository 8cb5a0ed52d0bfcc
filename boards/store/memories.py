"""What memories a board has for a store, beside block RAM."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from amaranth.build.res import ResourceError

from bephw.boards.definition import Board

__all__ = ["SDRAM_WIDTH", "SPRAM_WIDTH", "SPRAM_WORDS", "sdram_resource"]

SDRAM_WIDTH = 16
"""Data pins of the chips that the controller drives."""
SPRAM_WIDTH, SPRAM_WORDS = 16, 1 << 14
"""Of one of UP5K's single-port RAMs."""


def sdram_resource(board: Board) -> Any | None:
    """The resource of the board's platform for its SDRAM; None where there is none that the controller can drive, or
    nobody can say, without amaranth-boards."""
    return _resource(board.platform) if board.family == "ecp5" else None


@cache
def _resource(platform: Callable[[], Any]) -> Any | None:
    try:
        found = platform().lookup("sdram", 0)
    except (ImportError, ResourceError):
        return None
    return found if _width(found, "dq") == SDRAM_WIDTH else None


def _width(resource: Any, name: str) -> int:
    """Pins of a part of it."""
    return next((len(part.ios[0].names) for part in resource.ios if part.name == name), 0)
