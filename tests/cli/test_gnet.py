"""A G-Net from data to Verilog on the command line."""

import json

import numpy as np
import pytest

from bephw.data.loading import load
from bephw.flow.learnt import Learnt
from bephw.state import load_arrays

SETTINGS = """
[network]
sizes = [64, 20]
classes = 10
[learning]
algorithm = "gnet"
batch = 20
epochs = 2
[gnet]
dimensions = [96, 150]
[hardware]
rows = [8, 4, 10, 2]
columns = [32, 24, 20, 30]
stream_width = 16
[data]
name = "digits"
"""


@pytest.fixture
def gnet_file(tmp_path):
    path = tmp_path / "gnet.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture
def trained(gnet_file, tmp_path, run):
    """The state of a trained network; its settings lie beside it, its figures in figures.json."""
    pytest.importorskip("torch")
    state = tmp_path / "state.npz"
    code, out, _ = run("train", gnet_file, "--state", state, "--json", tmp_path / "figures.json")
    assert code == 0
    assert "held out, real numbers" in out
    return state


def test_train_predict_emit(trained, tmp_path, run):
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["epochs"][-1]["soft_accuracy"] > 0.7
    learnt = Learnt.load(trained)
    assert learnt.settings.network.sizes == (64, 96, 20, 150)
    dataset = load(learnt.settings.data, classes=10, inputs=64)
    features = dataset.source.x_test.reshape(len(dataset.y_test), -1)
    right = (learnt.predict(features) == dataset.y_test).mean()
    assert right == figures["test_accuracy"] > 0.5
    np.savez(tmp_path / "x.npz", x=features[:20])
    code, out, _ = run("predict", trained, tmp_path / "x.npz")
    assert code == 0
    assert out.split() == [str(label) for label in learnt.predict(features[:20])]
    folder = tmp_path / "emitted"
    command = ("emit", trained.with_suffix(".toml"), "--state", trained, "--inference", "folded", "--output", folder)
    assert run(*command, "--vectors", 9)[0] == 0
    assert (folder / "bephw_inference.v").is_file()


def test_generated_weights_are_not_in_the_file(trained):
    stored = load_arrays(trained)
    assert "counters_1" in stored
    assert "counters_0" not in stored
    assert "counters_2" not in stored
    assert Learnt.load(trained).state.counters[2].shape == (150, 20)


def test_its_own_settings_have_no_state(trained, gnet_file, tmp_path, refuse):
    line = refuse("emit", gnet_file, "--state", trained, "--inference", "folded", "--output", tmp_path / "emitted")
    assert "learning.algorithm gnet has no state of its own: give the settings of the embedded network" in line
    assert not (tmp_path / "emitted").exists()


def test_what_a_gnet_cannot(gnet_file, tmp_path, refuse):
    pytest.importorskip("torch")
    line = refuse("train", gnet_file, "--checkpoint", tmp_path / "c.npz")
    assert line == "checkpoint: a G-Net (learning.algorithm gnet) has none"
    line = refuse("train", gnet_file, "--set", "hardware.columns=[24,24,20,30]", "--state", tmp_path / "state.npz")
    assert "hardware.columns[0] must divide 32, be a multiple of 32, or be as many as the inputs, 64," in line
    assert not (tmp_path / "state.npz").exists()
    line = refuse("emit", gnet_file, "--output", tmp_path / "emitted")
    assert "learning.algorithm must be bep or bep-tt or cp+r or lbes in hardware, not gnet" in line
