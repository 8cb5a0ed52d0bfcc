"""How the samples of an epoch come to a learner: they are sent, or it keeps them and is told which."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from bephw.golden.learner import KeepsSamples, Learner, Stretch, Tally
from bephw.golden.streams import Samples, epoch_order, kept_order, training_bits
from bephw.golden.stride_order import nth_stride

__all__ = ["Lessons", "Teaching"]

Lessons = Callable[[int, int, Callable[[int], object] | None], Tally]
"""Has the learner learn samples `begin` to `end` - 1 of an epoch; the last argument is `on_samples`."""


class Teaching:
    """The training samples of `dataset`, and who learns them.

    `on_kept` is called, while they go to a learner that keeps them, with how many have gone.
    """

    def __init__(self, learner: Learner, dataset: Samples, on_kept: Callable[[int], object] | None = None) -> None:
        self._learner = learner
        self._dataset = dataset
        self._on_kept = on_kept

    @cached_property
    def keeper(self) -> KeepsSamples | None:
        """The learner, if it keeps the samples from now on: where every epoch has the same ones, in stride order."""
        learner, data = self._learner, self._dataset
        moved = getattr(data, "shifts", None) is not None
        if moved or learner.settings.order != "stride" or not isinstance(learner, KeepsSamples):
            return None
        rows = kept_order(learner.settings, len(data.x_train))
        return learner if learner.keep(data.x_train[rows], data.y_train[rows], self._on_kept) else None

    def lessons(self, number: int) -> Lessons:
        """Of epoch `number`, from 1."""
        learner, data, settings = self._learner, self._dataset, self._learner.settings
        n = len(data.x_train)
        if (keeper := self.keeper) is not None:
            place = nth_stride(n, settings.learning.seed, number)
            return lambda begin, end, on_samples: keeper.train_kept(Stretch(*place, begin, end), on_samples)
        order = epoch_order(settings, number, n)

        def send(begin: int, end: int, on_samples: Callable[[int], object] | None) -> Tally:
            rows = order[begin:end]
            labels = data.y_train[rows]
            answers = learner.train(training_bits(settings, data, number, rows), labels, on_samples)
            return Tally(int((answers.prediction == labels).sum()), int(answers.taught.sum()))

        return send
