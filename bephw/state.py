"""What a trainer remembers: counters, prototypes, generators, accumulators; and its file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.files import write_bytes
from bephw.settings import Settings

__all__ = ["NetworkState", "load_arrays", "save_arrays"]


@dataclass(frozen=True, eq=False)
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
        _check(self.to_arrays(), settings, source)
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
        arrays = {"accumulator": np.zeros(layers, np.uint32), **arrays}
        # Shapes and ranges are checked before the types narrow, so that nothing wraps around unseen.
        _check(arrays, settings, source)
        return cls(
            counters=tuple(arrays[f"counters_{index}"].astype(np.int16) for index in range(layers)),
            prototypes=arrays["prototypes"].astype(np.uint8),
            generators=arrays["generator"].astype(np.uint32),
            accumulators=arrays["accumulator"].astype(np.uint32),
        )

    def save(self, path: str | Path) -> None:
        """Write an .npz file, whole or not at all."""
        save_arrays(path, self.to_arrays())

    @classmethod
    def load(cls, path: str | Path, settings: Settings) -> Self:
        """Read an .npz file. Raises `BephwError`."""
        return cls.from_arrays(load_arrays(path), settings, str(path))


def save_arrays(path: str | Path, arrays: dict[str, NDArray]) -> None:
    """Write an .npz file through a temporary one beside it, so that a cut leaves the old file whole.

    Raises `BephwError` where the folder or the file cannot be written.
    """
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    write_bytes(Path(path), content.getvalue())


def load_arrays(path: str | Path) -> dict[str, NDArray]:
    """All arrays of an .npz file. Raises `BephwError` where it is missing, damaged or pickled."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except OSError as error:
        raise BephwError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:
        # A damaged file may fail anywhere in NumPy, zipfile or zlib, each with errors of its own.
        reason = str(error).splitlines() or [type(error).__name__]
        raise BephwError(f"{path}: not a whole .npz file of plain arrays: {reason[0]}") from error


def _check(arrays: dict[str, NDArray], settings: Settings, source: str) -> None:
    """Raise `BephwError` unless names, types, shapes and ranges are those of `settings`."""
    layers, sizes, top = settings.network.layers, settings.network.sizes, 2 ** (settings.learning.bits - 1)
    shapes: dict[str, tuple[int, ...]] = {f"counters_{i}": (sizes[i + 1], sizes[i]) for i in range(layers)}
    ranges = dict.fromkeys(shapes, (-top, top - 1))
    shapes |= {"prototypes": (settings.network.classes, sizes[-1]), "generator": (layers,), "accumulator": (layers,)}
    ranges |= {"prototypes": (0, 1), "generator": (1, 2**32 - 1), "accumulator": (0, 2**16 - 1)}
    extra = f"counters_{layers}"
    check(extra not in arrays, f"{source}: {extra} is one too many (the settings have {layers} layers)")
    for name, shape in shapes.items():
        check(name in arrays, f"{source}: {name} is missing (the settings have {layers} layers)")
        found = arrays[name]
        check(found.dtype.kind in "iub", f"{source}: {name} must hold integers, not {found.dtype}")
        check(found.shape == shape, f"{source}: {name} must have shape {shape}, not {found.shape}")
        (low, high), lowest, highest = ranges[name], int(found.min()), int(found.max())
        worst = lowest if lowest < low else highest
        rule = "0 or 1" if (low, high) == (0, 1) else f"{low} to {high}"
        check(low <= worst <= high, f"{source}: {name} must be {rule}, not {worst}")
