"""A few batches on a virtual board, over the link, beside the golden model."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from bephw.boards import board as board_named
from bephw.boards.bitstream.top import clock_and_bit
from bephw.data import Dataset
from bephw.golden.initial import initial_state
from bephw.host import GoldenTrainer, Trainer
from bephw.settings import Settings
from bephw.virtual.kept import kept_board
from bephw.virtual.served import ServedBoard

__all__ = ["learn_over_the_link"]


def learn_over_the_link(settings: Settings, dataset: Dataset, *, batches: int) -> dict[str, Any]:
    """Train the virtual board of `settings` on the first samples of `dataset`, and compare with the golden model.

    The board's whole design but for its UART is compiled, which takes minutes, once; `seconds` are those of learning.
    `mismatches` counts predictions of held-out samples and elements of the state that differ.

    Raises `BephwError` as `kept_board` and `Trainer`.
    """
    board = board_named(settings.board.name)
    clock_mhz, _ = clock_and_bit(board, settings)
    program = kept_board(board, settings, initial_state(settings), fast=True)
    count = batches * settings.learning.batch
    x, y = dataset.x_train[:count], dataset.y_train[:count]
    golden = GoldenTrainer(settings).partial_fit(x, y)
    with (
        ServedBoard(program, clock_mhz, settings.board.baud, terminal=False) as served,
        Trainer(served.urls[0], settings) as trainer,
    ):
        start = perf_counter()
        trainer.partial_fit(x, y)
        seconds = perf_counter() - start
        found, expected = trainer.state.to_arrays(), golden.state.to_arrays()
        predicted = trainer.predict(dataset.x_test[:count]) != golden.predict(dataset.x_test[:count])
    different = int(predicted.sum()) + sum(int((found[name] != array).sum()) for name, array in expected.items())
    return {"board": board.name, "samples": len(y), "mismatches": different, "seconds": seconds}
