"""The folder: what is finished, what changed, what is damaged, and who else works there."""

import json
import subprocess
import sys

import pytest

from bephw.accuracy.cells import cells
from bephw.accuracy.store import Store, locked
from bephw.errors import BephwError


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "out")


def test_saved_and_found_again(store, table, outcome):
    found = cells(table())
    assert store.finished(found) == ({}, {})
    record = store.save(found[0].key, found[0].settings, outcome(0.5, 0.6))
    assert record.epochs[-1].test_accuracy == 0.6
    records, changes = Store(store.folder).finished(found)
    assert (records, changes) == ({found[0].key: record}, {})


def test_changed_runs_are_told_and_others_are_not(store, table, outcome):
    found = cells(table())
    store.remember(found)
    for cell in found[:2]:
        store.save(cell.key, cell.settings, outcome(0.5))
    now = cells(table("gamma = 3", "gamma = 1"))
    records, changes = store.finished(now)
    assert records == {}
    assert changes == dict.fromkeys(("6, wide, seed 1", "6, tight, seed 1"), "learning.gamma was 3, and is now 1"), (
        "runs that were not finished have nothing to lose"
    )
    store.remember(now)
    assert store.finished(now) == ({}, {})
    assert len(store.finished(found)[0]) == 2, "what was finished under the old settings stays"


def test_more_rows_columns_and_seeds_change_nothing(store, table, outcome):
    found = cells(table("seeds = [1, 2]", "seeds = [2]"))
    store.remember(found)
    for cell in found:
        store.save(cell.key, cell.settings, outcome(0.5))
    renamed = table('name = "tight"', 'name = "renamed"', 'column = "tight"', 'column = "renamed"')
    records, changes = store.finished(cells(renamed))
    assert (len(records), changes) == (4, {})


def test_a_default_that_changed_since_is_a_change_and_a_new_field_is_none(store, table, outcome):
    (cell, *_) = found = cells(table())
    store.save(cell.key, cell.settings, outcome(0.5))
    document = json.loads(store.path(cell.key).read_text())
    del document["settings"]["learning"]["tie"]
    store.path(cell.key).write_text(json.dumps(document))
    assert list(store.finished(found)[0]) == [cell.key]
    document["settings"]["learning"]["tie"] = "plus"
    store.path(cell.key).write_text(json.dumps(document))
    assert store.finished(found) == ({}, {cell.name: 'learning.tie was "plus", and is now "keep"'})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Invalid JSON"),
        ('{"version"', "Invalid JSON"),
        ("{}", "version: Field required"),
        ("[]", "Input should be an object"),
    ],
)
def test_damaged_files_are_named(store, table, outcome, text, reason):
    (cell, *_) = found = cells(table())
    store.save(cell.key, cell.settings, outcome(0.5))
    path = store.path(cell.key)
    path.write_text(text)
    with pytest.raises(BephwError) as caught:
        store.finished(found)
    assert str(caught.value).startswith(f"{path}: damaged ({reason}")
    assert str(caught.value).endswith("): delete this file, and its run is done again")


def test_accuracies_outside_0_to_1_are_damage(store, table, outcome):
    (cell, *_) = cells(table())
    store.save(cell.key, cell.settings, outcome(0.5))
    path = store.path(cell.key)
    path.write_text(path.read_text().replace("0.5", "1.5"))
    with pytest.raises(BephwError, match=r"damaged \(epochs\.0\.train_accuracy: "):
        store.load(cell.key)


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', "{}"])
def test_a_damaged_manifest_is_named(store, table, text):
    found = cells(table())
    store.remember(found)
    (store.folder / "manifest.json").write_text(text)
    with pytest.raises(BephwError, match=r"manifest\.json: damaged: delete this file; finished runs are kept"):
        store.finished(found)


def test_half_written_files_go(store, table, outcome):
    (cell, *_) = cells(table())
    store.save(cell.key, cell.settings, outcome(0.5))
    half = store.path(cell.key).parent / f".{cell.key}.json.abc"
    half.write_text("{")
    (store.folder / ".table.svg.abc").write_text("<svg")
    (store.folder / ".other").write_text("")
    store.tidy()
    assert sorted(path.name for path in store.folder.iterdir()) == [".other", "cells"]
    assert [path.name for path in half.parent.iterdir()] == [f"{cell.key}.json"]


def test_one_process_at_a_time_and_the_lock_goes_with_it(tmp_path):
    script = (
        "import sys, pathlib; from bephw.accuracy.store import locked\n"
        "with locked(pathlib.Path(sys.argv[1]), 'x'): print('locked', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(BephwError) as caught, locked(tmp_path, "bephw accuracy"):
            pass
        assert str(caught.value) == (
            f"folder {tmp_path}: another bephw accuracy works here (process {other.pid}): "
            "wait for it, or give another --output"
        )
        other.kill()
    with locked(tmp_path, "bephw accuracy"):
        pass
