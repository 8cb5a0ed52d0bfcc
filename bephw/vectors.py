"""Reference vectors (numerics.md section 7): what goes in, and what must come out.

A file holds the settings as JSON, samples, the state before the first and after the last batch, and what
every sample gave. `load_vector` reads and checks one; `replay` runs the golden model on it; `compare` tells the
differences between what was expected and what any implementation gave.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.golden.model import EngineName, GoldenModel
from bephw.settings import Learning, Settings
from bephw.state import NetworkState, load_arrays

__all__ = ["Vector", "compare", "load_vector", "meta_options", "replay"]

# meta's name of every hyperparameter that has one entry a layer, and the settings' name.
_LISTS = {"G": "G", "gamma": "gamma", "reinforce": "rates", "seed": "generators"}
_SCALARS = ("algorithm", "bits", "tie", "batch")
_OPTIONS = ("burst", "lag")
_ALGORITHMS = ("bep", "bep-tt", "lbes")


@dataclass(frozen=True, eq=False)
class Vector:
    """A reference vector of n samples.

    Attributes:
        name: the file's name without its suffix.
        settings: from `meta`.
        state: before the first sample.
        x: uint8 bits (n, K_0), or (n, steps, K_0) for a recurrent network.
        y: int64 labels (n,).
        expected: `prediction` (n,), `logits` (n, classes) and `taught` (n,) of every sample, by the planes of its own
            batch (`taught` (n, layers) for the local rule); `final_l` (counters), `generator` and `accumulator`
            (layers,) after the last batch, short or not, has ended.
    """

    name: str
    settings: Settings
    state: NetworkState
    x: NDArray[np.uint8]
    y: NDArray[np.int64]
    expected: dict[str, NDArray[Any]]


def load_vector(path: str | Path) -> Vector:
    """Read and check one file. Raises `BephwError` naming the file, the array, the rule and the value."""
    arrays, source = load_arrays(path), str(path)
    settings = _settings(_meta(arrays, source), source)
    sizes, layers, classes = settings.network.sizes, settings.network.layers, settings.network.classes
    samples = len(arrays["x"]) if arrays.get("x", np.array(0)).ndim else 0
    top = 2 ** (settings.learning.bits - 1)
    check("x" in arrays, f"{source}: x is missing")
    _check_dimensions(settings, arrays["x"].shape, source)
    steps = arrays["x"].shape[1:2] if settings.recurrent else ()
    x = _array(arrays, "x", (samples, *steps, sizes[0]), 0, 1, source)
    check(samples > 0, f"{source}: x must have at least one sample, not 0")
    check(
        0 not in steps,
        f"{source}: x must have shape (samples, steps, {sizes[0]}) with at least one step, not {x.shape}",
    )
    y = _array(arrays, "y", (samples,), 0, classes - 1, source)
    expected = {
        "prediction": _array(arrays, "prediction", (samples,), 0, classes - 1, source),
        "logits": _array(arrays, "logits", (samples, classes), -sizes[-1], sizes[-1], source),
        "taught": _array(arrays, "taught", (samples, layers) if settings.local else (samples,), 0, 1, source),
        **{
            f"final_{index}": _array(arrays, f"final_{index}", shape, -top, top - 1, source)
            for index, shape in enumerate(settings.matrices)
        },
        "generator": _array(arrays, "generator", (layers,), 1, 2**32 - 1, source),
        "accumulator": _array(arrays, "accumulator", (layers,), 0, 2**16 - 1, source),
    }
    # The file's `generator` and `accumulator` are the final ones; it starts from meta's seeds and from zero.
    before = {name: array for name, array in arrays.items() if name not in expected}
    before["generator"] = np.array(settings.learning.generators)
    if settings.recurrent:
        settings = settings.replace({"data.steps": x.shape[1]})
    return Vector(
        name=Path(path).stem,
        settings=settings,
        state=NetworkState.from_arrays(before, settings, source),
        x=x.astype(np.uint8),
        y=y.astype(np.int64),
        expected=expected,
    )


def meta_options(settings: Settings) -> dict[str, int]:
    """What a file's `meta` has only where it is not the default."""
    given = {name: getattr(settings.learning, name) for name in _OPTIONS}
    return {name: value for name, value in given.items() if value != Learning.model_fields[name].default}


