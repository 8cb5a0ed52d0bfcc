"""The runs of a table: settings of each, their order, their keys."""

import pytest

from bephw.accuracy.cells import cells, deciding, first_change, key_of
from bephw.errors import BephwError
from bephw.settings import Settings


def test_every_row_column_and_seed(table):
    found = cells(table())
    assert [cell.name for cell in found[:4]] == [
        "6, wide, seed 1",
        "6, tight, seed 1",
        "9, wide, seed 1",
        "9, tight, seed 1",
    ]
    assert len(found) == 8
    last = found[-1]
    assert (last.name, last.settings.network.sizes) == ("9, tight, seed 2", (64, 9, 9))
    assert (last.settings.learning.seed, last.settings.data.seed, last.settings.learning.nu) == (2, 0, 0.1)


def test_folds_and_data_seeds(table):
    found = cells(table("seeds = [1, 2]", "seeds = [4, 5]\nfolds = 3\nseed_data = true"))
    assert len(found) == 24
    assert found[4].name == "6, wide, seed 4, fold 1"
    data = found[-1].settings.data
    assert (data.folds, data.fold, data.seed) == (3, 2, 5)


def test_columns_win_over_rows_and_rows_over_the_common_settings(table):
    found = cells(
        table('set = { "network.sizes" = [64, 9, 9] }', 'set = { "learning.nu" = 0.7, "learning.batch" = 7 }')
    )
    assert {cell.settings.learning.nu for cell in found} == {1.0, 0.1}
    assert {cell.settings.learning.batch for cell in found if cell.row == "9"} == {7}


def test_a_columns_changes_to_one_row_win_over_all(table):
    found = cells(table('name = "tight"', 'name = "tight"\nrows = { "9" = { "learning.nu" = 0.3 } }'))
    assert [(cell.row, cell.settings.learning.nu) for cell in found[:4] if cell.column == "tight"] == [
        ("6", 0.1),
        ("9", 0.3),
    ]


def test_invalid_settings_name_the_place(table):
    with pytest.raises(
        BephwError, match=r"^t: row 9, column wide: learning\.gamma\[0\] must divide the layer's 8 outputs"
    ):
        cells(table("[64, 9, 9]", "[64, 8, 9]"), "t")


@pytest.fixture
def settings():
    return Settings.build(network={"sizes": [8, 4], "classes": 2}, learning={"nu": 0.3})


def test_keys_stand_for_what_decides_a_result(settings):
    same = [
        settings.replace({"hardware.rows": 2}),
        settings.replace({"board.name": "ulx3s-85f"}),
        settings.replace({"baseline.batch_norm": True}),
        settings.replace({"learning.bits": 8}),
    ]
    assert {key_of(other) for other in same} == {key_of(settings)}
    others = [
        settings.replace({"learning.seed": 1}),
        settings.replace({"learning.epochs": 3}),
        settings.replace({"data.encoder.kind": "none"}),
        settings.replace({"learning.algorithm": "ste"}),
        settings.replace({"learning.algorithm": "ste", "baseline.batch_norm": True}),
    ]
    assert len({key_of(other) for other in (settings, *others)}) == 6


def test_the_first_change_is_told(settings):
    before, now = deciding(settings), deciding(settings.replace({"learning.gamma": 2, "data.seed": 1}))
    assert first_change(before, before) == ""
    assert first_change(before, now) == "learning.gamma was 1, and is now 2"
    assert first_change({"a": {"b": None}}, {"a": {"b": [1]}}) == "a.b was not set, and is now [1]"
    assert first_change({"a": 1}, {"a": 1, "b": 2}) == "b was not set, and is now 2"
    assert first_change({"a": 1}, {"a": 1, "b": 2}, ignore_new=True) == ""
    assert first_change({"a": 1, "b": 2}, {"a": 1}) == "b was 2, and is now not set"
