"""Checkpoints: all that training needs to go on to the very same bits, in one file.

A checkpoint is an .npz file written between two batches: the arrays of `NetworkState`, those of the average of the
weights where there is one, with `learning.lag` the planes of the next batch, and as JSON the settings, the history
(whose last training accuracy gives the next rates), the epoch that is under way, if any, and the state of the Bernoulli
generator; and a checksum of the training samples. With `learning.lag` it has an anchor, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.average import WeightAverage
from bephw.destination import destination
from bephw.errors import BephwError, check
from bephw.files import make_folder
from bephw.golden import open_epoch
from bephw.golden.anchor import Anchor
from bephw.golden.history import Epoch, from_json, to_json
from bephw.golden.learner import Planes
from bephw.golden.open_epoch import OpenEpoch
from bephw.locks import lock
from bephw.settings import Settings
from bephw.state import NetworkState, check_array, load_arrays, save_arrays

__all__ = ["Checkpoint", "check_new", "held", "load", "save"]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Training between two batches.

    Attributes:
        state: counters, prototypes, generators, accumulators.
        history: the epochs so far.
        random: generator of the "bernoulli" reinforcement.
        samples: checksum of the training samples.
        average: of the weights, where `learning.average` asks for it.
        planes: uint8 (K_out, K_in) a layer, the visible weights of the batch that begins, where `learning.lag` keeps
            them behind the counters; None where they are the counters' signs, or with an `anchor` not known.
        under_way: the epoch after `history`, if it has begun.
        anchor: with `learning.lag`.
    """

    state: NetworkState
    history: list[Epoch]
    random: np.random.Generator
    samples: int
    average: WeightAverage | None = None
    planes: Planes | None = None
    under_way: OpenEpoch | None = None
    anchor: Anchor | None = None


def check_new(path: str | Path) -> None:
    """Raise `BephwError` where there is a checkpoint that a new training would overwrite."""
    target = destination(Path(path))
    there = target.exists and not target.stream and target.path.stat().st_size > 0
    check(
        not there,
        f"checkpoint {path}: is there already: go on from it with resume (--resume); or, to begin afresh, "
        "give another file or delete it",
    )


@contextmanager
def held(path: str | Path | None, *, resume: bool) -> Iterator[None]:
    """Keep other trainings from `path` (a lock beside it, which goes with the process); nothing where it is None.

    Raises `BephwError` where another training has it, and, unless it is to `resume`, where it is there already.
    """
    target = None if path is None else destination(Path(path))
    if target is None or path is None or target.stream or (resume and not target.exists):
        yield
        return
    file = make_folder(target.path.parent) / f".{target.path.name}.lock"
    with lock(file, f"checkpoint {path}: another training writes it", "wait for it, or give another file"):
        if not resume:
            check_new(path)
        yield


def save(path: str | Path, settings: Settings, checkpoint: Checkpoint) -> None:
    """Write `path`, whole or not at all. Raises `BephwError` where that fails."""
    arrays = {
        **checkpoint.state.to_arrays(),
        "settings": np.array(settings.to_json()),
        "history": np.array(to_json(checkpoint.history)),
        "random": np.array(json.dumps(checkpoint.random.bit_generator.state)),
        "samples": np.array(checkpoint.samples),
        "under_way": np.array(open_epoch.to_json(checkpoint.under_way)),
        **(checkpoint.anchor.to_arrays() if checkpoint.anchor else {}),
        **(checkpoint.average.to_arrays() if checkpoint.average else {}),
        **{f"plane_{layer}": plane for layer, plane in enumerate(checkpoint.planes or ())},
    }
    save_arrays(path, arrays)


def load(path: str | Path, settings: Settings, samples: int) -> Checkpoint:
    """Read `path`.

    Raises `BephwError` where it is missing or damaged, or was made with other settings (number of epochs, hardware
    and board aside: they change no bit, but by `Settings.order`) or with other training samples than those of checksum
    `samples`.
    """
    source = f"checkpoint {path}"
    arrays = load_arrays(path)
    text = _text(arrays, "settings", source)
    try:
        written = Settings.build(**json.loads(text))
    except (ValueError, TypeError, BephwError) as error:
        raise BephwError(f"{source}: settings cannot be read: {error}") from error
    changed = _first_change(_bits_of(written), _bits_of(settings))
    check(not changed, f"{source}: was made with {changed}: start afresh, or use the settings it was made with")
    text = _text(arrays, "history", source)
    try:
        history = from_json(text)
    except ValueError as error:
        raise BephwError(f"{source}: history cannot be read: {error}") from error
    check(
        arrays.get("samples", np.array("none")).tolist() == samples,
        f"{source}: was made with other training samples: start afresh, or train on the samples it was made with",
    )
    state = NetworkState.from_arrays(arrays, settings, source)
    average = WeightAverage.from_arrays(arrays, settings, len(history), source)
    random = _random(_text(arrays, "random", source), source)
    anchor = Anchor.from_arrays(arrays, settings, len(history), source)
    planes = _planes(arrays, settings, source, required=anchor is None)
    return Checkpoint(state, history, random, samples, average, planes, _under_way(arrays, source), anchor)


def _under_way(arrays: Mapping[str, NDArray[Any]], source: str) -> OpenEpoch | None:
    if "under_way" not in arrays:  # Written between two epochs, by a version that knew no other place.
        return None
    text = _text(arrays, "under_way", source)
    try:
        return open_epoch.from_json(text)
    except ValueError as error:
        raise BephwError(f"{source}: under_way cannot be read: {error}") from error


def _planes(arrays: Mapping[str, NDArray[Any]], settings: Settings, source: str, *, required: bool) -> Planes | None:
    if not settings.learning.lag or not (required or "plane_0" in arrays):
        return None
    for layer, shape in enumerate(settings.matrices):
        check_array(arrays, f"plane_{layer}", shape, (0, 1), source)
    return tuple(arrays[f"plane_{layer}"].astype(np.uint8) for layer in range(settings.network.layers))


def _text(arrays: Mapping[str, NDArray[Any]], name: str, source: str) -> str:
    if name not in arrays:
        raise BephwError(f"{source}: {name} is missing: not a checkpoint")
    value = arrays[name].tolist()
    check(isinstance(value, str), f"{source}: {name} must be one string, not {arrays[name].dtype}")
    return value


def _random(text: str, source: str) -> np.random.Generator:
    random = np.random.default_rng(0)
    try:
        random.bit_generator.state = json.loads(text)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise BephwError(f"{source}: random cannot be read: {error}") from error
    return random


def _bits_of(settings: Settings) -> dict[str, Any]:
    """The fields that decide what training computes."""
    content = settings.model_dump(include={"network", "learning", "data"})
    del content["learning"]["epochs"]
    content["learning"]["order"] = settings.order
    return content


def _first_change(before: Any, now: Any, name: str = "") -> str:
    """The first difference as "field = before, not now", or an empty string."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in now:
            change = _first_change(before.get(key), now[key], f"{name}.{key}".removeprefix("."))
            if change:
                return change
        return ""
    return "" if before == now else f"{name} = {before}, not {now}"
