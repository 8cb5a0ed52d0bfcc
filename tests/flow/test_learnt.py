"""A learnt network comes back whole, with its encoder, and refuses what it does not fit."""

from pathlib import Path

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.flow.learning import learn, prepare
from bephw.flow.learnt import Learnt
from bephw.settings import Settings
from bephw.state import NetworkState, load_arrays, save_arrays


def samples(path: Path, features: int = 6, n: int = 40) -> Path:
    random = np.random.default_rng(1)
    y = random.integers(0, 2, n)
    x = random.normal(0, 1, (n, features)) + 2 * y[:, None]
    np.savez(path, x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=y[30:])
    return path


@pytest.fixture
def learnt(tmp_path: Path) -> tuple[Learnt, Path]:
    settings = Settings.build(
        network={"sizes": [0, 6], "classes": 2},
        learning={"gamma": 3, "batch": 5, "epochs": 2},
        data={"name": "npz", "path": str(samples(tmp_path / "data.npz")), "encoder": {"kind": "thermometer"}},
    )
    settings, dataset = prepare(settings)
    result, _ = learn(settings, dataset)
    learnt = Learnt(settings, result.state, dataset.encoding)
    learnt.save(tmp_path / "learnt.npz")
    return learnt, tmp_path / "learnt.npz"


def test_all_comes_back(learnt: tuple[Learnt, Path]) -> None:
    before, path = learnt
    after = Learnt.load(path)
    assert after.settings == before.settings
    for name, array in before.state.to_arrays().items():
        assert np.array_equal(array, after.state.to_arrays()[name]), name
    x = np.random.default_rng(3).normal(0, 2, (20, 6))
    assert np.array_equal(before.predict(x), after.predict(x))


def test_settings_and_state_are_what_other_commands_take(learnt: tuple[Learnt, Path]) -> None:
    before, path = learnt
    settings = Settings.from_toml(path.with_suffix(".toml"))
    assert settings.network.sizes == (18, 6)
    assert settings == before.settings
    NetworkState.load(path, settings)


def test_other_features_are_refused(learnt: tuple[Learnt, Path]) -> None:
    with pytest.raises(BephwError, match="the encoder was fitted on 6 features, not 5"):
        learnt[0].predict(np.zeros((3, 5)))


@pytest.mark.parametrize("missing", ["settings", "counters_0", "encoding_window"])
def test_a_damaged_file_is_named(learnt: tuple[Learnt, Path], missing: str) -> None:
    path = learnt[1]
    arrays = load_arrays(path)
    save_arrays(path, {name: array for name, array in arrays.items() if name != missing})
    with pytest.raises(BephwError) as caught:
        Learnt.load(path)
    assert str(path) in str(caught.value) and missing in str(caught.value)


@pytest.fixture
def from_table(tmp_path: Path) -> tuple[Learnt, Path]:
    """Learnt from a table with a missing number and a column of words."""
    rows = [f"{i % 2 * 5 + i % 3},{('red', 'blue')[i % 2]},{('no', 'yes')[i % 2]}" for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["n,w,y", *rows, ",red,no"]))
    settings = Settings.build(
        network={"sizes": [0, 6], "classes": 0},
        learning={"gamma": 3, "batch": 5, "epochs": 10, "sigma": 2.0},
        data={
            "name": "csv",
            "path": str(tmp_path / "t.csv"),
            "missing": "median",
            "encoder": {"kind": "thermometer"},
        },
    )
    settings, dataset = prepare(settings)
    result, _ = learn(settings, dataset)
    learnt = Learnt.of(settings, result.state, dataset)
    learnt.save(tmp_path / "learnt.npz")
    return learnt, tmp_path / "learnt.npz"


def test_columns_and_names_come_back(from_table: tuple[Learnt, Path]) -> None:
    before, path = from_table
    after = Learnt.load(path)
    assert after.columns == before.columns and after.columns is not None
    assert after.class_names == ("no", "yes")
    assert Settings.from_toml(path.with_suffix(".toml")).network.classes == 2


def test_new_rows_are_encoded_as_the_training_samples_were(from_table: tuple[Learnt, Path], tmp_path: Path) -> None:
    learnt = Learnt.load(from_table[1])
    assert learnt.columns is not None and learnt.encoding is not None
    (tmp_path / "new.csv").write_text("w,n,other\nblue,5,1\ngreen,,2\nred,0,3\n")
    x, labels = learnt.table(tmp_path / "new.csv")
    fill = learnt.columns.columns[0].fill
    assert x.tolist() == [[5, 0], [fill, 0], [0, 1]] and labels is None
    prediction = learnt.predict(x)
    assert [learnt.class_name(number) for number in prediction[[0, 2]].tolist()] == ["yes", "no"]


def test_tables_for_networks_that_learnt_from_arrays(learnt: tuple[Learnt, Path], tmp_path: Path) -> None:
    x = np.random.default_rng(3).normal(0, 2, (20, 6))
    y = learnt[0].predict(x)
    np.savetxt(tmp_path / "new.csv", np.column_stack([x, y]), delimiter=";")
    found, labels = learnt[0].table(tmp_path / "new.csv")
    assert labels is not None
    np.testing.assert_array_equal(found, x)
    assert learnt[0].numbers(labels, "y", 20).tolist() == y.tolist()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("columns", "{", "columns: "),
        ("columns", '{"columns": [{"name": "n"}], "width": 2}', "columns must give 2 features as the encoder's, not 1"),
        ("class_names", "nonsense", "class_names cannot be read"),
        ("class_names", '["a", 1]', "class_names must be different words"),
        ("class_names", '["a", "a"]', "class_names must be different words"),
        ("class_names", '["a", "b", "c"]', "class_names must be at most 2, not 3"),
        ("class_names", 5, "class_names must be one text, not int64"),
    ],
)
def test_damaged_tables_are_named(from_table: tuple[Learnt, Path], name: str, value: object, message: str) -> None:
    path = from_table[1]
    save_arrays(path, {**load_arrays(path), name: np.array(value)})
    with pytest.raises(BephwError) as caught:
        Learnt.load(path)
    assert str(path) in str(caught.value) and message in str(caught.value) and "\n" not in str(caught.value)
