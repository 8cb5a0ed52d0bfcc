"""Confusion: a table, a heat map or a list, by the number of classes."""

import json

import pytest

from bephw.report.confusion import confusion_sections
from bephw.report.documents import Documents


def made(documents, confusion):
    (section,) = confusion_sections(Documents.of([{**documents.TRAIN, "confusion": confusion}]))
    return section.content


def many(classes, counts=True):
    return {
        "classes": [{"name": f"class {index}", "samples": 2, "right": 1} for index in range(classes)],
        "counts": [[int(row == column) for column in range(classes)] for row in range(classes)] if counts else None,
        "confused": [{"true": "class 1", "predicted": "class 0", "count": 3}],
    }


def test_a_table_of_few_classes(documents):
    content = made(documents, documents.CONFUSION)
    assert content["names"] == ["cat", "dog", "<script>alert(1)</script>"]
    assert [cell["count"] for cell in content["rows"][1]["cells"]] == [2, 8, 0]
    assert content["rows"][1]["cells"][0]["words"] == "dog taken for cat: 2 of 10"
    assert content["rows"][1]["recall"].replace("\u00a0", " ") == "80.0 %"
    assert content["text"] == "Most frequent mistakes: dog for cat (2) and cat for dog (1)."
    assert content["chart"] is None


@pytest.mark.parametrize(("classes", "table"), [(2, True), (20, True), (21, False), (100, False)])
def test_many_classes_are_a_heat_map(documents, classes, table):
    content = made(documents, many(classes))
    assert bool(content["rows"]) is table
    assert (content["chart"] is None) is table
    if not table:
        values = json.loads(content["chart"].specification)["data"]["values"]
        assert len(values) == classes  # squares of pairs that occur, and no others
        assert content["weakest"].rows[0][0] == "class 0"


def test_hundreds_of_classes_are_a_list(documents):
    content = made(documents, many(300, counts=False))
    assert content["chart"] is None
    assert content["mistakes"].rows == [["class 1", "class 0", "3"]]


def test_a_class_without_samples_and_no_mistakes(documents):
    confusion = {
        "classes": [{"name": "a", "samples": 3, "right": 3}, {"name": "b", "samples": 0, "right": 0}],
        "counts": [[3, 0], [0, 0]],
        "confused": [],
    }
    content = made(documents, confusion)
    assert content["text"] == "No held-out sample is taken for another class."
    assert content["rows"][1]["recall"] == "-"
    assert content["mistakes"] is None