def replay(vector: Vector, engine: EngineName = "compiled") -> dict[str, NDArray[Any]]:
    """What the golden model gives for `vector`, named and shaped as `vector.expected`."""
    model = GoldenModel(vector.settings, vector.state, engine)
    record = model.train(vector.x, vector.y)
    model.end_batch()
    state = model.state
    return {
        "prediction": record.prediction,
        "logits": record.logits,
        "taught": record.taught,
        **{f"final_{layer}": counters for layer, counters in enumerate(state.counters)},
        "generator": state.generators,
        "accumulator": state.accumulators,
    }


def compare(expected: Mapping[str, NDArray[Any]], got: Mapping[str, NDArray[Any]]) -> list[str]:
    """One line for every array of `expected` that `got` lacks or has otherwise; empty where all agree.

    Values are compared, types are not (a bool and a uint8 may agree). Arrays that only `got` has are ignored.
    """
    lines = []
    for name, right in expected.items():
        if name not in got:
            lines.append(f"{name}: missing")
            continue
        mine = np.asarray(got[name])
        if mine.shape != right.shape:
            lines.append(f"{name}: has shape {mine.shape}, expected {right.shape}")
            continue
        wrong = np.argwhere(mine != right)
        if len(wrong):
            first = tuple(wrong[0].tolist())
            place = ", ".join(map(str, first))
            lines.append(
                f"{name}: {len(wrong)} of {right.size} differ, first at [{place}]: "
                f"expected {int(right[first])}, got {int(mine[first])}"
            )
    return lines


def _meta(arrays: Mapping[str, NDArray[Any]], source: str) -> dict[str, Any]:
    check("meta" in arrays, f"{source}: meta is missing: not a reference vector")
    text = arrays["meta"].tolist()
    check(isinstance(text, str), f"{source}: meta must be one string, not {arrays['meta'].dtype}")
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BephwError(f"{source}: meta is not valid JSON: {error}") from error
    check(isinstance(meta, dict), f"{source}: meta must be a JSON object, not {type(meta).__name__}")
    check("algorithm" in meta, f"{source}: meta.algorithm is missing")
    check(
        meta["algorithm"] in _ALGORITHMS,
        f"{source}: meta.algorithm must be one of {', '.join(_ALGORITHMS)}, not {meta['algorithm']!r}",
    )
    for name in ("sizes", "classes", "R", *_LISTS, *_SCALARS):
        check(name in meta, f"{source}: meta.{name} is missing")
    return meta


def _settings(meta: dict[str, Any], source: str) -> Settings:
    for name in ("R", *_LISTS):
        check(isinstance(meta[name], list), f"{source}: meta.{name} must be a list, not {meta[name]!r}")
    local = meta["algorithm"] == "lbes"
    check(local or len(meta["R"]) == 1, f"{source}: meta.R must have 1 entry, not {len(meta['R'])}")
    learning = {
        "R": meta["R"],
        **{name: meta[name] for name in _SCALARS},
        **{name: meta[name] for name in _OPTIONS if name in meta},
        **{ours: meta[theirs] for theirs, ours in _LISTS.items()},
    }
    try:
        return Settings.build(network={"sizes": meta["sizes"], "classes": meta["classes"]}, learning=learning)
    except BephwError as error:
        raise BephwError(f"{source}: meta: {str(error).removeprefix('settings: ')}") from error


def _check_dimensions(settings: Settings, shape: tuple[int, ...], source: str) -> None:
    """Samples have steps where the network is recurrent, and only there."""
    algorithm, inputs = settings.learning.algorithm, settings.network.sizes[0]
    rule = f"(samples, steps, {inputs})" if settings.recurrent else f"(samples, {inputs})"
    check(
        len(shape) == (3 if settings.recurrent else 2),
        f"{source}: x must have shape {rule} for learning.algorithm {algorithm}, not {shape}",
    )


def _array(
    arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...], low: int, high: int, source: str
) -> NDArray[Any]:
    """The integers called `name`, of `shape` and within `low` to `high`."""
    check(name in arrays, f"{source}: {name} is missing")
    array = arrays[name]
    check(array.dtype.kind in "iub", f"{source}: {name} must hold integers, not {array.dtype}")
    check(array.shape == shape, f"{source}: {name} must have shape {shape}, not {array.shape}")
    if array.size:
        lowest, highest = int(array.min()), int(array.max())
        worst = lowest if lowest < low else highest
        rule = "0 or 1" if (low, high) == (0, 1) else f"{low} to {high}"
        check(low <= worst <= high, f"{source}: {name} must be {rule}, not {worst}")
    return array
