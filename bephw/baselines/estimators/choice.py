"""The estimator that settings name."""

from __future__ import annotations

import numpy as np
import torch

from bephw.baselines.estimators.bnn_plus_plus import BNNPlusPlus
from bephw.baselines.estimators.fda import FDA
from bephw.baselines.estimators.interface import Estimator
from bephw.baselines.estimators.scaled import Scaled
from bephw.baselines.estimators.swish import Swish
from bephw.baselines.estimators.textbook import Textbook
from bephw.settings import Settings

__all__ = ["estimator_of"]

NOISE = 6  # The random stream of this name, beside those of the golden model.


def estimator_of(settings: Settings) -> Estimator:
    """A new one, by `baseline.estimator` and the keys that belong to it."""
    baseline = settings.baseline
    match baseline.estimator:
        case "textbook":
            return Textbook()
        case "scaled":
            return Scaled()
        case "swish":
            return Swish()
        case "fda":
            return FDA(baseline.noise, _random(settings))
        case "bnn++":
            return BNNPlusPlus(baseline.mu)


def _random(settings: Settings) -> torch.Generator:
    """A stream of its own: latent weights start as those of the other estimators do."""
    seed = np.random.default_rng([settings.learning.seed, NOISE]).integers(2**63)
    return torch.Generator().manual_seed(int(seed))
