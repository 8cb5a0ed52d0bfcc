"""Boxes: any number of layers of any size, and what stands in them."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from bephw.report.drawing import boxes, draw
from bephw.settings import Settings


def settings(sizes, rows=1, columns=1, **hardware):
    return Settings.build(
        network={"sizes": sizes, "classes": 3}, hardware={"rows": rows, "columns": columns, **hardware}
    )


def test_a_square_a_lane():
    drawn = [draw(box, None) for box in boxes(settings([64, 6], rows=[2, 1], columns=[16, 3]), {})]
    assert [len(re.findall(r"M[\d.]+ [\d.]+h", svg)) for svg in drawn] == [32, 3]
    assert "32 lanes: 2 × 16" in drawn[0]


def test_bars_are_the_cycles_of_this_layer():
    first, second, last = boxes(
        settings([64, 6, 6]), {"forward 0": 50.0, "credit 1": 12.5, "forward 2": 9.0, "batch end": 4.0, "argmax": 1.0}
    )
    assert (first.busy, second.busy) == ({"sums": 50.0}, {"error back": 12.5})
    assert last.busy == {"sums": 9.0, "logits": 1.0}
    assert 'width="63.0"' in draw(first, 100.0)  # half of a full bar
    assert [box.propagates for box in (first, second, last)] == [False, True, True]


def test_memories():
    single = boxes(settings([64, 6], counter_memory="spram"), {})[0]
    assert single.memories == ("weights 384 bits, twice", "counters 384 × 8 bits,", "in single-port RAM")


def test_a_layer_with_a_classifier_of_its_own():
    local = settings([64, 6, 9]).replace({"learning.algorithm": "lbes"})
    first, second, last = boxes(local, {"classifier 0": 7.0, "winner 0": 3.0})
    assert first.busy == {"own logits": 7.0, "winner search": 3.0}
    assert first.memories[-2:] == ("prototypes 18 bits, fixed;", "in its classifier, 1 × 1 lanes")
    assert not any("prototypes" in line for line in second.memories)
    assert [box.propagates for box in (first, second, last)] == [False, False, True]


@pytest.mark.parametrize("layers", [1, 3, 7, 8, 128])
def test_any_number_of_layers(layers):
    drawn = boxes(settings([8] * (layers + 1)), {})
    assert len(drawn) == (layers + 1 if layers <= 7 else 8)
    if layers > 7:
        assert drawn[4].title == f"{layers - 6} more layers"
    for box in drawn:
        ElementTree.fromstring(draw(box, 10.0))


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (65_535, 1), (1, 65_535), (4_000, 4_000)])
def test_any_size_is_a_small_picture(rows, columns):
    box = boxes(settings([65_535, 65_535], rows=[rows, 1], columns=[columns, 1]), {})[0]
    svg = draw(box, None)
    assert len(svg) < 40_000
    height = float(ElementTree.fromstring(svg).attrib["viewBox"].split()[3])
    assert 100 < height < 300
