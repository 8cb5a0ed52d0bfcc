"""From features to bits, as fitted on the training samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bephw.data.edges import Edges
from bephw.data.windows import cut
from bephw.errors import BephwError, check
from bephw.state import load_arrays, save_arrays
from bephw.words import counted

__all__ = ["Encoding", "check_features"]

_PLACES = {2: ("feature",), 3: ("step", "feature")}

# Samples that are encoded at a time: what lies between features and bits then stays in the processor's cache.
BLOCK = 512


@dataclass(frozen=True, eq=False)
class Encoding:
    """A fitted encoder: thresholds for every feature, edges of images, and which of the bits are kept.

    A feed-forward sample has `shape` (features,); bit `feature * levels + level` of it is 1 where the feature
    exceeds that threshold. A recurrent sample is a series (features,) that is cut into steps of `window` features, or
    has steps already, `shape` (steps, features); then the same holds for every step, with the same thresholds.
    Where samples are images with edges, the bits of their `edges` follow.

    Attributes:
        shape: shape of a sample before encoding.
        window: features of a step where samples are cut into steps, else None.
        thresholds: float64 (features of a sample or step, levels), finite, rising along the levels; None where the
            features are bits already.
        kept: int64, rising: the bits that are not left out (`data.encoder.min_share`); None where all are kept.
        edges: for images only, of feed-forward samples: the edges that give bits too, else None.
    """

    shape: tuple[int, ...]
    window: int | None = None
    thresholds: NDArray[np.float64] | None = None
    kept: NDArray[np.int64] | None = None
    edges: Edges | None = None

    @property
    def features(self) -> int:
        """Features of a sample, or where it has steps already, of a step."""
        return self.shape[-1]

    @property
    def recurrent(self) -> bool:
        """Whether encoded samples have steps."""
        return self.window is not None or len(self.shape) == 2

    @property
    def bits(self) -> int:
        """Bits of an encoded sample, or where it has steps, of a step: the network's inputs."""
        return self.all_bits if self.kept is None else len(self.kept)

    @property
    def _width(self) -> int:
        return self.window or self.features

    @property
    def _threshold_bits(self) -> int:
        return self._width if self.thresholds is None else self.thresholds.size

    @property
    def all_bits(self) -> int:
        """Bits of an encoded sample or step if all were kept."""
        return self._threshold_bits + (0 if self.edges is None else self.edges.bits)

    def transform(self, x: NDArray, source: str = "x") -> NDArray[np.uint8]:
        """Bits (n, `bits`), or where samples have steps (n, steps, `bits`), of features (n, *`shape`).

        Raises `BephwError` naming `source` for other features than those that the encoder was fitted on.
        """
        check_features(x, source, dimensions=1 + len(self.shape))
        check(
            x.shape[1:] == self.shape,
            f"{source}: the encoder was fitted on {_sizes(self.shape)} features, not {_sizes(x.shape[1:])}",
        )
        steps = x if self.window is None else cut(x, self.window)
        if self.thresholds is None:
            check(bool(((steps == 0) | (steps == 1)).all()), f"{source}: must hold bits (0 or 1)")
        bits = self._bits(steps.reshape(-1, self._width))
        return bits.view(np.uint8).reshape(*steps.shape[:-1], self.bits)

    def _bits(self, steps: NDArray) -> NDArray[np.bool_]:
        """Bits (n, `bits`) of samples, or steps of samples, (n, features)."""
        kept = np.arange(self.all_bits) if self.kept is None else self.kept
        first = int(np.searchsorted(kept, self._threshold_bits))
        kept, edges = kept[:first], kept[first:] - self._threshold_bits
        thresholds = np.full((self._width, 1), 0.5) if self.thresholds is None else self.thresholds
        features, limits = kept // thresholds.shape[1], thresholds.ravel()[kept]
        bytes_ = steps.dtype == np.uint8
        if bytes_:  # As in `Edges`: integers exceed a number exactly where they exceed it rounded down.
            limits = np.clip(np.floor(limits), -1, 255).astype(np.int16)
        bits = np.empty((len(steps), first + len(edges)), np.bool_)
        for at in range(0, len(steps), BLOCK):
            block = steps[at : at + BLOCK]
            found = np.take(block.astype(np.int16) if bytes_ else block, features, axis=1)
            np.greater(found, limits, out=bits[at : at + BLOCK, :first])
            if self.edges is not None:
                found = self.edges.transform(block)
                bits[at : at + BLOCK, first:] = found if self.kept is None else np.take(found, edges, axis=1)
        return bits

    def to_arrays(self) -> dict[str, NDArray]:
        """Plain arrays, named apart from those of a network's state so that one file can hold both."""
        arrays: dict[str, NDArray] = {
            "encoding_shape": np.array(self.shape, np.int64),
            "encoding_window": np.array(self.window or 0, np.int64),
        }
        if self.thresholds is not None:
            arrays["encoding_thresholds"] = self.thresholds
        if self.kept is not None:
            arrays["encoding_kept"] = self.kept
        if self.edges is not None:
            arrays["encoding_image"] = np.array(self.edges.image, np.int64)
            arrays["encoding_difference"] = np.array(self.edges.difference, np.float64)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray], source: str = "encoding") -> Self:
        """Inverse of `to_arrays`, bit for bit; other arrays are ignored. Raises `BephwError` naming `source`."""
        shape = _whole_numbers(arrays, "encoding_shape", source, dimensions=1, low=1)
        check(len(shape) in (1, 2), f"{source}: encoding_shape must have 1 or 2 entries, not {len(shape)}")
        most = int(shape[0]) if len(shape) == 1 else 0
        window = int(_whole_numbers(arrays, "encoding_window", source, dimensions=0, low=0, high=most))
        thresholds = arrays.get("encoding_thresholds")
        encoding = cls(
            shape=tuple(shape.tolist()),
            window=window or None,
            thresholds=None if thresholds is None else thresholds.copy(),
            kept=_whole_numbers(arrays, "encoding_kept", source, dimensions=1, low=0)
            if "encoding_kept" in arrays
            else None,
            edges=_edges(arrays, source),
        )
        _check_edges(encoding, source)
        _check_thresholds(encoding, source)
        _check_kept(encoding, source)
        return encoding

    def save(self, path: str | Path) -> None:
        """Write an .npz file, whole or not at all. Raises `BephwError`."""
        save_arrays(path, self.to_arrays())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read an .npz file. Raises `BephwError`."""
        return cls.from_arrays(load_arrays(path), str(path))


def check_features(x: NDArray, source: str, *, dimensions: int = 2) -> None:
    """Raise `BephwError` naming `source` unless `x` holds finite numbers in 2 or 3 `dimensions`."""
    words, names = ("two", "samples, features") if dimensions == 2 else ("three", "samples, steps, features")
    check(x.ndim == dimensions, f"{source}: must have {words} dimensions ({names}), not shape {x.shape}")
    check(x.dtype.kind in "iufb", f"{source}: must hold numbers, not {x.dtype}")
    finite = np.isfinite(x)
    if not finite.all():
        at = tuple(np.argwhere(~finite)[0].tolist())
        value = "NaN (data.missing fills such in data sets csv and npz)" if np.isnan(x[at]) else "infinity"
        places = ", ".join(f"{name} {place}" for name, place in zip(("sample", *_PLACES[dimensions]), at, strict=True))
        raise BephwError(f"{source}: must be finite, but {places} is {value}")


def _sizes(shape: tuple[int, ...]) -> str:
    return str(shape[0]) if len(shape) == 1 else f"{shape[0]} steps of {shape[1]}"


def _whole_numbers(
    arrays: dict[str, NDArray], name: str, source: str, *, dimensions: int, low: int, high: int = 2**31 - 1
) -> NDArray[np.int64]:
    check(name in arrays, f"{source}: {name} is missing")
    found = arrays[name]
    check(found.dtype.kind in "iu", f"{source}: {name} must hold integers, not {found.dtype}")
    check(
        found.ndim == dimensions,
        f"{source}: {name} must have {counted(dimensions, 'dimension')}, not shape {found.shape}",
    )
    for value in (found.min(initial=low), found.max(initial=low)):
        check(low <= value <= high, f"{source}: {name} must be {low} to {high}, not {value}")
    return found.astype(np.int64)


def _edges(arrays: dict[str, NDArray], source: str) -> Edges | None:
    if "encoding_image" not in arrays and "encoding_difference" not in arrays:
        return None
    image = _whole_numbers(arrays, "encoding_image", source, dimensions=1, low=1)
    check(len(image) == 2, f"{source}: encoding_image must have 2 entries, not {len(image)}")
    name = "encoding_difference"
    check(name in arrays, f"{source}: {name} is missing")
    difference = arrays[name]
    check(difference.dtype == np.float64, f"{source}: {name} must be float64, not {difference.dtype}")
    check(difference.ndim == 0, f"{source}: {name} must have 0 dimensions, not shape {difference.shape}")
    value = float(difference)
    check(0 <= value < float("inf"), f"{source}: {name} must be finite and at least 0, not {value}")
    rows, columns = image.tolist()
    return Edges((rows, columns), value)


def _check_edges(encoding: Encoding, source: str) -> None:
    if encoding.edges is None:
        return
    rows, columns = encoding.edges.image
    check(not encoding.recurrent, f"{source}: encoding_image must be left out where samples have steps")
    check(
        rows * columns == encoding.features,
        f"{source}: encoding_image must have the {counted(encoding.features, 'feature')} as pixels, "
        f"not {rows} x {columns}",
    )


def _check_thresholds(encoding: Encoding, source: str) -> None:
    thresholds, name = encoding.thresholds, f"{source}: encoding_thresholds"
    if thresholds is None:
        return
    check(thresholds.dtype == np.float64, f"{name} must be float64, not {thresholds.dtype}")
    width = encoding._width
    check(
        thresholds.ndim == 2 and len(thresholds) == width and thresholds.size > 0,
        f"{name} must have shape ({width}, levels), not {thresholds.shape}",
    )
    check(bool(np.isfinite(thresholds).all()), f"{name} must be finite, but holds NaN or infinity")
    check(bool((thresholds[:, 1:] >= thresholds[:, :-1]).all()), f"{name} must not fall along the levels")


def _check_kept(encoding: Encoding, source: str) -> None:
    kept, bits = encoding.kept, encoding.all_bits
    if kept is None:
        return
    check(len(kept) > 0, f"{source}: encoding_kept must hold at least one bit")
    check(bool((np.diff(kept) > 0).all()), f"{source}: encoding_kept must rise from bit to bit")
    check(int(kept[-1]) < bits, f"{source}: encoding_kept must lie below the {counted(bits, 'bit')}, not be {kept[-1]}")
