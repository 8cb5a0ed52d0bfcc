"""Encoders' thresholds, fitted on the training samples."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bephw.data.edges import Edges
from bephw.data.encoding import Encoding, check_features
from bephw.errors import BephwError, check
from bephw.settings import Encoder
from bephw.words import counted

__all__ = ["fit_encoding"]

# Features whose samples are sorted at a time: as float64, 64 features of 60,000 samples are 30 MB.
BLOCK = 64
# Samples whose bits are counted at a time.
SAMPLES = 512


def fit_encoding(
    encoder: Encoder,
    x: NDArray,
    source: str = "x",
    *,
    window: int | None = None,
    recurrent: bool = False,
    image: tuple[int, int] | None = None,
    table: bool = False,
) -> Encoding:
    """Fit `encoder` on the training features.

    Args:
        encoder: the settings' `data.encoder` part; see there for what each kind does.
        x: features (n, features), any numeric type; where `recurrent` and no `window`, (n, steps, features).
        source: what errors call `x`.
        window: cut each sample, a series, into steps of so many features.
        recurrent: samples have steps already.
        image: (rows, columns) where samples are images, row by row; `data.encoder.edges` needs them.
        table: features are columns of a table, each with a meaning and a scale of its own. Then no threshold of a kind
            that looks at one feature at a time is wasted: one that no training sample exceeds, or that all exceed,
            moves to where the samples of the largest, or the smallest, value alone differ; and bits that are equal to a
            lower level's of their feature in all training samples are left out.

    Every feature has thresholds of its own, except that all values of series that are cut share theirs: a recurrent
    cell has the same weights at every step, so a bit must mean the same there. Where samples have steps already, every
    feature of a step has thresholds of its own, fitted on all steps. Edges have one threshold for all pixels, a share
    of the range of all features. Raises `BephwError`.
    """
    check_features(x, source, dimensions=3 if recurrent and window is None else 2)
    check(len(x) > 0, f"{source}: an encoder needs at least one training sample")
    check(x.size > 0, f"{source}: samples must have at least one feature, not shape {x.shape}")
    longest = x.shape[1]
    check(
        window is None or window <= longest,
        f"{source}: data.window must be at most the series' {counted(longest, 'value')}, not {window}",
    )
    edges = _edges(encoder, x, source, window is not None or recurrent, image)
    values = x.reshape(-1, x.shape[-1] if window is None else 1)
    thresholds = _thresholds(encoder, values)
    if table and thresholds is not None and encoder.kind != "threshold":
        thresholds = _within(thresholds, values)
    if thresholds is not None:
        finite = bool(np.isfinite(thresholds).all())
        check(finite, f"{source}: must be smaller numbers: thresholds between {x.min()} and {x.max()} overflow")
        thresholds = np.repeat(thresholds, window or 1, axis=0)
    encoding = Encoding(x.shape[1:], window, thresholds, edges=edges)
    if encoder.min_share is not None:
        encoding = replace(encoding, kept=_informative(encoding, x, encoder.min_share, source))
    if table and encoder.kind == "thermometer" and window is None:
        encoding = replace(encoding, kept=_different(encoding, values))
    return encoding


def _within(thresholds: NDArray[np.float64], values: NDArray) -> NDArray[np.float64]:
    """Thresholds (columns, levels) that some of the `values` (n, columns) exceed and some do not, where they differ."""
    within = thresholds.copy()
    for limits, column in zip(within, values.T, strict=True):
        found = np.unique(column)
        if len(found) > 1:
            limits[limits >= found[-1]] = found[-2]
            limits[limits < found[0]] = found[0]
    return within


def _different(encoding: Encoding, values: NDArray) -> NDArray[np.int64] | None:
    """Those of the bits that `encoding` keeps that differ from the lower levels' of their feature in some sample."""
    assert encoding.thresholds is not None
    exceeded = np.stack([(values > limits).sum(axis=0) for limits in encoding.thresholds.T], axis=1)
    # A higher level's bit is 1 only where the lower ones' are: equal counts are equal bits.
    repeated = np.zeros(encoding.all_bits, np.bool_)
    repeated[: exceeded.size] = np.diff(exceeded, axis=1, prepend=-1).ravel() == 0
    kept = np.arange(encoding.all_bits) if encoding.kept is None else encoding.kept
    kept = kept[~repeated[kept]]
    return None if len(kept) == encoding.all_bits else kept


