"""Floor plans: which part a cell belongs to, tiles and counts, files that are not as expected."""

import json

import pytest

from bephw.boards.bitstream.floor_plan import PlacedPart, part_of, read_floor_plan


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("trainer.layer_0.forward.array.row_1_TRELLIS_FF_Q", "layer 0"),
        ("trainer.layer_12.search.queue", "layer 12"),
        ("trainer.layer_127.search.queue", "further layers"),
        ("trainer.classifier.argmax.best", "classifier"),
        ("trainer.classifier_0.argmax.best", "classifier"),
        ("trainer.sequencer.following", "sequencer"),
        ("trainer.router.busy", "registers and transfers"),
        ("trainer.chunks__payload$14", "registers and transfers"),
        ("bridge.commands.words", "serial bridge"),
        ("$nextpnr_ICESTORM_LC_65", "clock, lights, carry ends"),
        ("lights$51.$signal", "clock, lights, carry ends"),
    ],
)
def test_parts(cell, part):
    assert part_of(cell) == part


def placed(tmp_path, cells):
    path = tmp_path / "placed.json"
    content = {
        name: {"type": kind, "attributes": {"NEXTPNR_BEL": place} if place else {}} for name, kind, place in cells
    }
    path.write_text(json.dumps({"modules": {"top": {"cells": content}}}))
    return path


def test_tiles_and_counts(tmp_path):
    path = placed(
        tmp_path,
        [
            ("trainer.layer_1.x", "TRELLIS_COMB", "X1/Y0/SLICEA.K0"),
            ("trainer.layer_0.a", "TRELLIS_COMB", "X0/Y0/SLICEA.K0"),
            ("trainer.layer_0.b", "TRELLIS_COMB", "X1/Y0/SLICEB.K0"),
            ("trainer.layer_0.c", "TRELLIS_FF", "X1/Y0/SLICEB.FF0"),
            ("trainer.layer_1.memory.0.0", "DP16KD", "X2/Y1/EBR0"),
            ("bridge.y", "TRELLIS_COMB", "X0/Y1/SLICEA.K1"),
            ("pll", "EHXPLLL", "X9/Y9/EHXPLL_UL"),
        ],
    )
    plan = read_floor_plan(path, 3, 2)
    assert plan.tiles == ["aa.", "c.B"]
    assert plan.parts == [
        PlacedPart("layer 0", "a", 2, 0),
        PlacedPart("layer 1", "b", 1, 1),
        PlacedPart("serial bridge", "c", 1, 0),
    ]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"modules": {"top": {"cells": {"a": 1}}}}'])
def test_no_picture_is_no_error(tmp_path, text):
    path = tmp_path / "placed.json"
    path.write_text(text)
    assert read_floor_plan(path, 3, 2) is None
    assert read_floor_plan(tmp_path / "absent.json", 3, 2) is None


def test_a_place_outside_the_chip_is_no_picture(tmp_path):
    path = placed(tmp_path, [("bridge.y", "ICESTORM_LC", "X3/Y0/lc0")])
    assert read_floor_plan(path, 3, 2) is None
    assert read_floor_plan(path, 4, 2).tiles == ["...a", "...."]
    assert read_floor_plan(placed(tmp_path, []), 3, 2) is None


def test_more_layers_than_letters(tmp_path):
    cells = [(f"trainer.layer_{index}.x", "ICESTORM_LC", f"X{index}/Y0/lc0") for index in range(128)]
    cells += [("trainer.classifier.x", "ICESTORM_LC", "X0/Y1/lc0"), ("$x", "ICESTORM_LC", "X1/Y1/lc0")]
    plan = read_floor_plan(placed(tmp_path, cells), 128, 2)
    assert len(plan.parts) <= 26
    assert [part.name for part in plan.parts[-3:]] == ["further layers", "classifier", "clock, lights, carry ends"]
    assert plan.tiles[0].count(plan.parts[-3].mark) == 128 - 20
