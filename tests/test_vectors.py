"""Reference vectors: the golden model agrees with all of them, and a bad file is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import EngineName, GoldenModel
from bephw.settings import Settings
from bephw.state import load_arrays, save_arrays
from bephw.vectors import compare, load_vector, meta_options, replay

MLP = [
    "mlp_one_layer",
    "mlp_ties_plus",
    "mlp_three_layers_narrow_counters",
    "mlp_two_layers",
    "mlp_wide",
]


VERSION_2 = ["v2_lbes_both", "v2_mlp_burst", "v2_mlp_lag", "v2_tt_both"]


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("name", VERSION_2)
def test_the_golden_model_agrees_on_bursts_and_lag(vectors_folder: Path, name: str, engine: EngineName) -> None:
    vector = load_vector(vectors_folder / f"{name}.npz")
    assert meta_options(vector.settings)
    assert compare(vector.expected, replay(vector, engine)) == []


def test_no_vector_of_version_2_is_left_out(vectors_folder: Path) -> None:
    assert sorted(path.stem for path in vectors_folder.glob("v2_*.npz")) == VERSION_2


@pytest.mark.parametrize("options", [{}, {"burst": 4}, {"lag": 1}, {"burst": 16, "lag": 1}])
def test_options_are_in_meta_where_they_are_not_the_defaults(file: Path, options: dict[str, int]) -> None:
    arrays = load_arrays(file)
    save_arrays(file, {**arrays, "meta": np.array(json.dumps(json.loads(arrays["meta"].tolist()) | options))})
    vector = load_vector(file)
    assert meta_options(vector.settings) == options
    same = compare(vector.expected, replay(vector)) == []
    assert same == (not options), "the file's answers are those of the defaults"


@pytest.mark.parametrize("name", MLP)
def test_the_golden_model_agrees(vectors_folder: Path, name: str) -> None:
    vector = load_vector(vectors_folder / f"{name}.npz")
    layers = vector.settings.network.layers
    finals = {f"final_{layer}" for layer in range(layers)}
    assert set(vector.expected) == {"prediction", "logits", "taught", "generator", "accumulator"} | finals
    assert compare(vector.expected, replay(vector)) == []


def test_no_multi_layer_vector_is_left_out(vectors_folder: Path) -> None:
    assert sorted(path.stem for path in vectors_folder.glob("mlp_*.npz")) == sorted(MLP)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small vector that the golden model made itself: two layers, a short last batch."""
    meta = {
        "algorithm": "bep",
        "sizes": [6, 4, 4],
        "classes": 3,
        "bits": 4,
        "R": [3],
        "G": [2, 2],
        "gamma": [2, 4],
        "tie": "keep",
        "batch": 4,
        "reinforce": [30000, 70000],
        "seed": [11, 12],
    }
    settings = Settings.build(
        network={"sizes": meta["sizes"], "classes": 3},
        learning={
            "bits": 4,
            "R": 3,
            "G": 2,
            "gamma": [2, 4],
            "batch": 4,
            "rates": [30000, 70000],
            "generators": [11, 12],
        },
    )
    start, random = initial_state(settings), np.random.default_rng(0)
    x, y = random.integers(0, 2, (10, 6)).astype(np.uint8), random.integers(0, 3, 10).astype(np.uint8)
    model = GoldenModel(settings, start)
    record = model.train(x, y)
    model.end_batch()
    end = model.state
    arrays = {
        "meta": np.array(json.dumps(meta)),
        "x": x,
        "y": y,
        "prototypes": start.prototypes,
        "prediction": record.prediction,
        "logits": record.logits,
        "taught": record.taught,
        "generator": end.generators,
        "accumulator": end.accumulators,
    }
    for layer in range(2):
        arrays[f"counters_{layer}"] = start.counters[layer]
        arrays[f"final_{layer}"] = end.counters[layer]
    save_arrays(tmp_path / "vector.npz", arrays)
    return tmp_path / "vector.npz"


def test_a_vector_loads_whole(file: Path) -> None:
    vector = load_vector(file)
    assert vector.name == "vector"
    assert vector.settings.R == 3
    assert vector.settings.G == (2, 2)
    assert vector.settings.fixed_rates == (30000, 70000)
    assert vector.state.generators.tolist() == [11, 12]
    assert vector.state.accumulators.tolist() == [0, 0]
    assert (vector.x.dtype, vector.y.dtype) == (np.uint8, np.int64)
    assert compare(vector.expected, replay(vector)) == []


