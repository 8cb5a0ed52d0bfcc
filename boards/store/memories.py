"""What memories a board has for a store, beside block RAM."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from bephw.boards.definition import Board

__all__ = ["SDRAM_WIDTH", "SPRAM_WIDTH", "SPRAM_WORDS", "sdram_resource"]

SDRAM_WIDTH = 16
"""Data pins of the chips that the controller drives."""
SPRAM_WIDTH, SPRAM_WORDS = 16, 1 << 14
"""Of one of UP5K's single-port RAMs."""


def sdram_resource(board: Board) -> Any | None:
    """The resource of amaranth-boards for the board's SDRAM; None where there is none that the controller can drive, or
    nobody can say, without amaranth-boards."""
    return _resource(board.platform) if board.family == "ecp5" else None


@cache
def _resource(platform: Callable[[], Any]) -> Any | None:
    try:
        resources = platform().resources
    except ImportError:
        return None
    for resource in resources:
        # The tables of amaranth-boards hold lists of resources, of which each has its parts.
        for part in resource if isinstance(resource, list) else [resource]:
            if part.name == "sdram" and len(_pins(part, "dq")) == SDRAM_WIDTH:
                return part
    return None


def _pins(resource: Any, name: str) -> list[str]:
    return next((list(part.ios[0].names) for part in resource.ios if getattr(part, "name", None) == name), [])
