"""Checkpoints: all comes back; every damaged part is named in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.golden.checkpoint import Checkpoint, load, save
from bephw.golden.history import Epoch
from bephw.golden.initial import initial_state
from bephw.settings import Settings
from bephw.state import load_arrays, save_arrays

SETTINGS = Settings.build(
    network={"sizes": [8, 6, 5], "classes": 2}, learning={"bits": 6, "gamma": [3, 1], "nu": [0.5, 0.25]}
)
HISTORY = [Epoch(1, 0.625, None, 0.5, 0.75, (12, 34), (3, 1), 1.5)]
SAMPLES = 2**32 - 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A checkpoint whose Bernoulli generator has drawn, with half a word left over."""
    random = np.random.default_rng(5)
    random.random(3, dtype=np.float32)
    save(tmp_path / "c.npz", SETTINGS, Checkpoint(initial_state(SETTINGS), HISTORY, random, SAMPLES))
    return tmp_path / "c.npz"


def refusal(file: Path, settings: Settings = SETTINGS, samples: int = SAMPLES) -> str:
    with pytest.raises(BephwError) as caught:
        load(file, settings, samples)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"checkpoint {file}: ")


def test_all_comes_back(file: Path) -> None:
    loaded = load(file, SETTINGS, SAMPLES)
    expected = np.random.default_rng(5)
    expected.random(3, dtype=np.float32)
    assert loaded.random.random(4, dtype=np.float32).tolist() == expected.random(4, dtype=np.float32).tolist()
    assert loaded.history == HISTORY
    for name, array in initial_state(SETTINGS).to_arrays().items():
        assert np.array_equal(loaded.state.to_arrays()[name], array), name


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("settings", None, "settings is missing: not a checkpoint"),
        ("settings", "{", "settings cannot be read"),
        ("settings", "[1]", "settings cannot be read"),
        ("settings", '{"network": 3}', "settings cannot be read: settings: network: must be a table, not 3"),
        ("settings", 3, "settings must be one string, not int64"),
        ("history", None, "history is missing: not a checkpoint"),
        ("history", "{}", "history cannot be read: not a list"),
        ("history", "nonsense", "history cannot be read"),
        ("random", "{}", "random cannot be read"),
        ("random", "7", "random cannot be read"),
        ("random", '{"bit_generator": "MT19937"}', "random cannot be read"),
        ("samples", None, "was made with other training samples"),
        ("under_way", 3, "under_way must be one string, not int64"),
        ("under_way", "{}", "under_way cannot be read: an open epoch lacks or misstates 'learning_seconds'"),
        ("under_way", "[1", "under_way cannot be read"),
        ("counters_1", None, "counters_1 is missing"),
        ("generator", [0, 1], "generator must be 1 to 4294967295, not 0"),
        ("counters_0", np.full((6, 8), 32), "counters_0 must be -32 to 31, not 32"),
    ],
)
def test_damaged_parts_are_named(file: Path, name: str, value: Any, message: str) -> None:
    arrays = load_arrays(file)
    del arrays[name]
    save_arrays(file, arrays if value is None else {**arrays, name: np.array(value)})
    assert refusal(file).startswith(message)


LAGGING = SETTINGS.replace({"learning.lag": 1})


@pytest.fixture
def lagging(tmp_path: Path) -> Path:
    """A checkpoint whose planes are behind its counters."""
    planes = tuple((counters < 0).astype(np.uint8) for counters in initial_state(LAGGING).counters)
    made = Checkpoint(initial_state(LAGGING), HISTORY, np.random.default_rng(5), SAMPLES, planes=planes)
    save(tmp_path / "lagging.npz", LAGGING, made)
    return tmp_path / "lagging.npz"


def test_planes_come_back_where_they_lag(lagging: Path, file: Path) -> None:
    planes = load(lagging, LAGGING, SAMPLES).planes
    expected = [(counters < 0).tolist() for counters in initial_state(LAGGING).counters]
    assert planes is not None
    assert [plane.tolist() for plane in planes] == expected
    assert load(file, SETTINGS, SAMPLES).planes is None
    assert not [name for name in load_arrays(file) if name.startswith("plane")]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "plane_1 is missing"),
        (np.full((5, 6), 2), "plane_1 must be 0 or 1, not 2"),
        (np.zeros((6, 5), int), "plane_1 must have shape (5, 6), not (6, 5)"),
        (np.zeros((5, 6)), "plane_1 must hold integers, not float64"),
    ],
)
def test_damaged_planes_are_named(lagging: Path, value: Any, message: str) -> None:
    arrays = load_arrays(lagging)
    del arrays["plane_1"]
    save_arrays(lagging, arrays if value is None else {**arrays, "plane_1": np.array(value)})
    assert refusal(lagging, LAGGING) == message


@pytest.mark.parametrize(
    ("field", "value", "change"),
    [
        ("network.sizes", (8, 6, 10), "network.sizes = (8, 6, 5), not (8, 6, 10)"),
        ("learning.bits", 8, "learning.bits = 6, not 8"),
        ("learning.seed", 1, "learning.seed = 0, not 1"),
        ("learning.burst", 4, "learning.burst = 1, not 4"),
        ("learning.lag", 1, "learning.lag = 0, not 1"),
        ("data.encoder.levels", 4, "data.encoder.levels = 3, not 4"),
    ],
)
def test_changed_settings_are_named(file: Path, field: str, value: Any, change: str) -> None:
    changed = SETTINGS.replace({field: value})
    assert refusal(file, changed) == (f"was made with {change}: start afresh, or use the settings it was made with")


@pytest.mark.parametrize("field", ["learning.epochs", "hardware.rows", "board.baud"])
def test_what_changes_no_bit_may_change(file: Path, field: str) -> None:
    value = {"learning.epochs": 99, "hardware.rows": 3, "board.baud": 9600}[field]
    assert load(file, SETTINGS.replace({field: value}), SAMPLES).history == HISTORY


def test_other_samples_are_refused(file: Path) -> None:
    assert refusal(file, samples=7).startswith("was made with other training samples")
