"""Boards: what they are, the serial bridge to a trainer on them, and their bitstreams."""

from bephw.boards.catalogue import board, boards
from bephw.boards.definition import Board
from bephw.boards.flow import BuildResult, build

__all__ = ["Board", "BuildResult", "board", "boards", "build"]
