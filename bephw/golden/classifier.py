"""The golden model of any network that classifies."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.golden.logic_model import LogicModel
from bephw.golden.model import EngineName, GoldenModel
from bephw.logic_state import LogicState
from bephw.settings import Settings
from bephw.states import AnyState

__all__ = ["Classifier", "classifier"]


class Classifier(Protocol):
    """What predicts."""

    def predict(self, x: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Prediction (n,) and scores (n, classes), the largest of which decides, the first among equals, of the bits of
        n samples. Raises `BephwError` for samples that do not fit."""


def classifier(settings: Settings, state: AnyState, engine: EngineName = "compiled") -> Classifier:
    """The model of `settings` with the network `state`; `engine` is `GoldenModel`'s. Raises `BephwError` where they do
    not fit one another."""
    if isinstance(state, LogicState):
        return LogicModel(settings, state)
    return GoldenModel(settings, state, engine)
