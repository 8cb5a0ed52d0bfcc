"""`bephw train --state` and `bephw predict`, end to end."""

import json

import numpy as np
import pytest

from bephw.cli import main

SETTINGS = """
[network]
sizes = [0, 12]
classes = 10
[learning]
gamma = 4
epochs = 2
batch = 20
[data]
name = "digits"
[data.encoder]
kind = "thermometer"
min_share = 0.0
"""


@pytest.fixture
def learnt(tmp_path):
    (tmp_path / "s.toml").write_text(SETTINGS)
    assert main(["train", str(tmp_path / "s.toml"), "--state", str(tmp_path / "learnt.npz")]) == 0
    return tmp_path / "learnt.npz"


def test_predictions_and_accuracy(learnt, tmp_path, capsys):
    sklearn = pytest.importorskip("sklearn.datasets", reason="digits need scikit-learn")
    x, y = sklearn.load_digits(return_X_y=True)
    np.savez(tmp_path / "new.npz", x=x[:50], y=y[:50])
    capsys.readouterr()
    assert main(["predict", str(learnt), str(tmp_path / "new.npz"), "--json", str(tmp_path / "p.json")]) == 0
    figures = json.loads((tmp_path / "p.json").read_text())
    assert figures["accuracy"] == np.mean(np.array(figures["prediction"]) == y[:50]) > 0.3
    assert "accuracy: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((3, 63))}, "the encoder was fitted on 64 features, not 63"),
        ({"x": np.full((3, 64), np.nan)}, "must be finite"),
        ({"z": np.zeros(3)}, "array x is missing"),
        ({"x": np.zeros((3, 64)), "y": np.array([0, 1, 10])}, "label of sample 2 must be 0 to 9"),
        ({"x": np.zeros((3, 64)), "y": np.zeros(2, int)}, "must have shape (3,)"),
    ],
)
def test_bad_samples_are_one_line(learnt, tmp_path, capsys, arrays, message):
    np.savez(tmp_path / "new.npz", **arrays)
    capsys.readouterr()
    assert main(["predict", str(learnt), str(tmp_path / "new.npz")]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_the_settings_are_never_overwritten(tmp_path, capsys):
    (tmp_path / "s.toml").write_text(SETTINGS)
    assert main(["train", str(tmp_path / "s.toml"), "--state", str(tmp_path / "s.npz")]) == 2
    assert "would overwrite SETTINGS" in capsys.readouterr().err
    assert (tmp_path / "s.toml").read_text() == SETTINGS
