"""Pictures of tables: their words, equal bytes, odd tables."""

from bephw.report.accuracy_pictures import search_picture, table_picture
from bephw.report.pictures import svg_text


def figures(rows=2, columns=2, mean=0.8, std=0.01, published=None):
    rows, columns = [f"row {index}" for index in range(rows)], [f"column {index}" for index in range(columns)]
    cells = [
        {"row": row, "column": column, "mean": mean, "std": std, "published": published}
        for row in rows
        for column in columns
    ]
    return {"title": "Title", "rows": rows, "columns": columns, "cells": cells}


def test_words():
    text = svg_text(table_picture(figures(published=0.7)))
    for word in ("Title", "row 1", "column 0", "column 0, published", "column 1", "test accuracy, %"):
        assert f">{word}<" in text
    assert "published" not in svg_text(table_picture(figures()))


def test_same_bytes_every_time():
    assert svg_text(table_picture(figures())) == svg_text(table_picture(figures()))


def test_nothing_measured_one_run_and_many_rows():
    assert ">column 0<" not in svg_text(table_picture(figures(mean=None, std=None)))
    assert ">column 0<" in svg_text(table_picture(figures(std=None)))
    assert ">column 8<" in svg_text(table_picture(figures(rows=40, columns=9)))


def test_a_search():
    trials = [
        {"trial": 0, "state": "complete", "value": 0.5},
        {"trial": 1, "state": "pruned", "value": 0.4},
        {"trial": 2, "state": "invalid", "value": None},
    ]
    text = svg_text(search_picture({"title": "Search", "trials": trials}))
    for word in ("Search", "complete", "pruned", "best so far", "validation accuracy, %"):
        assert f">{word}<" in text
    assert ">pruned<" not in svg_text(search_picture({"title": "Search", "trials": trials[:1]}))
    svg_text(search_picture({"title": "Search", "trials": []}))
