"""A small trainer on a virtual board, compiled once for all tests."""

import pytest

from bephw.boards import board as board_named
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.virtual.build import compile_board
from bephw.virtual.verilog import board_verilog

PERCEPTRON = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"bits": 4, "batch": 5, "rates": 30_000, "r": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5, "profile": False},
    board={"name": "icebreaker", "clock_mhz": 24, "baud": 3_000_000},
)


def compiled_board(settings, tmp_path_factory, fast=False):
    """The program that is the board of `settings`."""
    verilog = board_verilog(board_named(settings.board.name), settings, lambda: Trainer(settings), fast=fast)
    return compile_board(verilog, tmp_path_factory.mktemp("board"), fast=fast)


@pytest.fixture(scope="session")
def perceptron(tmp_path_factory):
    """The program of `PERCEPTRON`."""
    return compiled_board(PERCEPTRON, tmp_path_factory)
