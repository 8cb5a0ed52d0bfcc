"""All boards, by name."""

from __future__ import annotations

from bephw.boards.definition import Board
from bephw.boards.icebreaker import ICEBREAKER
from bephw.boards.ulx3s import ULX3S_85F
from bephw.errors import BephwError

__all__ = ["board", "boards"]


def boards() -> list[Board]:
    """Every board, smallest first."""
    return [ICEBREAKER, ULX3S_85F]


def board(name: str) -> Board:
    """The board of that name. Raises `BephwError`."""
    by_name = {entry.name: entry for entry in boards()}
    if name not in by_name:
        raise BephwError(f"board.name must be one of {', '.join(by_name)}, not {name!r}")
    return by_name[name]
