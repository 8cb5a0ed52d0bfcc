"""Inputs that the settings leave open come from the state, else from the data."""

import numpy as np
import pytest

from bephw.errors import BephwError, MissingError
from bephw.flow import inputs
from bephw.flow.inputs import with_known_inputs
from bephw.golden.initial import initial_state
from bephw.settings import Settings

OPEN = Settings.build(network={"sizes": [0, 6], "classes": 10})
NO_DATA = OPEN.replace({"data.name": "npz", "data.path": "no.npz"})


def test_from_the_data():
    assert with_known_inputs(OPEN).network.sizes == (64, 6)
    assert with_known_inputs(OPEN.replace({"data.encoder.kind": "thermometer"})).network.sizes == (192, 6)


def test_from_the_state(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "prepare", lambda settings: pytest.fail("loads the data"))
    assert with_known_inputs(OPEN.with_inputs(7)) == OPEN.with_inputs(7)
    cell = NO_DATA.replace(
        {"network.sizes": [0, 6, 4], "learning.algorithm": "bep-tt", "data.window": 2, "data.steps": 9}
    )
    loaded = []

    def lost(settings):
        loaded.append(settings)
        raise MissingError("no.npz: cannot be read")

    for settings in (NO_DATA, cell):
        monkeypatch.setattr(inputs, "prepare", lost)
        known = settings.with_inputs(7)
        initial_state(known).save(tmp_path / "s.npz")
        assert with_known_inputs(settings, tmp_path / "s.npz") == known
    assert loaded == [cell.with_inputs(7)], "only a series may have too many steps"


def test_steps_are_the_datas_to_say(tmp_path):
    x = np.random.default_rng(0).integers(0, 2, (6, 5, 3))
    np.savez(tmp_path / "series.npz", x_train=x, y_train=[0, 1] * 3, x_test=x, y_test=[0, 1] * 3)
    series = Settings.build(
        network={"sizes": [0, 6, 4], "classes": 2},
        learning={"algorithm": "bep-tt"},
        data={"name": "npz", "path": str(tmp_path / "series.npz"), "encoder": {"kind": "none"}},
    )
    known = with_known_inputs(series)
    assert (known.network.sizes[0], known.data.steps) == (3, 5)
    initial_state(known).save(tmp_path / "s.npz")
    assert with_known_inputs(series, tmp_path / "s.npz") == known
    assert with_known_inputs(series.replace({"data.steps": 7})).data.steps == 7
    with pytest.raises(
        BephwError, match=r"^data\.steps must be at least 5 \(as many as the samples of .* have\), not 4$"
    ):
        with_known_inputs(series.replace({"network.sizes": [3, 6, 4], "data.steps": 4}))
    lost = series.replace({"network.sizes": [3, 6, 4], "data.path": "no.npz"})
    with pytest.raises(BephwError, match=r"^data\.steps must be given in hardware, or data that can be loaded: "):
        with_known_inputs(lost)
    assert with_known_inputs(lost.replace({"data.steps": 4})).data.steps == 4  # as nothing says otherwise


def test_from_nowhere(tmp_path):
    with pytest.raises(BephwError) as caught:
        with_known_inputs(NO_DATA)
    message = "network.sizes[0] must be a number, or 0 (as many as the data have) with data that can be loaded"
    assert str(caught.value).startswith(f"{message} or a state (--state FILE): ")
    assert "no.npz" in str(caught.value)
    with pytest.raises(BephwError) as caught:
        with_known_inputs(NO_DATA, takes_state=False)
    assert str(caught.value).startswith(f"{message}: ")
    for name, array in (("other", np.zeros(3)), ("counters_0", np.zeros(3)), ("counters_0", np.zeros((3, 0)))):
        np.savez(tmp_path / "s.npz", **{name: array})
        with pytest.raises(BephwError, match=r"s\.npz: counters_0 "):
            with_known_inputs(NO_DATA, tmp_path / "s.npz")


def test_classes_that_the_data_or_the_state_know(tmp_path):
    settings = Settings.build(network={"sizes": [0, 6], "classes": 0}, data={"name": "sklearn", "series": "wine"})
    known = with_known_inputs(settings)
    assert (known.network.sizes, known.network.classes) == ((13, 6), 3)
    initial_state(known).save(tmp_path / "s.npz")
    lost = settings.replace({"data.series": "no such"})
    assert with_known_inputs(lost, tmp_path / "s.npz").network == known.network
    with pytest.raises(BephwError, match=r"^network\.classes must be a number, or 0 \(as many as the data have\)"):
        with_known_inputs(lost.with_inputs(13))
