"""Small data sets, and the arithmetic of numerics.md section 2 on plain integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bephw.settings import Settings
from bephw.state import NetworkState


@dataclass
class Samples:
    x_train: NDArray
    y_train: NDArray
    x_test: NDArray
    y_test: NDArray
    x_validation: NDArray | None = None
    y_validation: NDArray | None = None


@pytest.fixture(scope="session")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def prototypes():
    """A function that makes samples of three classes: noisy copies of random bits."""

    def make(shape: tuple[int, ...], *, train: int = 300, test: int = 100, flip: float = 0.2, seed: int = 0) -> Samples:
        random = np.random.default_rng(seed)
        centres = random.integers(0, 2, (3, *shape))

        def draw(n: int) -> tuple[NDArray, NDArray]:
            y = random.integers(0, 3, n)
            return (centres[y] ^ (random.random((n, *shape)) < flip)).astype(np.uint8), y

        return Samples(*draw(train), *draw(test), *draw(test))

    return make


@pytest.fixture
def ste_settings():
    """A function that makes settings of a baseline of three classes, perceptron or recurrent."""

    def make(sizes: tuple[int, ...], *, batch_norm: bool, recurrent: bool = False, **learning) -> Settings:
        return Settings.build(
            network={"sizes": sizes, "classes": 3},
            learning={"algorithm": "ste", "batch": 20, "epochs": 4, "seed": 1, **learning},
            baseline={"batch_norm": batch_norm, "learning_rate": 0.01},
            data={"window": 1} if recurrent else {},
        )

    return make


@pytest.fixture
def integer_logits():
    """The plain-Python specification: logits of an exported network."""

    def layer(weights: NDArray, a: NDArray, thresholds: NDArray | int) -> NDArray:
        return np.where(a @ weights.T >= thresholds, 1, -1)

    def logits(state: NetworkState, x: NDArray, recurrent: bool) -> NDArray:
        planes = [np.where(counters >= 0, 1, -1).astype(np.int64) for counters in state.counters]
        thresholds: tuple = state.thresholds or (0,) * len(planes)
        a = 2 * x.astype(np.int64) - 1
        if recurrent:
            s = np.ones((len(x), len(planes[0])), np.int64)
            for t in range(x.shape[1]):
                s = layer(planes[0], np.hstack([a[:, t], s]), thresholds[0])
            a = s
        for plane, threshold in list(zip(planes, thresholds, strict=True))[recurrent:]:
            a = layer(plane, a, threshold)
        return a @ (2 * state.prototypes.astype(np.int64) - 1).T

    return logits
