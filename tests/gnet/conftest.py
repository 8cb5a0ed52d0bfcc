"""Small G-Nets, samples for them, and what embedding computes, in plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bephw.settings import Settings


@dataclass
class Samples:
    x_train: NDArray
    y_train: NDArray
    x_test: NDArray
    y_test: NDArray
    x_validation: NDArray | None = None
    y_validation: NDArray | None = None


@pytest.fixture
def samples():
    """A function that makes samples of three classes: noisy copies of random bits."""

    def make(inputs: int, train: int = 300, test: int = 100, flip: float = 0.15) -> Samples:
        random = np.random.default_rng(inputs)
        centres = random.integers(0, 2, (3, inputs))

        def draw(n: int) -> tuple[NDArray, NDArray]:
            y = random.integers(0, 3, n)
            return (centres[y] ^ (random.random((n, inputs)) < flip)).astype(np.uint8), y

        return Samples(*draw(train), *draw(test), *draw(test))

    return make


@pytest.fixture
def gnet_settings():
    """A function that makes settings of a G-Net for three classes."""

    def make(sizes: tuple[int, ...], dimensions: int | tuple[int, ...] = 200, **sections) -> Settings:
        learning = {"algorithm": "gnet", "batch": 20, "epochs": 4, "seed": 1, **sections.pop("learning", {})}
        gnet = {"dimensions": dimensions, **sections.pop("gnet", {})}
        return Settings.build(network={"sizes": sizes, "classes": 3}, learning=learning, gnet=gnet, **sections)

    return make


@pytest.fixture
def embedded_scores():
    """Sums (n, classes) of bits `x`, from the layers of the G-Net: h = sign((a + beta) G), y = h sign(G' W'), in
    floating point as the paper has it; G from the generators, a step at a time in Python's integers."""

    def random_signs(seed: int, outputs: int, inputs: int) -> NDArray:
        signs = np.empty((outputs, inputs))
        for n in range(outputs):
            u = (seed + n * 0xB5297A4D) % 2**32 | 1
            for i in range(inputs):
                if i % 32 == 0:
                    u ^= u << 13 & 0xFFFFFFFF
                    u ^= u >> 17
                    u ^= u << 5 & 0xFFFFFFFF
                signs[n, i] = 1 if u >> i % 32 & 1 else -1
        return signs

    def sign(values: NDArray) -> NDArray:
        return np.where(values >= 0, 1.0, -1.0)

    def scores(settings: Settings, layers, x: NDArray) -> NDArray:
        """`settings` are those of the embedded network, whose even layers are random."""
        a = 2.0 * x - 1
        for index, (weights, beta) in enumerate(layers):
            shape = settings.matrices[2 * index]
            random = random_signs(settings.network.generated[2 * index], *shape)
            # Exact: sums of +-1 and a multiple of beta, which is a float32.
            h = sign(a @ random.T + beta * random.sum(axis=1))
            sums = h @ sign(weights.astype(np.float64) @ random.T).T
            a = sign(sums)
        return sums

    return scores
