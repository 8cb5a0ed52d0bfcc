"""Networks of logic gates on the command line, from training to proof; what cannot be is one line."""

import json

import numpy as np
import pytest

from bephw.cli import main
from bephw.golden.logic_model import LogicModel
from bephw.logic_state import LogicState
from bephw.settings import Settings
from bephw.state import load_arrays, save_arrays

SETTINGS = """
[network]
sizes = [0, 40, 40]
classes = 10
[learning]
algorithm = "logic"
epochs = 3
batch = 50
[logic]
learning_rate = 0.05
[data]
name = "digits"
[data.encoder]
kind = "median"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Settings, and what was learnt with them."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("logic")
    (folder / "s.toml").write_text(SETTINGS)
    figures = ["--json", str(folder / "train.json")]
    assert main(["train", str(folder / "s.toml"), "--state", str(folder / "net.npz"), *figures]) == 0
    return folder


def call(*arguments):
    return main([str(argument) for argument in arguments])


def test_what_was_learnt_predicts(folder, tmp_path, capsys):
    figures = json.loads((folder / "train.json").read_text())
    assert figures["test_accuracy"] > 0.3
    settings = Settings.from_toml(folder / "net.toml")
    assert settings.network.sizes == (64, 40, 40)
    arrays = load_arrays(folder / "net.npz")
    x = np.random.default_rng(0).integers(0, 17, (20, 64))
    np.savez(tmp_path / "x.npz", x=x)
    assert call("predict", folder / "net.npz", tmp_path / "x.npz", "--json", tmp_path / "p.json") == 0
    from bephw.flow.learnt import Learnt

    learnt = Learnt.load(folder / "net.npz")
    expected = LogicModel(settings, LogicState.from_arrays(arrays, settings)).predict(learnt.bits(x))[0]
    assert json.loads((tmp_path / "p.json").read_text())["prediction"] == expected.tolist()


def test_emitted_checked_and_proved(folder, tmp_path, capsys):
    given = [folder / "net.toml", "--state", folder / "net.npz"]
    assert call("emit", *given, "--inference", "--output", tmp_path, "--name", "gates", "--json", tmp_path / "e") == 0
    manifest = json.loads((tmp_path / "e").read_text())
    assert (manifest["inference"], manifest["interval"]) == ("unrolled", 1)
    assert "a trained network of logic gates, 64-40-40-10" in (tmp_path / "gates.v").read_text()
    assert call("check", tmp_path / "gates_vectors.npz") == 0
    assert "all equal" in capsys.readouterr().out
    assert call("prove", *given, "--output", tmp_path / "proof", "--json", tmp_path / "p") == 0
    assert "proved: 40 of 40 outputs" in capsys.readouterr().out
    assert json.loads((tmp_path / "p").read_text())["unproved"] == []
    assert call("report", folder / "train.json", tmp_path / "e", tmp_path / "p", "--output", tmp_path / "r.html") == 0
    assert "of logic gates" in (tmp_path / "r.html").read_text()


def test_simulated(folder, workdir, tmp_path, capsys):
    given = [folder / "net.toml", "--state", folder / "net.npz", "--inference", "--held-out", 50]
    assert call("sim", *given, "--workdir", workdir, "--json", tmp_path / "s.json") == 0
    figures = json.loads((tmp_path / "s.json").read_text())
    assert figures["mismatches"] == 0
    assert figures["inference_cycles_per_sample"] < 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["emit", "SETTINGS"], "learning.algorithm must be bep or bep-tt or cp+r or lbes in hardware, not logic"),
        (["build", "SETTINGS"], "learning.algorithm must be bep or bep-tt or cp+r or lbes in hardware, not logic"),
        (["plan", "SETTINGS"], "learning.algorithm must be bep or bep-tt or cp+r or lbes in hardware, not logic"),
        (["sim", "SETTINGS"], "learning.algorithm must be bep or bep-tt or cp+r or lbes in hardware, not logic"),
        (
            ["emit", "SETTINGS", "--state", "NET", "--inference", "folded"],
            "inference must be unrolled for a network of",
        ),
        (["build", "SETTINGS", "--state", "NET", "--inference", "folded"], "inference must be unrolled for a network"),
        (["build", "SETTINGS", "--inference"], "--state must be given for --inference unrolled"),
        (["emit", "SETTINGS", "--state", "BAD", "--inference"], "gate_1 must be 0 to 15, not 16"),
        (["train", "SETTINGS", "--checkpoint", "C"], "checkpoint: networks of logic gates"),
        (
            ["train", "SETTINGS", "--set", "network.sizes=[64, 45]"],
            "network.sizes[1] must be a multiple of network.classes, 10",
        ),
        (["train", "SETTINGS", "--set", "logic.tau=-1"], "logic.tau"),
        (["prove", "SETTINGS", "--state", "NET", "--set", "learning.algorithm=bep"], "must be logic for a proof"),
        (["prove", "SETTINGS", "--state", "NET", "--timeout", "0"], "timeout must be above 0 seconds"),
        (["prove", "SETTINGS", "--state", "NOWHERE"], "cannot be read"),
        (["export", "NET", "-o", "m.onnx"], "logic"),
    ],
)
def test_what_cannot_be_is_one_line(folder, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    arrays = load_arrays(folder / "net.npz")
    save_arrays(tmp_path / "bad.npz", {**arrays, "gate_1": np.full(40, 16)})
    places = {"SETTINGS": folder / "net.toml", "NET": folder / "net.npz", "BAD": "bad.npz", "C": "c.npz"}
    assert call(*(places.get(argument, argument) for argument in arguments)) == 2
    error = capsys.readouterr().err
    assert message in error.splitlines()[-1]
    assert "Traceback" not in error
    assert {path.name for path in tmp_path.iterdir()} <= {"bad.npz", "build"}
