"""`GoldenTrainer`: what `Trainer` does, without any board."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bephw.golden.initial import initial_state
from bephw.golden.learner import Answers, GoldenLearner
from bephw.golden.model import EngineName
from bephw.host.base_trainer import BaseTrainer
from bephw.rtl_gen.registers.map import per_classifier
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["GoldenTrainer"]


class GoldenTrainer(BaseTrainer):
    """The golden model as a trainer: see `BaseTrainer`. Nothing is connected, and nothing has to be closed.

    Args:
        settings: of the network.
        class_names: see `BaseTrainer`.
        engine: of the golden model; the result does not depend on it.
    """

    def __init__(
        self, settings: Settings, class_names: Sequence[str] | None = None, engine: EngineName = "compiled"
    ) -> None:
        self._counting = _Counting(settings, initial_state(settings), engine)
        super().__init__(self._counting, class_names)

    def statistics(self) -> dict[str, int]:
        names = per_classifier("taught", len(self.settings.classifier_shapes))
        return {"samples": self._counting.samples, **dict(zip(names, self._counting.taught.tolist(), strict=True))}

    def close(self) -> None:
        """Nothing to do."""


class _Counting(GoldenLearner):
    """Counts as the registers of a board do."""

    def __init__(self, settings: Settings, state: NetworkState, engine: EngineName) -> None:
        super().__init__(settings, state, engine)
        self.samples = 0
        self.taught = np.zeros(len(settings.classifier_shapes), np.int64)

    def train(
        self, x: NDArray[np.uint8], y: NDArray[np.integer], on_samples: Callable[[int], object] | None = None
    ) -> Answers:
        answers = super().train(x, y, on_samples)
        self.samples += len(x)
        self.taught += answers.taught.reshape(len(x), -1).sum(axis=0)
        return answers

    def predict(self, network: NetworkState, x: NDArray[np.uint8]) -> NDArray[np.int64]:
        self.samples += len(x)
        return super().predict(network, x)
