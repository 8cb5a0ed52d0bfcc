"""Boards: what they are, the serial bridge to a trainer on them, and their bitstreams."""

from bephw.boards.bitstream.flow import BuildResult, build, build_inference
from bephw.boards.catalogue import board, boards
from bephw.boards.definition import Board

__all__ = ["Board", "BuildResult", "board", "boards", "build", "build_inference"]
