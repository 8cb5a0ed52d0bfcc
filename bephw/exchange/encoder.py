"""The first quantiser of a network as an encoder of features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.data import Encoding
from bephw.exchange.network import FoundNetwork

__all__ = ["encoder"]


def encoder(network: FoundNetwork, features: int) -> tuple[Encoding, NDArray[np.int64]]:
    """The encoder of samples of so many features, and which input of the network each of its bits is.

    An encoder has as many levels for each feature as the one with most limits needs; bits that the network does not
    take are left out.
    """
    assert network.features is not None and network.limits is not None
    order = np.lexsort((network.limits, network.features))
    of_bits, limits = network.features[order], network.limits[order]
    counts = np.bincount(of_bits, minlength=features)
    levels = int(counts.max())
    level = np.arange(len(order)) - (np.cumsum(counts) - counts)[of_bits]
    thresholds = np.full((features, levels), np.finfo(np.float64).max)
    thresholds[of_bits, level] = limits
    kept = of_bits * levels + level
    return Encoding((features,), thresholds=thresholds, kept=None if len(kept) == thresholds.size else kept), order
