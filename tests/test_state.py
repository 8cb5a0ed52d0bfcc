"""The state and its file: what is not legal is named, what is written comes back or was never there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.generated import generated_weights
from bephw.settings import Settings
from bephw.state import NetworkState, load_arrays, save_arrays

SETTINGS = Settings.build(network={"sizes": [5, 4, 3], "classes": 2}, learning={"bits": 4})


def made(**changes) -> NetworkState:
    parts = {
        "counters": (np.full((4, 5), -8, np.int16), np.full((3, 4), 7, np.int16)),
        "prototypes": np.array([[0, 1, 0], [1, 1, 0]], np.uint8),
        "generators": np.array([1, 2**32 - 1], np.uint32),
        "accumulators": np.array([0, 2**16 - 1], np.uint32),
    }
    return NetworkState(**{**parts, **changes})


def refusal(action, *arguments) -> str:
    with pytest.raises(BephwError) as caught:
        action(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_state_comes_back_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "state.npz"
    made().save(file)
    loaded = NetworkState.load(file, SETTINGS)
    for name, array in made().to_arrays().items():
        found = loaded.to_arrays()[name]
        assert found.dtype == array.dtype, name
        assert np.array_equal(found, array), name


def test_accumulators_default_to_zero_and_types_narrow() -> None:
    arrays = {name: array.astype(np.int64) for name, array in made().to_arrays().items()}
    del arrays["accumulator"]
    state = NetworkState.from_arrays(arrays, SETTINGS)
    assert state.accumulators.tolist() == [0, 0]
    assert [counters.dtype for counters in state.counters] == [np.int16, np.int16]
    assert state.prototypes.dtype == np.uint8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counters": (np.zeros((4, 5), int),)}, "counters_1 is missing (the settings have 2 layers)"),
        (
            {"counters": (np.zeros((4, 5), int), np.zeros((3, 4), int), np.zeros((1, 1), int))},
            "counters_2 is one too many (the settings have 2 layers)",
        ),
        (
            {"counters": (np.zeros((4, 5), int), np.zeros((4, 3), int))},
            "counters_1 must have shape (3, 4), not (4, 3)",
        ),
        ({"counters": (np.zeros((4, 5)), np.zeros((3, 4), int))}, "counters_0 must hold integers, not float64"),
        ({"counters": (np.full((4, 5), -9), np.zeros((3, 4), int))}, "counters_0 must be -8 to 7, not -9"),
        ({"counters": (np.zeros((4, 5), int), np.full((3, 4), 8))}, "counters_1 must be -8 to 7, not 8"),
        ({"prototypes": np.zeros((3, 3), int)}, "prototypes must have shape (2, 3), not (3, 3)"),
        ({"prototypes": np.full((2, 3), 2)}, "prototypes must be 0 or 1, not 2"),
        ({"generators": np.array([0, 1])}, "generator must be 1 to 4294967295, not 0"),
        ({"generators": np.array([1, 2**32])}, "generator must be 1 to 4294967295, not 4294967296"),
        ({"generators": np.array([1])}, "generator must have shape (2,), not (1,)"),
        ({"accumulators": np.array([0, 2**16])}, "accumulator must be 0 to 65535, not 65536"),
    ],
)
def test_what_is_not_legal_is_named(changes: dict, message: str) -> None:
    assert refusal(made(**changes).validate, SETTINGS) == f"state: {message}"
    arrays = made(**changes).to_arrays()
    assert refusal(NetworkState.from_arrays, arrays, SETTINGS, "a file") == f"a file: {message}"


@pytest.mark.parametrize("name", ["counters_0", "counters_1", "prototypes", "generator"])
def test_a_missing_array_is_named(tmp_path: Path, name: str) -> None:
    arrays = made().to_arrays()
    del arrays[name]
    save_arrays(tmp_path / "s.npz", arrays)
    message = refusal(NetworkState.load, tmp_path / "s.npz", SETTINGS)
    assert message == f"{tmp_path / 's.npz'}: {name} is missing (the settings have 2 layers)"


def test_values_that_would_wrap_are_refused() -> None:
    arrays = {**made().to_arrays(), "counters_0": np.full((4, 5), 2**16)}
    assert refusal(NetworkState.from_arrays, arrays, SETTINGS) == "state: counters_0 must be -8 to 7, not 65536"


def test_pickles_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", counters_0=np.array([{"a": 1}], dtype=object))
    assert refusal(load_arrays, tmp_path / "p.npz").startswith(f"{tmp_path / 'p.npz'}: not a whole .npz file")


def test_a_single_array_is_not_an_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    assert "not a whole .npz file of plain arrays" in refusal(load_arrays, tmp_path / "a.npy")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert refusal(load_arrays, tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_cut_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "state.npz"
    made().save(file)
    before = file.read_bytes()

    def cut(temporary, path) -> None:
        assert Path(temporary).stat().st_size > 0
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        made().save(file)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["state.npz"]


def test_a_full_disk_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(temporary, path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    message = refusal(save_arrays, tmp_path / "s.npz", {})
    assert message == f"{tmp_path / 's.npz'}: cannot be written: No space left on device"
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = refusal(save_arrays, tmp_path / "file" / "s.npz", {})
    assert message == f"folder {tmp_path / 'file'}: cannot be made: File exists"


SCORED = SETTINGS.replace({"network.scores": True})


def test_scores_come_back(tmp_path: Path) -> None:
    state = made(scales=np.array([0, 2**24]), offsets=np.array([2**48, 0]))
    state.save(tmp_path / "state.npz")
    found = NetworkState.load(tmp_path / "state.npz", SCORED)
    assert found.scales is not None and found.scales.tolist() == [0, 2**24]
    assert found.offsets is not None and found.offsets.tolist() == [2**48, 0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "state: scales is missing (the settings have 2 layers)"),
        ({"scales": np.ones(2, int)}, "state: offsets is missing (the settings have 2 layers)"),
        ({"scales": np.ones(3, int), "offsets": np.ones(2, int)}, "state: scales must have shape (2,), not (3,)"),
        ({"scales": np.ones(2), "offsets": np.ones(2, int)}, "state: scales must hold integers, not float64"),
        ({"scales": np.array([1, -1]), "offsets": np.ones(2, int)}, "state: scales must be 0 to 16777216, not -1"),
        (
            {"scales": np.ones(2, int), "offsets": np.array([2**48 + 1, 0])},
            "state: offsets must be 0 to 281474976710656, not 281474976710657",
        ),
    ],
)
def test_scores_that_are_not_legal(changes: dict, message: str) -> None:
    assert refusal(made(**changes).validate, SCORED) == message


@pytest.mark.parametrize("name", ["scales", "offsets"])
def test_scores_that_the_settings_do_not_have(name: str) -> None:
    message = refusal(made(**{name: np.ones(2, int)}).validate, SETTINGS)
    assert message == f"state: {name} is there, but network.scores is false"


GENERATED = SETTINGS.replace({"network.thresholds": True, "network.generated": [0, 9]})


def with_generated_weights() -> NetworkState:
    signs = generated_weights(9, 3, 4)
    return made(
        counters=(np.zeros((4, 5), np.int16), np.where(signs, 5, -3).astype(np.int16)),
        thresholds=(np.zeros(4, np.int32), np.ones(3, np.int32)),
    )


def test_generated_weights_may_be_left_out(tmp_path: Path) -> None:
    state = with_generated_weights().validate(GENERATED)
    stored = state.stored_arrays(GENERATED)
    assert stored.keys() == state.to_arrays().keys() - {"counters_1"}
    save_arrays(tmp_path / "s.npz", stored)
    loaded = NetworkState.load(tmp_path / "s.npz", GENERATED)
    assert np.array_equal(loaded.counters[1] >= 0, generated_weights(9, 3, 4))
    assert loaded.counters[1].dtype == np.int16
    whole = NetworkState.from_arrays(state.to_arrays(), GENERATED)
    assert np.array_equal(whole.counters[1], state.counters[1])


def test_other_weights_than_the_generated_ones_are_named() -> None:
    state = with_generated_weights()
    state.counters[1][2, 1] = ~state.counters[1][2, 1]
    assert refusal(state.validate, GENERATED) == (
        "state: counters_1[2, 1] must have the sign of the generated weight (seed 9), or all of counters_1 be left out"
    )
