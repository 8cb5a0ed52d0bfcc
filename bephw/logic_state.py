"""A network of logic gates: which two signals each gate reads, and which of the 16 gates it is; and its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.settings import Settings
from bephw.state import check_array, load_arrays, save_arrays
from bephw.words import counted

__all__ = ["GATES", "LogicLayer", "LogicState"]

GATES = 16
"""Kinds of gates with two inputs a and b: gate i has the truth table of i's four bits, the highest for ab = 00, then
01, 10 and 11. So 1 is AND, 3 is a, 5 is b, 6 is XOR, 7 is OR."""


@dataclass(frozen=True, eq=False)
class LogicLayer:
    """Gates side by side.

    Attributes:
        index_a, index_b: int32 (gates,), which outputs of the layer below (or inputs) a gate reads as a and b.
        gate: uint8 (gates,), 0 to 15.
    """

    index_a: NDArray[np.int32]
    index_b: NDArray[np.int32]
    gate: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class LogicState:
    """A whole network. The last layer's outputs are as many for each class, those of class 0 first; the class with the
    most active ones is predicted, the lowest among equals.

    Attributes:
        layers: input side first.
    """

    layers: tuple[LogicLayer, ...]

    def validate(self, settings: Settings, source: str = "state") -> Self:
        """Self, if shapes and ranges are those of `settings`. Raises `BephwError`."""
        _check(self.to_arrays(), settings, source)
        return self

    def to_arrays(self) -> dict[str, NDArray]:
        """`index_a_0`, `index_b_0`, `gate_0`, and so on for every layer."""
        return {
            f"{name}_{number}": getattr(layer, name)
            for number, layer in enumerate(self.layers)
            for name in ("index_a", "index_b", "gate")
        }

    def stored_arrays(self, settings: Settings) -> dict[str, NDArray]:
        """`to_arrays`: of gates nothing follows from the settings."""
        return self.to_arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], settings: Settings, source: str = "state") -> Self:
        """Inverse of `to_arrays`; other arrays are ignored. Raises `BephwError`."""
        # Shapes and ranges are checked before the types narrow, so that nothing wraps around unseen.
        _check(arrays, settings, source)
        return cls(
            tuple(
                LogicLayer(
                    arrays[f"index_a_{number}"].astype(np.int32),
                    arrays[f"index_b_{number}"].astype(np.int32),
                    arrays[f"gate_{number}"].astype(np.uint8),
                )
                for number in range(settings.network.layers)
            )
        )

    def save(self, path: str | Path) -> None:
        """Write an .npz file, whole or not at all."""
        save_arrays(path, self.to_arrays())

    @classmethod
    def load(cls, path: str | Path, settings: Settings) -> Self:
        """Read an .npz file. Raises `BephwError`."""
        return cls.from_arrays(load_arrays(path), settings, str(path))


def _check(arrays: Mapping[str, NDArray], settings: Settings, source: str) -> None:
    """Raise `BephwError` unless names, types, shapes and ranges are those of `settings`."""
    network, algorithm = settings.network, settings.learning.algorithm
    check(algorithm == "logic", f"{source}: learning.algorithm must be logic for a network of gates, not {algorithm}")
    check(
        not settings.open,
        f"{source}: network.sizes[0] and network.classes must be known, not 0 (as many as the data have)",
    )
    extra = f"gate_{network.layers}"
    layers = counted(network.layers, "layer")
    check(extra not in arrays, f"{source}: {extra} is one too many (the settings have {layers})")
    for number, (gates, inputs) in enumerate(settings.matrices):
        for name, largest in (("index_a", inputs - 1), ("index_b", inputs - 1), ("gate", GATES - 1)):
            check(f"{name}_{number}" in arrays, f"{source}: {name}_{number} is missing (the settings have {layers})")
            check_array(arrays, f"{name}_{number}", (gates,), (0, largest), source)
