"""The table of what was read."""

from bephw.cli.data_table import print_data

DATA = {
    "name": "tumours.csv",
    "inputs": 1234,
    "train_samples": 40,
    "test_samples": 10,
    "validation_samples": None,
    "features": 30,
    "steps": None,
    "constant_features": 0,
    "missing": 0,
    "classes": [{"name": "benign", "train": 30, "test": 6}, {"name": "malignant", "train": 10, "test": 4}],
}


def printed(capsys, **changes):
    print_data({**DATA, **changes})
    return [" ".join(line.strip("│").split()) for line in capsys.readouterr().err.splitlines() if "│" in line]


def test_every_row(capsys):
    assert printed(capsys) == [
        "samples │ 40 to train, 10 held out",
        "features │ 30",
        "bits │ 1,234 a sample",
        "class benign │ 30 to train (75.00 %), 6 held out",
        "class malignant │ 10 to train (25.00 %), 4 held out",
    ]


def test_what_is_not_always_there(capsys):
    rows = printed(capsys, validation_samples=5, constant_features=2, missing=7, steps=3)
    assert rows[:4] == [
        "samples │ 40 to train, 5 for validation, 10 held out",
        "features │ 30 in each of 3 steps, 2 of them constant",
        "missing │ 7 values, filled in",
        "bits │ 1,234 a step",
    ]
    assert printed(capsys, features=None)[1] == "features │ -"


def test_many_classes_are_cut_short(capsys):
    rows = printed(capsys, classes=[{"name": str(label), "train": 1, "test": 0} for label in range(30)])
    assert len(rows) == 3 + 20 + 1
    assert rows[-1] == "... │ 30 classes in all"
