"""A place to which any trainer can be brought, and from where it can learn once more what came since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bephw.settings import Settings
from bephw.state import NetworkState, check_array

__all__ = ["Anchor"]

PREFIX = "anchor_"  # before the names of its arrays


@dataclass(frozen=True, eq=False)
class Anchor:
    """Where training last stood between two epochs with planes that showed the counters.

    A load makes them so in hardware; planes that lag behind the counters cannot be loaded there.

    Attributes:
        state: as it was then.
        epochs: how many were over.
    """

    state: NetworkState
    epochs: int

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, that begin with `anchor_`."""
        arrays = {**self.state.to_arrays(), "epochs": np.array(self.epochs)}
        return {PREFIX + name: array for name, array in arrays.items()}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], settings: Settings, epochs: int, source: str
    ) -> Self | None:
        """Inverse of `to_arrays` after `epochs` epochs; None where `learning.lag` is 0, or there is none.

        Raises `BephwError` that begins with `source`.
        """
        found = {name.removeprefix(PREFIX): array for name, array in arrays.items() if name.startswith(PREFIX)}
        if not (settings.learning.lag and found):
            return None
        check_array(found, "epochs", (), (0, epochs), f"{source}: anchor")
        return cls(NetworkState.from_arrays(found, settings, f"{source}: anchor"), int(found["epochs"]))
