"""Random Prototypes: noisy copies of one random word a class, as in the LBES paper."""

from __future__ import annotations

import numpy as np

from bephw.data.features import Features
from bephw.settings import Data

__all__ = ["FLIP_PROBABILITY", "random_prototypes"]

FLIP_PROBABILITY = 0.44
TRAINING_SAMPLES = 10_000
TEST_SAMPLES = 2_000


def random_prototypes(data: Data, *, classes: int, inputs: int) -> Features:
    """`classes` random words of `inputs` bits; every bit of a sample is flipped with probability 0.44.

    Draws from `data.seed`: 10,000 training and 2,000 test samples with equally likely labels.
    """
    random = np.random.default_rng(data.seed)
    prototypes = random.integers(0, 2, (classes, inputs), dtype=np.uint8)

    def draw(samples: int) -> tuple[np.ndarray, np.ndarray]:
        labels = random.integers(0, classes, samples)
        flips = random.random((samples, inputs), dtype=np.float32) < FLIP_PROBABILITY
        return prototypes[labels] ^ flips, labels

    x_train, y_train = draw(TRAINING_SAMPLES)
    x_test, y_test = draw(TEST_SAMPLES)
    return Features("random_prototypes", x_train, y_train, x_test, y_test)
