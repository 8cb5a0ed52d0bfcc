"""Means, deviations and gains, by hand."""

import pytest

from bephw.accuracy.cells import cells
from bephw.accuracy.record import Record
from bephw.accuracy.summary import summary, timings
from bephw.errors import BephwError

ACCURACIES = {
    ("6", "wide"): (0.5, 0.6),
    ("6", "tight"): (0.7, 0.6),
    ("9", "wide"): (0.8, 0.8),
    ("9", "tight"): (0.9, 0.95),
}


@pytest.fixture
def measured(table, outcome):
    """Table, runs, and records of all of them."""
    content = table()
    found = cells(content)
    records = {
        cell.key: Record(settings={}, **outcome(ACCURACIES[cell.row, cell.column][cell.seed - 1], seconds=cell.seed))
        for cell in found
    }
    return content, found, records


def test_mean_and_sample_deviation(measured):
    figures = summary(*measured)
    assert figures["complete"]
    assert figures["rows"] == ["6", "9"]
    wide, tight, *_ = figures["cells"]
    assert (wide["row"], wide["column"], wide["n"], wide["published"]) == ("6", "wide", 2, 0.505)
    assert wide["mean"] == pytest.approx(0.55)
    assert wide["std"] == pytest.approx(0.05 * 2**0.5)
    assert wide["accuracies"] == [
        {"seed": 1, "fold": None, "accuracy": 0.5},
        {"seed": 2, "fold": None, "accuracy": 0.6},
    ]
    assert tight["published"] is None


def test_gains_are_of_pairs_in_points(measured):
    (compare,) = summary(*measured)["compare"]
    assert [row["gain"] for row in compare["rows"]] == pytest.approx([10.0, 12.5])
    assert compare["rows"][0]["std"] == pytest.approx(10 * 2**0.5 * 1.0)
    assert [row["published_gain"] for row in compare["rows"]] == [None, 1.5]
    assert compare["gain"] == pytest.approx(11.25)
    assert compare["better_rows"] == 2


def test_what_is_not_measured_is_left_out(measured):
    table, found, records = measured
    left = {cell.key: records[cell.key] for cell in found[:5]}  # Seed 1 of all, seed 2 of the first.
    figures = summary(table, found, left)
    assert not figures["complete"]
    assert [cell["n"] for cell in figures["cells"]] == [2, 1, 1, 1]
    assert figures["cells"][1]["std"] is None
    (compare,) = figures["compare"]
    assert compare["rows"][0]["n"] == 1
    assert compare["rows"][0]["gain"] == pytest.approx(20.0)
    empty = summary(table, found, {})
    assert (empty["cells"][0]["mean"], empty["compare"][0]["gain"], empty["compare"][0]["better_rows"]) == (
        None,
        None,
        0,
    )


def test_the_order_in_which_runs_finished_does_not_matter(measured):
    table, found, records = measured
    assert summary(table, found, dict(reversed(records.items()))) == summary(table, found, records)


def test_a_metric_that_the_data_do_not_have(measured, table):
    _, found, records = measured
    other = table("seeds = [1, 2]", 'seeds = [1, 2]\nmetric = "best_validation"')
    with pytest.raises(
        BephwError, match=r"^metric best_validation: 6, wide, seed 1: its data have no validation samples$"
    ):
        summary(other, found, records)


def test_seconds_are_apart(measured):
    _, found, records = measured
    document = timings(found, records)
    assert document["seconds"] == 12
    assert document["runs"]["9, tight, seed 2"] == 2
    assert "seconds" not in str(summary(*measured))
