"""Reference vectors of networks of logic gates: the network, samples, and what must come out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.logic_state import LogicState
from bephw.settings import Settings
from bephw.state import check_array, load_arrays

__all__ = ["LogicVector", "load_logic_vector", "logic_vector_arrays"]

ALGORITHM = "logic"
META = ("sizes", "classes")


@dataclass(frozen=True)
class LogicVector:
    """A vector of n samples.

    Attributes:
        settings: from `meta`.
        state: the network.
        x: uint8 bits (n, K_0).
        expected: `prediction` (n,) and `logits` (n, classes), the active outputs of each class.
    """

    settings: Settings
    state: LogicState
    x: NDArray[np.uint8]
    expected: dict[str, NDArray[Any]]


def logic_vector_arrays(
    settings: Settings,
    state: LogicState,
    x: NDArray[np.uint8],
    y: NDArray[np.int64],
    prediction: NDArray[np.int64],
    logits: NDArray[np.int32],
) -> dict[str, NDArray[Any]]:
    """What the file has: `x`, labels `y`, and the network by the names of its own file."""
    network = settings.network
    meta = {"algorithm": ALGORITHM, "sizes": list(network.sizes), "classes": network.classes}
    return {
        "meta": np.array(json.dumps(meta)),
        **state.to_arrays(),
        "x": x,
        "y": y,
        "prediction": prediction,
        "logits": logits,
    }


def load_logic_vector(path: str | Path) -> LogicVector | None:
    """Read and check a file; None where it is of other networks. Raises `BephwError`."""
    arrays, source = load_arrays(path), str(path)
    meta = _meta(arrays)
    if meta is None:
        return None
    for name in META:
        check(name in meta, f"{source}: meta.{name} is missing")
    network = {name: meta[name] for name in META}
    try:
        settings = Settings.build(network=network, learning={"algorithm": ALGORITHM})
    except BephwError as error:
        raise BephwError(f"{source}: meta: {str(error).removeprefix('settings: ')}") from error
    check("x" in arrays and arrays["x"].ndim == 2, f"{source}: x is missing, or no matrix")
    samples, (inputs, *_, outputs), classes = len(arrays["x"]), settings.network.sizes, settings.network.classes
    check(samples > 0, f"{source}: x must have at least one sample, not 0")
    state = LogicState.from_arrays(arrays, settings, source)
    check_array(arrays, "x", (samples, inputs), (0, 1), source)
    check_array(arrays, "prediction", (samples,), (0, classes - 1), source)
    check_array(arrays, "logits", (samples, classes), (0, outputs // classes), source)
    expected = {name: arrays[name] for name in ("prediction", "logits")}
    return LogicVector(settings, state, arrays["x"].astype(np.uint8), expected)


def _meta(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any] | None:
    """The file's, if it is one of a network of gates."""
    try:
        meta = json.loads(arrays["meta"].item())
    except (KeyError, ValueError, TypeError, RecursionError):
        return None  # What is wrong with it, the reader of other vectors says.
    return meta if isinstance(meta, dict) and meta.get("algorithm") == ALGORITHM else None
