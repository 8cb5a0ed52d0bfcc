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
