"""What a trainer remembers: counters, prototypes, generators, accumulators; and its file."""

from __future__ import annotations

import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError
from bephw.settings import Settings

__all__ = ["NetworkState", "load_arrays", "save_arrays"]


@dataclass(frozen=True)
class NetworkState:
    """The state of numerics.md section 6, at a batch boundary.

    Attributes:
        counters: one int16 array (K_out, K_in) a layer.
        prototypes: uint8 bits (classes, K_L).
        generators: uint32 (layers,), nonzero xorshift32 states.
        accumulators: uint32 (layers,), below 2^16.
    """

    counters: tuple[NDArray[np.int16], ...]
    prototypes: NDArray[np.uint8]
    generators: NDArray[np.uint32]
    accumulators: NDArray[np.uint32]

    def validate(self, settings: Settings, source: str = "state") -> Self:
        """Self, if shapes and ranges are those of `settings`. Raises `BephwError`."""
        layers, sizes = settings.network.layers, settings.network.sizes
        expected = {f"counters_{index}": (sizes[index + 1], sizes[index]) for index in range(layers)}
        expected["prototypes"] = (settings.network.classes, sizes[-1])
        expected["generator"] = expected["accumulator"] = (layers,)
        arrays = self.to_arrays()
        for name, shape in expected.items():
            if name not in arrays:
                raise BephwError(f"{source}: {name} is missing (the settings have {layers} layers)")
            if arrays[name].shape != shape:
                raise BephwError(f"{source}: {name} must have shape {shape}, not {arrays[name].shape}")
        top = 2 ** (settings.learning.bits - 1)
        ranges = {f"counters_{index}": (-top, top - 1) for index in range(layers)}
        ranges |= {"prototypes": (0, 1), "generator": (1, 2**32 - 1), "accumulator": (0, 2**16 - 1)}
        for name, (low, high) in ranges.items():
            lowest, highest = int(arrays[name].min()), int(arrays[name].max())
            if lowest < low or highest > high:
                worst = lowest if lowest < low else highest
                raise BephwError(f"{source}: {name} must be {low} to {high}, not {worst}")
        return self

    def to_arrays(self) -> dict[str, NDArray]:
        """Named arrays, as the vector files name them."""
        return {
            **{f"counters_{index}": counters for index, counters in enumerate(self.counters)},
            "prototypes": self.prototypes,
            "generator": self.generators,
            "accumulator": self.accumulators,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray], settings: Settings, source: str = "state") -> Self:
        """Inverse of `to_arrays`; accumulators default to 0. Raises `BephwError`."""
        layers = settings.network.layers
        names = [f"counters_{index}" for index in range(layers)] + ["prototypes", "generator"]
        for name in names:
            if name not in arrays:
                raise BephwError(f"{source}: array {name} is missing")
        # Ranges are checked before the types narrow, so that nothing wraps around unseen.
        wide = cls(
            counters=tuple(_integers(arrays, name, source) for name in names[:layers]),
            prototypes=_integers(arrays, "prototypes", source),
            generators=_integers(arrays, "generator", source),
            accumulators=_integers(arrays, "accumulator", source)
            if "accumulator" in arrays
            else np.zeros(layers, np.int64),
        ).validate(settings, source)
        return cls(
            counters=tuple(np.ascontiguousarray(counters, np.int16) for counters in wide.counters),
            prototypes=np.ascontiguousarray(wide.prototypes, np.uint8),
            generators=wide.generators.astype(np.uint32),
            accumulators=wide.accumulators.astype(np.uint32),
        )

    def save(self, path: str | Path) -> None:
        """Write an .npz file, whole or not at all."""
        save_arrays(path, self.to_arrays())

    @classmethod
    def load(cls, path: str | Path, settings: Settings) -> Self:
        """Read an .npz file. Raises `BephwError`."""
        return cls.from_arrays(load_arrays(path), settings, str(path))


def save_arrays(path: str | Path, arrays: dict[str, NDArray]) -> None:
    """Write an .npz file through a temporary one beside it, so that a cut leaves the old file whole."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BephwError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_arrays(path: str | Path) -> dict[str, NDArray]:
    """All arrays of an .npz file. Raises `BephwError` where it is missing, damaged or pickled."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except OSError as error:
        raise BephwError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise BephwError(f"{path}: not a whole .npz file of plain arrays: {error}") from error


def _integers(arrays: dict[str, NDArray], name: str, source: str) -> NDArray[np.int64]:
    array = arrays[name]
    if array.dtype.kind not in "iub":
        raise BephwError(f"{source}: {name} must hold integers, not {array.dtype}")
    return array.astype(np.int64)
