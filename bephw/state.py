"""What a trainer remembers: counters, prototypes, generators, accumulators; and its file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, MissingError, check
from bephw.files import write_bytes
from bephw.generated import generated_weights
from bephw.limits import LARGEST_OFFSET, LARGEST_SCALE
from bephw.settings import Settings
from bephw.words import counted

__all__ = ["NetworkState", "check_array", "load_arrays", "prototype_names", "save_arrays"]


@dataclass(frozen=True, eq=False)
class NetworkState:
    """The state of numerics.md section 6, at a batch boundary.

    Attributes:
        counters: one int16 array (K_out, K_in) a layer; where the settings have `network.generated` weights for it,
            they have the signs of these, and may be left out in a file.
        prototypes: uint8 bits (classes, K_L).
        generators: uint32 (layers,), nonzero xorshift32 states.
        accumulators: uint32 (layers,), below 2^16.
        hidden_prototypes: uint8 bits (classes, K_l) of every layer but the last, where the rule is local (LBES).
        thresholds: int32 (K_out,) of every layer, -K_in to K_in + 1, where the settings have `network.thresholds`.
        scales, offsets: int64 (classes,), 0 to 2^24 and 0 to 2^48, where the settings have `network.scores`.
    """

    counters: tuple[NDArray[np.int16], ...]
    prototypes: NDArray[np.uint8]
    generators: NDArray[np.uint32]
    accumulators: NDArray[np.uint32]
    hidden_prototypes: tuple[NDArray[np.uint8], ...] = ()
    thresholds: tuple[NDArray[np.int32], ...] = ()
    scales: NDArray[np.int64] | None = None
    offsets: NDArray[np.int64] | None = None

    @property
    def all_prototypes(self) -> tuple[NDArray[np.uint8], ...]:
        """Those of every classifier, the last layer's last."""
        return (*self.hidden_prototypes, self.prototypes)

    def validate(self, settings: Settings, source: str = "state") -> Self:
        """Self, if shapes and ranges are those of `settings`. Raises `BephwError`."""
        _check(self.to_arrays(), settings, source)
        return self

    def to_arrays(self) -> dict[str, NDArray]:
        """Named arrays, as the vector files name them (all prototypes numbered where the rule is local)."""
        return {
            **{f"counters_{index}": counters for index, counters in enumerate(self.counters)},
            **{f"thresholds_{index}": thresholds for index, thresholds in enumerate(self.thresholds)},
            **(
                {f"prototypes_{i}": frame for i, frame in enumerate(self.all_prototypes)}
                if self.hidden_prototypes
                else {}
            ),
            **({} if self.hidden_prototypes else {"prototypes": self.prototypes}),
            **({} if self.scales is None else {"scales": self.scales}),
            **({} if self.offsets is None else {"offsets": self.offsets}),
            "generator": self.generators,
            "accumulator": self.accumulators,
        }

    def stored_arrays(self, settings: Settings) -> dict[str, NDArray]:
        """`to_arrays` without the layers of `settings` whose weights are generated."""
        generated = _generated_counters(settings)
        return {name: array for name, array in self.to_arrays().items() if name not in generated}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray], settings: Settings, source: str = "state") -> Self:
        """Inverse of `to_arrays`, and of `stored_arrays`; accumulators default to 0. Raises `BephwError`."""
        layers = settings.network.layers
        arrays = {**_generated_counters(settings), "accumulator": np.zeros(layers, np.uint32), **arrays}
        if settings.local and layers == 1 and "prototypes_0" in arrays:
            arrays["prototypes"] = arrays.pop("prototypes_0")
        # Shapes and ranges are checked before the types narrow, so that nothing wraps around unseen.
        _check(arrays, settings, source)
        return cls(
            counters=tuple(arrays[f"counters_{index}"].astype(np.int16) for index in range(layers)),
            prototypes=arrays[prototype_names(settings)[-1]].astype(np.uint8),
            generators=arrays["generator"].astype(np.uint32),
            accumulators=arrays["accumulator"].astype(np.uint32),
            hidden_prototypes=tuple(arrays[name].astype(np.uint8) for name in prototype_names(settings)[:-1]),
            thresholds=tuple(arrays[f"thresholds_{index}"].astype(np.int32) for index in range(layers))
            if settings.network.thresholds
            else (),
            scales=arrays["scales"].astype(np.int64) if settings.network.scores else None,
            offsets=arrays["offsets"].astype(np.int64) if settings.network.scores else None,
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
        with open(path, "rb") as file:
            # NumPy takes anything else for pickled objects, and says so.
            check(zipfile.is_zipfile(file), f"{path}: not a whole .npz file of plain arrays: no ZIP archive")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
    except BephwError:
        raise
    except OSError as error:
        raise MissingError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:
        # A damaged file may fail anywhere in NumPy, zipfile or zlib, each with errors of its own.
        reason = str(error).splitlines() or [type(error).__name__]
        raise BephwError(f"{path}: not a whole .npz file of plain arrays: {reason[0]}") from error


def check_array(
    arrays: Mapping[str, NDArray], name: str, shape: tuple[int, ...], bounds: tuple[int, int], source: str
) -> None:
    """Raise `BephwError` unless `arrays` has `name`: integers of `shape`, within `bounds` (both ends included)."""
    check(name in arrays, f"{source}: {name} is missing")
    found, (low, high) = arrays[name], bounds
    check(found.dtype.kind in "iub", f"{source}: {name} must hold integers, not {found.dtype}")
    check(found.shape == shape, f"{source}: {name} must have shape {shape}, not {found.shape}")
    lowest, highest = int(found.min()), int(found.max())
    worst = lowest if lowest < low else highest
    rule = "0 or 1" if (low, high) == (0, 1) else f"{low} to {high}"
    check(low <= worst <= high, f"{source}: {name} must be {rule}, not {worst}")


def prototype_names(settings: Settings) -> list[str]:
    """Names of the classifiers' arrays, that of the last layer last."""
    layers = settings.network.layers
    return [f"prototypes_{index}" for index in range(layers)] if settings.local and layers > 1 else ["prototypes"]


def _generated_counters(settings: Settings) -> dict[str, NDArray]:
    """Counters of the layers whose weights are generated: 0 for +1, -1 for -1."""
    layers = zip(settings.network.generated, settings.matrices, strict=False)
    return {
        f"counters_{index}": generated_weights(seed, *shape).astype(np.int16) - np.int16(1)
        for index, (seed, shape) in enumerate(layers)
        if seed
    }


def _expected(settings: Settings) -> dict[str, tuple[tuple[int, ...], int, int]]:
    """Shape, smallest and largest value of every array that a state of `settings` has."""
    layers, classes, top = settings.network.layers, settings.network.classes, 2 ** (settings.learning.bits - 1)
    expected: dict[str, tuple[tuple[int, ...], int, int]] = {
        f"counters_{index}": (shape, -top, top - 1) for index, shape in enumerate(settings.matrices)
    }
    widths = settings.network.sizes[1:]
    names = prototype_names(settings)
    for name, width in zip(names, widths[-len(names) :], strict=True):
        expected[name] = ((classes, width), 0, 1)
    if settings.network.thresholds:
        for index, (outputs, inputs) in enumerate(settings.matrices):
            expected[f"thresholds_{index}"] = ((outputs,), -inputs, inputs + 1)
    if settings.network.scores:
        expected["scales"], expected["offsets"] = ((classes,), 0, LARGEST_SCALE), ((classes,), 0, LARGEST_OFFSET)
    expected["generator"] = ((layers,), 1, 2**32 - 1)
    expected["accumulator"] = ((layers,), 0, 2**16 - 1)
    return expected


def _check(arrays: dict[str, NDArray], settings: Settings, source: str) -> None:
    """Raise `BephwError` unless names, types, shapes and ranges are those of `settings`."""
    layers = settings.network.layers
    check(
        settings.learning.algorithm != "logic",
        f"{source}: learning.algorithm must not be logic, whose networks have gates, for one with weights",
    )
    check(
        not settings.open,
        f"{source}: network.sizes[0] and network.classes must be known, not 0 (as many as the data have)",
    )
    check(
        settings.learning.algorithm != "gnet",
        f"{source}: learning.algorithm gnet has no state of its own: give the settings of the embedded network, which "
        "bephw train --state writes beside the state",
    )
    extra = f"counters_{layers}"
    check(extra not in arrays, f"{source}: {extra} is one too many (the settings have {counted(layers, 'layer')})")
    extra = f"prototypes_{layers}"
    check(extra not in arrays, f"{source}: {extra} is one too many (the settings have {counted(layers, 'layer')})")
    for flag, name in (("thresholds", "thresholds_0"), ("scores", "scales"), ("scores", "offsets")):
        legal = getattr(settings.network, flag) or name not in arrays
        check(legal, f"{source}: {name} is there, but network.{flag} is false")
    for name, (shape, low, high) in _expected(settings).items():
        check(name in arrays, f"{source}: {name} is missing (the settings have {counted(layers, 'layer')})")
        check_array(arrays, name, shape, (low, high), source)
    for name, counters in _generated_counters(settings).items():
        wrong = np.argwhere((arrays[name] >= 0) != (counters >= 0))
        if len(wrong):
            place, seed = wrong[0].tolist(), settings.network.generated[int(name.removeprefix("counters_"))]
            check(
                False,
                f"{source}: {name}{place} must have the sign of the generated weight (seed {seed}), or all of "
                f"{name} be left out",
            )
