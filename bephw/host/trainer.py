"""`Trainer`: a board, real or virtual, that learns in scikit-learn's manner."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.host.base_trainer import BaseTrainer
from bephw.host.board import Board, connect
from bephw.host.learner import BoardLearner
from bephw.settings import Settings

__all__ = ["Trainer"]


class Trainer(BaseTrainer):
    """A trainer on a board: see `BaseTrainer`.

        with Trainer("/dev/ttyUSB1", settings) as trainer:
            trainer.fit(x, y, test=(x_test, y_test))

    Args:
        board: connected; or the port that it is at, any URL of pyserial's.
        settings: that the board was built with.
        class_names: see `BaseTrainer`.

    Raises `BephwError` where the board cannot be reached or has another trainer, and `LinkError`, anywhere, where it
    does not answer any more: connect again, and `fit` with `resume`, or load what was saved.
    """

    def __init__(self, board: Board | str, settings: Settings, class_names: Sequence[str] | None = None) -> None:
        self.board = board if isinstance(board, Board) else connect(board, settings)
        super().__init__(BoardLearner(self.board, settings), class_names)

    def statistics(self) -> dict[str, int]:
        return self.board.statistics()

    def close(self) -> None:
        """The port too."""
        self.board.connection.close()