def refusal(path: Path) -> str:
    with pytest.raises(BephwError) as caught:
        load_vector(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        *((name, None, f"{name} is missing") for name in ("x", "y", "prediction", "logits", "taught", "final_1")),
        *((name, None, f"{name} is missing") for name in ("generator", "accumulator")),
        ("counters_1", None, "counters_1 is missing (the settings have 2 layers)"),
        ("counters_2", np.zeros((1, 1), int), "counters_2 is one too many (the settings have 2 layers)"),
        ("prototypes", None, "prototypes is missing (the settings have 2 layers)"),
        ("meta", None, "meta is missing: not a reference vector"),
        ("meta", 3, "meta must be one string, not int64"),
        ("meta", ["{}"], "meta must be one string, not <U2"),
        ("meta", "[]", "meta must be a JSON object, not list"),
        ("meta", "{}", "meta.algorithm is missing"),
        ("x", np.zeros((10, 7), np.uint8), "x must have shape (10, 6), not (10, 7)"),
        ("x", np.zeros(10, np.uint8), "x must have shape (samples, 6) for learning.algorithm bep, not (10,)"),
        ("x", np.zeros((0, 6), np.uint8), "x must have at least one sample, not 0"),
        ("x", np.full((10, 6), 2), "x must be 0 or 1, not 2"),
        ("x", np.zeros((10, 6)), "x must hold integers, not float64"),
        ("y", np.zeros(9, np.uint8), "y must have shape (10,), not (9,)"),
        ("y", np.full(10, 3), "y must be 0 to 2, not 3"),
        ("y", np.full(10, -1), "y must be 0 to 2, not -1"),
        ("y", np.zeros(10), "y must hold integers, not float64"),
        ("prediction", np.full(10, 3), "prediction must be 0 to 2, not 3"),
        ("logits", np.zeros((10, 4), int), "logits must have shape (10, 3), not (10, 4)"),
        ("logits", np.full((10, 3), 5), "logits must be -4 to 4, not 5"),
        ("taught", np.full(10, 2), "taught must be 0 or 1, not 2"),
        ("counters_0", np.full((4, 6), 8), "counters_0 must be -8 to 7, not 8"),
        ("counters_0", np.zeros((4, 6)), "counters_0 must hold integers, not float64"),
        ("counters_0", np.zeros((6, 4), int), "counters_0 must have shape (4, 6), not (6, 4)"),
        ("final_0", np.full((4, 6), -9), "final_0 must be -8 to 7, not -9"),
        ("prototypes", np.full((3, 4), 2), "prototypes must be 0 or 1, not 2"),
        ("generator", np.array([0, 1]), "generator must be 1 to 4294967295, not 0"),
        ("accumulator", np.array([0, 65536]), "accumulator must be 0 to 65535, not 65536"),
    ],
)
def test_a_bad_array_is_named(file: Path, name: str, value: Any, message: str) -> None:
    arrays = load_arrays(file)
    arrays.pop(name, None)
    save_arrays(file, arrays if value is None else {**arrays, name: np.array(value)})
    assert refusal(file) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *(({name: None}, f"meta.{name} is missing") for name in ("algorithm", "sizes", "classes", "R", "seed", "tie")),
        ({"algorithm": "ste"}, "meta.algorithm must be one of bep, bep-tt, lbes, not 'ste'"),
        ({"algorithm": "lbes"}, "meta: learning.R must have 2 entries, one a layer, not 1"),
        ({"algorithm": "bep-tt"}, "x must have shape (samples, steps, 6) for learning.algorithm bep-tt, not (10, 6)"),
        ({"R": [1, 2]}, "meta.R must have 1 entry, not 2"),
        ({"R": 3}, "meta.R must be a list, not 3"),
        ({"gamma": 2}, "meta.gamma must be a list, not 2"),
        ({"gamma": [2, 3]}, "meta: learning.gamma[1] must divide the layer's 4 outputs, not 3"),
        ({"bits": 17}, "meta: learning.bits: must be at most 16, not 17"),
        ({"bits": 4.0}, "meta: learning.bits: must be an integer, not 4.0"),
        ({"sizes": [6]}, "meta: network.sizes: must have at least 2 entries, not [6]"),
        ({"seed": [0, 1]}, "meta: learning.generators[0] must be a nonzero 32-bit word, not 0"),
        ({"reinforce": [1]}, "meta: learning.rates must have 2 entries, one a layer, not 1"),
        ({"burst": 3}, "meta: learning.burst must be 1, 2, 4, 8 or 16, not 3"),
        ({"lag": 2}, "meta: learning.lag: must be at most 1, not 2"),
        ({"tie": "minus"}, "meta: learning.tie: must be 'keep' or 'plus', not 'minus'"),
    ],
)
def test_bad_meta_is_named(file: Path, changes: dict[str, Any], message: str) -> None:
    arrays = load_arrays(file)
    meta = {**json.loads(arrays["meta"].tolist()), **changes}
    meta = {name: value for name, value in meta.items() if value is not None}
    save_arrays(file, {**arrays, "meta": np.array(json.dumps(meta))})
    assert refusal(file) == message


def test_meta_that_is_not_json_is_named(file: Path) -> None:
    save_arrays(file, {**load_arrays(file), "meta": np.array("{")})
    assert refusal(file).startswith("meta is not valid JSON: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.npz") == "cannot be read: No such file or directory"


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip file at all", b"\x80\x04N."])
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    assert refusal(path).startswith("not a whole .npz file of plain arrays: ")


def test_a_damaged_file_never_passes_unseen(file: Path) -> None:
    content, random = file.read_bytes(), np.random.default_rng(1)
    whole = load_vector(file)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        if random.random() < 0.2:
            del damaged[random.integers(len(content)) :]
        else:
            damaged[random.integers(len(content))] ^= 1 << random.integers(8)
        file.write_bytes(damaged)
        try:
            vector = load_vector(file)
        except BephwError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            assert compare(whole.expected, vector.expected) == []
            assert np.array_equal(whole.x, vector.x)
    assert refused > 200


def test_differences_are_told_by_count_place_and_values() -> None:
    expected = {
        "same": np.array([1, 0], np.uint8),
        "logits": np.array([[1, 2], [3, 4], [5, 6]], np.int16),
        "taught": np.array([1, 1], np.uint8),
        "final_0": np.zeros((2, 2), np.int16),
        "generator": np.array([7], np.uint32),
    }
    got = {
        "same": np.array([True, False]),
        "logits": np.array([[1, 2], [3, -4], [5, 7]]),
        "taught": np.array([True, False]),
        "final_0": np.zeros((2, 3), np.int16),
        "extra": np.array([1]),
    }
    assert compare(expected, got) == [
        "logits: 2 of 6 differ, first at [1, 1]: expected 4, got -4",
        "taught: 1 of 2 differ, first at [1]: expected 1, got 0",
        "final_0: has shape (2, 3), expected (2, 2)",
        "generator: missing",
    ]
    assert compare(expected, expected) == []
