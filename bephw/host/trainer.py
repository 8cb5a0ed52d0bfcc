"""`Trainer`: a board, real or virtual, that learns in scikit-learn's manner."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.host.base_trainer import BaseTrainer
from bephw.host.board import Board, connect
from bephw.host.learner import BoardLearner
from bephw.host.store import Store
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
        store: whether `fit` may use the board's store, if it has one: training samples go there once, if they fit, and
            epochs run on the board alone. It changes the time that training takes, and no bit of the result: the order
            of an epoch is that of the settings (`Settings.order`).

    Attributes:
        board: the board.
        store: that has the training samples of the last `fit`, or None.
        store_refusal: why it has not; None where it has, or was not asked.

    Raises `BephwError` where the board cannot be reached or has another trainer, and `LinkError`, anywhere, where it
    does not answer any more: connect again, and `fit` with `resume`, or load what was saved.
    """

    def __init__(
        self,
        board: Board | str,
        settings: Settings,
        class_names: Sequence[str] | None = None,
        store: bool = True,
    ) -> None:
        self.board = board if isinstance(board, Board) else connect(board, settings)
        self._board_learner = BoardLearner(self.board, settings, store)
        super().__init__(self._board_learner, class_names)

    @property
    def store(self) -> Store | None:
        return self._board_learner.kept

    @property
    def store_refusal(self) -> str | None:
        return self._board_learner.not_kept

    def statistics(self) -> dict[str, int]:
        return self.board.statistics()

    def close(self) -> None:
        """The port too."""
        self.board.connection.close()
