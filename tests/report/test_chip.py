"""Chips: bars, clock, floor plan."""

import xml.etree.ElementTree as ElementTree

from bephw.report.chip import chip_sections, floor_plan_svg, part_colour
from bephw.report.documents import Documents


def cards(*documents):
    return [card for section in chip_sections(Documents.of(documents)) for card in section.content["cards"]]


def test_bars_and_clock(documents):
    (card,) = cards(documents.BUILD)
    assert [(bar["label"], bar["text"], bar["percent"].replace("\u00a0", " ")) for bar in card["bars"]] == [
        ("look-up tables", "1,000 of 5,280", "19 %"),
        ("block RAMs", "10 of 30", "33 %"),
    ]
    assert card["clock"]["reached"] == "25.5 MHz reached"
    assert card["clock"]["met"]


def test_too_much_and_a_missed_clock(documents):
    (card,) = cards({**documents.BUILD, "luts": 6000, "meets_timing": False})
    assert (card["bars"][0]["over"], card["bars"][0]["width"]) == (True, 100.0)
    assert not card["clock"]["met"]


def test_the_clock_of_a_stores_memory(documents):
    (card,) = cards({**documents.BUILD, "memory_fmax_mhz": 134.7, "memory_clock_mhz": 133.35})
    assert ("clock of the memory", "134.7 MHz reached, 133.35 MHz asked for") in card["facts"]
    (card,) = cards({**documents.BUILD, "memory_fmax_mhz": None, "memory_clock_mhz": None})
    assert "memory" not in str(card["facts"])


def test_old_documents_have_no_floor_plan(documents):
    old = {key: value for key, value in documents.BUILD.items() if key != "floor_plan"}
    for document in (old, {**old, "floor_plan": None}):
        (card,) = cards(document)
        assert (card["floor_plan"], card["legend"]) == ("", [])
    assert cards({"command": "build", "board": "x"})[0]["bars"] == []
    assert cards({"command": "build"}) == []


def test_floor_plan(documents):
    svg = floor_plan_svg(documents.BUILD["floor_plan"], "icebreaker")
    root = ElementTree.fromstring(svg)
    layer, bridge = root.findall("g")
    # Row 0 lies at the bottom: two tiles of logic in a run, a RAM beside them; two tiles of the bridge above.
    assert [path.attrib["d"] for path in layer.findall("path")] == ["M0 1h2v.92h-2z", "M2.1 1.1h.8v.8h-.8z"]
    assert [path.attrib["d"] for path in bridge.findall("path")] == ["M2 0h2v.92h-2z"]
    assert layer.find("title").text == "layer 0"


def test_a_layer_has_one_colour_everywhere():
    assert part_colour("layer 0") == part_colour("layer 6") == "var(--part-0)"
    assert part_colour("anything else") == "var(--rest)"


def test_plans_are_told_from_what_was_built(documents):
    sections = chip_sections(Documents.of([documents.BUILD, documents.PLAN]))
    assert [(section.title, section.content["planned"]) for section in sections] == [
        ("On the chip", False),
        ("On the chip, as planned", True),
    ]
    assert sections[1].content["cards"][0]["clock"]["reached"] == "110.0 MHz predicted"
    same_board = {**documents.PLAN, "board": "icebreaker"}
    assert len(chip_sections(Documents.of([documents.BUILD, same_board]))) == 1
