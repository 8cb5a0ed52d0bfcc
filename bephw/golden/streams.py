"""What training presents: samples, and the order in which every epoch has them."""

from __future__ import annotations

import zlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bephw.golden.stride_order import nth_stride, order
from bephw.settings import Settings

__all__ = ["Samples", "checksum", "epoch_order", "kept_order", "sample_stream", "training_bits"]

ORDER = 4  # The random stream of this name; `initial` and `model` have 0 to 3.


class Samples(Protocol):
    """What training learns from: bits (n, K_0) or (n, steps, K_0) and integer labels (n,), to train and to test.

    There may be no test samples; and validation samples or None. A `Dataset` may also have `shifts`.
    """

    @property
    def x_train(self) -> NDArray[Any]: ...
    @property
    def y_train(self) -> NDArray[Any]: ...
    @property
    def x_test(self) -> NDArray[Any]: ...
    @property
    def y_test(self) -> NDArray[Any]: ...
    @property
    def x_validation(self) -> NDArray[Any] | None: ...
    @property
    def y_validation(self) -> NDArray[Any] | None: ...


def epoch_order(settings: Settings, epoch: int, n: int) -> NDArray[np.int64]:
    """The order in which epoch `epoch` (from 1) presents `n` training samples, by `Settings.order`: a seeded
    permutation, or a walk over `kept_order` whose start and stride are the epoch's (docs/store.md)."""
    if settings.order == "stride":
        return kept_order(settings, n)[order(n, *nth_stride(n, settings.learning.seed, epoch))]
    return _permutation(settings, epoch, n)


def kept_order(settings: Settings, n: int) -> NDArray[np.int64]:
    """The order in which a store keeps `n` training samples: a seeded permutation that no epoch has, so that
    neighbours in the data set, which may be of one class, are none there."""
    return _permutation(settings, 0, n)


def _permutation(settings: Settings, number: int, n: int) -> NDArray[np.int64]:
    return np.random.default_rng([settings.learning.seed, ORDER, number]).permutation(n)


def sample_stream(settings: Settings, dataset: Samples, epoch: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Bits and labels of epoch `epoch` (from 1) in the order of its stream; a batch ends with the epoch."""
    order = epoch_order(settings, epoch, len(dataset.x_train))
    return training_bits(settings, dataset, epoch, order), dataset.y_train[order]


def training_bits(settings: Settings, dataset: Samples, epoch: int, numbers: NDArray[np.integer]) -> NDArray[Any]:
    """Bits of training samples `numbers` in epoch `epoch` (from 1): `x_train`, or where images move, the moved ones."""
    shifts = getattr(dataset, "shifts", None)
    if shifts is None:
        return dataset.x_train[numbers]
    bits: NDArray[Any] = shifts.bits(settings.learning.seed, epoch, numbers)
    return bits


def checksum(dataset: Samples) -> int:
    """CRC-32 of the training samples, and of what moves them: whether training goes on with the same ones."""
    bits = np.ascontiguousarray(dataset.x_train, np.uint8)
    labels = np.ascontiguousarray(dataset.y_train, np.int64)
    found = zlib.crc32(labels.data, zlib.crc32(bits.data, zlib.crc32(repr(bits.shape).encode())))
    shifts = getattr(dataset, "shifts", None)
    return found if shifts is None else zlib.crc32(np.ascontiguousarray(shifts.features).data, found)
