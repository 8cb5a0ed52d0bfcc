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


TABLE = """
[network]
sizes = [0, 12]
classes = 0
[learning]
gamma = 4
epochs = 3
batch = 10
[data]
name = "csv"
path = "PATH"
label = "kind"
missing = "median"
[data.encoder]
kind = "thermometer"
"""
ROWS = [f"{i % 2 * 5 + i % 3},{('benign', 'malignant')[i % 2]},{('red', 'blue', 'green')[i % 3]}" for i in range(60)]


@pytest.fixture
def from_table(tmp_path, capsys):
    (tmp_path / "t.csv").write_text("\n".join(["size,kind,color", *ROWS, "?,benign,red"]))
    (tmp_path / "s.toml").write_text(TABLE.replace("PATH", str(tmp_path / "t.csv")))
    assert (
        main(
            [
                "train",
                str(tmp_path / "s.toml"),
                "--state",
                str(tmp_path / "learnt.npz"),
                "--json",
                str(tmp_path / "f.json"),
            ]
        )
        == 0
    )
    captured = capsys.readouterr()
    out = captured.out + captured.err
    for words in ("49 to train, 12 held out", "1 value, filled in", "class malignant", "benign"):
        assert words in out
    return tmp_path / "learnt.npz"


def test_names_of_classes_are_printed(from_table, tmp_path, capsys):
    (tmp_path / "new.csv").write_text("color;size;more\nred;1;x\nviolet;7;y\n")
    assert main(["predict", str(from_table), str(tmp_path / "new.csv")]) == 0
    assert capsys.readouterr().out.splitlines() == ["benign", "malignant"]
    (tmp_path / "new.csv").write_text("kind,color,size\nbenign,red,1\nbenign,violet,7\n")
    assert main(["predict", str(from_table), str(tmp_path / "new.csv"), "--json", str(tmp_path / "p.json")]) == 0
    assert json.loads((tmp_path / "p.json").read_text()) == {
        "command": "predict",
        "samples": 2,
        "accuracy": 0.5,
        "prediction": [0, 1],
        "names": ["benign", "malignant"],
    }


def test_figures_of_the_data(from_table, tmp_path):
    data = json.loads((tmp_path / "f.json").read_text())["data"]
    assert [row["name"] for row in data["classes"]] == ["benign", "malignant"]
    assert [row["train"] + row["test"] for row in data["classes"]] == [31, 30]
    assert (data["features"], data["missing"]) == (2, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,colour\n1,red\n", "has no column 'color'; it has 'size', 'colour'"),
        ("size,color\nbig,red\n", "line 2: column 'size' must be a number, as in the training samples, not 'big'"),
        ("size,color,kind\n1,red,other\n", "label of sample 0 must be one of benign, malignant, not other"),
        ("size,color\n", "holds no samples, only a header"),
        ("", "is empty"),
        ("size,color\n1\n", "line 2: must have 2 columns, as line 1"),
    ],
)
def test_bad_tables_are_one_line(from_table, tmp_path, capsys, text, message):
    (tmp_path / "new.csv").write_text(text)
    assert main(["predict", str(from_table), str(tmp_path / "new.csv")]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_arrays_cannot_hold_words(from_table, tmp_path, capsys):
    np.savez(tmp_path / "new.npz", x=np.zeros((2, 2)))
    assert main(["predict", str(from_table), str(tmp_path / "new.npz")]) == 2
    assert "column 'color' holds words: give the samples as a table" in capsys.readouterr().err
