"""From features to bits: thresholds a feature, fitted on the training samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.settings import Encoder

__all__ = ["Encoding", "fit_encoding"]


@dataclass(frozen=True)
class Encoding:
    """Fitted thresholds. Bit `feature * levels + level` of a sample is 1 where the feature exceeds that threshold.

    Attributes:
        features: number of features it was fitted on.
        thresholds: float64 (features, levels), rising along the levels; None where the features are bits already.
    """

    features: int
    thresholds: NDArray[np.float64] | None = None

    @property
    def bits(self) -> int:
        """Bits of an encoded sample."""
        return self.features if self.thresholds is None else self.thresholds.size

    def transform(self, x: NDArray, source: str = "x") -> NDArray[np.uint8]:
        """Bits (n, `bits`) of features (n, `features`). Raises `BephwError` naming `source`."""
        _check_features(x, source)
        check(
            x.shape[1] == self.features,
            f"{source}: the encoder was fitted on {self.features} features, not {x.shape[1]}",
        )
        if self.thresholds is None:
            bits = x.astype(np.uint8)
            check(bool(np.array_equal(bits, x) and bits.max(initial=0) <= 1), f"{source}: must hold bits (0 or 1)")
            return bits
        above = x[:, :, np.newaxis] > self.thresholds[np.newaxis]
        return above.reshape(len(x), self.bits).view(np.uint8)


def fit_encoding(encoder: Encoder, x: NDArray, source: str = "x") -> Encoding:
    """Fit `encoder` on the training features (n, features). Raises `BephwError` naming `source`.

    Thermometer: `levels` thresholds that cut a feature's range on the training samples into equal parts.
    Median: one threshold a feature, its median on the training samples.
    """
    _check_features(x, source)
    check(len(x) > 0, f"{source}: an encoder needs at least one training sample")
    features = x.shape[1]
    if encoder.kind == "none":
        return Encoding(features)
    if encoder.kind == "median":
        return Encoding(features, np.median(x, axis=0).astype(np.float64)[:, np.newaxis])
    low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
    steps = np.arange(1, encoder.levels + 1) / (encoder.levels + 1)
    return Encoding(features, low[:, np.newaxis] + (high - low)[:, np.newaxis] * steps)


def _check_features(x: NDArray, source: str) -> None:
    check(x.ndim == 2, f"{source}: must have two dimensions (samples, features), not shape {x.shape}")
    check(x.dtype.kind in "iufb", f"{source}: must hold numbers, not {x.dtype}")
    check(bool(np.isfinite(x).all()), f"{source}: must be finite, but holds NaN or infinity")
