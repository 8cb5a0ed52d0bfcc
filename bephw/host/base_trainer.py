"""What a trainer on a board and one without a board have in common: training in scikit-learn's manner."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.data import Dataset
from bephw.errors import check
from bephw.golden.initial import initial_state
from bephw.golden.learner import Learner
from bephw.golden.rates import rates
from bephw.golden.training import Epoch, TrainingResult, fit
from bephw.host.bits import checked_bits
from bephw.host.labels import Labels
from bephw.host.progress import TrainingProgress, shown_progress
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["BaseTrainer"]

Pair = tuple[ArrayLike, ArrayLike]


class BaseTrainer(ABC):
    """A network that learns, wherever it does.

    X are bits, (n, K_0), or (n, steps, K_0) for a recurrent network; y (n,) labels of any kind. Where labels are the
    numbers of classes, predictions are such numbers, int64; else they are labels as they were given. `fit` gives the
    bits of `bephw train`; whatever learns, the same calls give the same bits.

    Args:
        learner: what learns.
        class_names: what the classes are called; None takes the labels as they come.

    Attributes:
        settings: of the network.
        history: what every epoch of the last `fit` gave.
        average: of the weights, after a `fit` with `learning.average`; else None.

    Raises `BephwError`, anywhere, for samples or labels that do not fit the settings.
    """

    def __init__(self, learner: Learner, class_names: Sequence[str] | None = None) -> None:
        self.settings: Settings = learner.settings
        self.history: list[Epoch] = []
        self.average: NetworkState | None = None
        self._learner = learner
        self._labels = Labels(self.settings.network.classes, class_names)
        self._accuracy = 1 / self.settings.network.classes
        self._begun = False  # whether the learner has a state of ours

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Give back what the trainer holds; nothing can be done with it afterwards."""

    @abstractmethod
    def statistics(self) -> dict[str, int]:
        """Counts since the trainer was made, by name: at least `samples` (classified ones too) and `taught` (for the
        local rule `taught_0` and so on) of register map; modulo 2^32."""

    # -- learning ---------------------------------------------------------------------------------

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        test: Pair | None = None,
        validation: Pair | None = None,
        **options: Any,
    ) -> Self:
        """Learn from X and y, from the initial state on; what was learnt before is lost.

        test, validation: (X, y) on which every epoch is measured.
        options: of `fit_dataset`.
        """
        if self._labels.names is None:
            self._labels.meet(y)
        bits, numbers = self._samples(X, y, "")
        x_test, y_test = (bits[:0], numbers[:0]) if test is None else self._samples(*test, "test ")
        x_validation, y_validation = (None, None) if validation is None else self._samples(*validation, "validation ")
        return self.fit_dataset(Dataset(bits, numbers, x_test, y_test, "X", x_validation, y_validation), **options)

    def fit_dataset(
        self,
        dataset: Dataset,
        *,
        epochs: int | None = None,
        checkpoint: str | Path | None = None,
        checkpoint_every: int | None = None,
        resume: bool = False,
        on_epoch: Callable[[Epoch], object] | None = None,
        progress: TrainingProgress | bool | None = None,
    ) -> Self:
        """`fit` with all that a data set may have; its class names are those of predictions from now on.

        epochs: in all; None is `learning.epochs`.
        checkpoint: a file that is rewritten after every epoch, and every `checkpoint_every` samples; with `resume`
            training goes on from there, to the bits of a training without a break.
        on_epoch: called with every epoch as it ends.
        progress: who is told how it goes; or whether to show a bar on standard error, None where that is a terminal.
        """
        if dataset.class_names is not None:
            self._labels = Labels(self.settings.network.classes, dataset.class_names)
        total = self.settings.learning.epochs if epochs is None else epochs
        self._begun = False
        with shown_progress(progress, dataset.name, total, len(dataset.y_train)) as told:
            result = fit(
                self.settings,
                dataset,
                make_learner=lambda state: self._learner,
                epochs=epochs,
                checkpoint=checkpoint,
                checkpoint_every=checkpoint_every,
                resume=resume,
                on_epoch=_both(on_epoch, told.on_epoch),
                on_samples=told.on_samples,
                on_progress=told.on_progress,
                on_kept=getattr(told, "on_kept", None),
            )
        self._keep(result)
        return self

    def _keep(self, result: TrainingResult) -> None:
        self.history, self.average, self._begun = result.history, result.average, True
        if self.history:
            self._accuracy = self.history[-1].train_accuracy
        self._settle()

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X and y once, in their order, with a batch that ends behind them; from the initial state where
        nothing was learnt or loaded before.

        Rates follow the accuracy of the call before. Predictions then are those of the last weights, not of the
        average.
        """
        bits, numbers = self._samples(X, y, "")
        if not len(bits):
            return self
        self._start()
        self._learner.prepare(bits[:1])
        self._learner.begin_epoch(rates(self.settings, self._accuracy), self.settings.gamma)
        answers = self._learner.train(bits, numbers)
        self._learner.end_batch()
        self._settle()
        self._accuracy = float((answers.prediction == numbers).mean())
        self.average = None
        return self

    def _settle(self) -> None:
        """Between two calls all that was learnt is visible, so that a state is all that there is to remember."""
        if self.settings.learning.lag:
            self._learner.end_batch()

    def _start(self) -> None:
        if not self._begun:
            self.load_state(initial_state(self.settings))

    # -- predicting -------------------------------------------------------------------------------

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The label (n,) of each sample, by the average of the weights where `fit` has left one, else by the last."""
        self._start()
        return self._labels.of(self._learner.predict(self.network, checked_bits(X, self.settings)))

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Share of the samples whose label `predict` finds, 0 to 1."""
        bits, numbers = self._samples(X, y, "")
        check(len(bits) > 0, "X: must have at least one sample to be scored")
        self._start()
        return float((self._learner.predict(self.network, bits) == numbers).mean())

    # -- state ------------------------------------------------------------------------------------

    @property
    def network(self) -> NetworkState:
        """What predicts: the average of the weights, or where there is none the state."""
        return self.average or self.state

    @property
    def state(self) -> NetworkState:
        """What was learnt; training can go on from it."""
        self._start()
        return self._learner.state

    def load_state(self, state: NetworkState | str | Path) -> Self:
        """Go on from a state, or from that of an .npz file."""
        known = state if isinstance(state, NetworkState) else NetworkState.load(state, self.settings)
        self._learner.load(known.validate(self.settings))
        self.average, self.history, self._begun = None, [], True
        self._accuracy = 1 / self.settings.network.classes
        return self

    def save_state(self, path: str | Path) -> None:
        """Write the state as an .npz file, whole or not at all."""
        self.state.save(path)

    def _samples(self, X: ArrayLike, y: ArrayLike, which: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        bits = checked_bits(X, self.settings, f"{which}X")
        return bits, self._labels.numbers(y, f"{which}y", len(bits))


def _both(first: Callable[[Epoch], object] | None, second: Callable[[Epoch], object]) -> Callable[[Epoch], object]:
    def tell(epoch: Epoch) -> None:
        second(epoch)
        if first is not None:
            first(epoch)

    return tell