def _edges(encoder: Encoder, x: NDArray, source: str, steps: bool, image: tuple[int, int] | None) -> Edges | None:
    if encoder.edges is None:
        return None
    if steps:
        raise BephwError(f"data.encoder.edges: needs images, not series of steps ({source})")
    if image is None:
        raise BephwError(f"data.encoder.edges: needs images (samples, rows, columns), which {source} does not hold")
    return Edges.fit(encoder.edges, x, image, source)


def _thresholds(encoder: Encoder, values: NDArray) -> NDArray[np.float64] | None:
    """Thresholds (columns, levels) of the columns of `values` (n, columns); None where values are bits, or nothing is
    fitted."""
    with np.errstate(over="ignore", invalid="ignore"):  # The caller refuses what is not finite.
        match encoder.kind:
            case "none" | "kept":
                return None
            case "median":
                return np.median(values, axis=0).astype(np.float64)[:, np.newaxis]
            case "threshold":
                low, high, share = float(values.min()), float(values.max()), encoder.threshold
                between = min(max(low * (1 - share) + high * share, low), high)
                return np.full((values.shape[1], 1), between)
            case "thermometer":
                # Rounding must not let a higher level's threshold fall below a lower one's.
                return np.maximum.accumulate(_thermometer(encoder, values), axis=1)


def _thermometer(encoder: Encoder, values: NDArray) -> NDArray[np.float64]:
    if encoder.spacing == "distributive":
        columns = range(0, values.shape[1], BLOCK)
        return np.concatenate([_quantiles(encoder.levels, values[:, at : at + BLOCK]) for at in columns])
    shares = np.arange(1, encoder.levels + 1) / (encoder.levels + 1)
    low, high = (bound.astype(np.float64)[:, np.newaxis] for bound in (values.min(axis=0), values.max(axis=0)))
    if encoder.spacing == "uniform":
        return low + (high - low) * shares
    mean = np.mean(values, axis=0, dtype=np.float64, keepdims=True).T
    deviation = np.std(values, axis=0, dtype=np.float64, keepdims=True).T
    normal = np.array([NormalDist().inv_cdf(share) for share in shares.tolist()])
    # The mean of a constant feature may round to less than the constant, which would then exceed it.
    return np.where(low == high, low, mean + deviation * normal)


def _quantiles(levels: int, values: NDArray) -> NDArray[np.float64]:
    """Quantiles k / (levels + 1) of every column, k = 1 to `levels`, linear between neighbouring samples.

    Where a quantile is a sample's value, it is exactly that, which `np.quantile` does not promise.
    """
    columns = np.sort(np.ascontiguousarray(values.T), axis=1)
    below, rest = np.divmod(np.arange(1, levels + 1) * (len(values) - 1), levels + 1)
    low = columns[:, below].astype(np.float64)
    high = columns[:, np.minimum(below + 1, len(values) - 1)].astype(np.float64)
    return low + (high - low) * (rest / (levels + 1))


def _informative(encoding: Encoding, x: NDArray, min_share: float, source: str) -> NDArray[np.int64]:
    """Bits of `encoding` that are 0 and 1 in more than `min_share` of the samples (or steps of samples) `x`."""
    ones, count = np.zeros(encoding.bits, np.int64), 0
    for at in range(0, len(x), SAMPLES):  # All samples' bits at once may be a gigabyte.
        bits = encoding.transform(x[at : at + SAMPLES], source).reshape(-1, encoding.bits)
        ones += bits.sum(axis=0, dtype=np.int64)
        count += len(bits)
    limit = int(Fraction(repr(min_share)) * count)  # 0.1 is one tenth, not the nearest binary fraction.
    kept = np.flatnonzero((ones > limit) & (count - ones > limit))
    if not kept.size:
        raise BephwError(f"{source}: data.encoder.min_share = {min_share} leaves out all {len(ones)} bits of a sample")
    return kept
