"""The data: old and new documents, each set once."""

from bephw.report.data import data_sections
from bephw.report.documents import Documents

FULL = {
    "name": "mine.csv",
    "inputs": 12,
    "train_samples": 90,
    "test_samples": 30,
    "validation_samples": None,
    "features": 4,
    "steps": None,
    "constant_features": 0,
    "missing": 7,
    "classes": [{"name": "benign", "train": 60, "test": 20}, {"name": "malignant", "train": 30, "test": 10}],
}


def sets(*documents):
    return [part for section in data_sections(Documents.of(documents)) for part in section.content["sets"]]


def test_every_key_that_is_there():
    (data,) = sets({"command": "train", "data": FULL})
    assert dict(data["facts"]) == {
        "training samples": "90",
        "held-out samples": "30",
        "features": "4",
        "bits after encoding": "12",
        "constant features": "0",
        "missing values that were filled in": "7",
    }
    assert [(row["name"], row["share"].replace("\u00a0", " ")) for row in data["classes"]] == [
        ("benign", "66.7 %"),
        ("malignant", "33.3 %"),
    ]


def test_features_and_bits_of_a_series_are_those_of_a_step():
    (data,) = sets({"command": "train", "data": {**FULL, "steps": 25}})
    assert {"steps of a sample", "features a step", "bits after encoding a step"} <= set(dict(data["facts"]))


def test_old_documents_and_the_same_data_twice(documents):
    old = {"command": "sim", "data": {key: FULL[key] for key in ("name", "inputs", "train_samples", "test_samples")}}
    (data,) = sets(old, {"command": "train", "data": FULL})
    assert len(data["classes"]) == 2
    assert sets(old)[0]["classes"] == []
    assert len(sets(old, documents.TRAIN)) == 2


def test_many_classes_are_folded():
    classes = [{"name": str(index), "train": 1, "test": 1} for index in range(100)]
    (data,) = sets({"command": "train", "data": {**FULL, "classes": classes}})
    assert (len(data["classes"]), len(data["rest"])) == (20, 80)


def test_no_data_no_section(documents):
    assert sets(documents.BUILD, {"command": "train", "data": {}}) == []
