"""Tables and searches on a page."""

from bephw.report.accuracy_sections import accuracy_section, tune_section

CELL = {"row": "a", "column": "one", "n": 2, "mean": 0.8, "std": 0.01, "published": 0.79}
GAIN = {"gain": 1.5, "std": None, "n": 1, "published_gain": None}
ACCURACY = {
    "title": "Title",
    "seeds": [1, 2],
    "folds": None,
    "complete": True,
    "rows": ["a"],
    "columns": ["one", "two"],
    "cells": [CELL, {**CELL, "column": "two", "n": 0, "mean": None, "std": None, "published": None}],
    "compare": [],
}
TUNE = {
    "title": "Title",
    "names": ["learning.nu"],
    "trials": [
        {"trial": number, "state": "complete", "value": number / 20, "values": {"learning.nu": 0.5}}
        for number in range(12)
    ]
    + [{"trial": 12, "state": "pruned", "value": 0.9, "values": {"learning.nu": 0.1}}],
}


def test_a_table():
    section = accuracy_section(ACCURACY)
    (table,) = section.tables
    assert (section.title, table.headings) == ("Title", ["", "one", "two"])
    assert table.rows == [["a", "80.00 ± 1.00 [79]", "-"]]
    assert section.pictures[0].data.startswith("data:image/svg+xml;base64,")
    assert "Not complete" not in section.text


def test_a_table_with_gains_that_is_not_complete():
    compare = {**GAIN, "column": "two", "against": "one", "rows": [{"row": "a", **GAIN}]}
    section = accuracy_section({**ACCURACY, "compare": [compare], "complete": False})
    assert section.tables[1].headings == ["", "two over one"]
    assert section.tables[1].rows == [["a", "+1.50"]]
    assert "Not complete" in section.text


def test_a_search_shows_its_best_trials():
    (table,) = tune_section(TUNE).tables
    assert table.headings == ["trial", "validation accuracy, %", "learning.nu"]
    assert table.rows[0] == ["11", "55.00", "0.5"]
    assert len(table.rows) == 10
