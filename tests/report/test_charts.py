"""Charts: equal bytes, ids apart, the page's colours."""

import re

from bephw.report.charts import chart, chart_script

SPECIFICATION = {
    "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 3}]},
    "mark": {"type": "line", "clip": True, "color": "var(--part-0)"},
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
}


def test_equal_bytes_and_ids_apart():
    first, second = chart("one", "words", 100, SPECIFICATION), chart("one", "words", 100, SPECIFICATION)
    assert first == second
    ids = set(re.findall(r'id="([^"]+)"', first.svg))
    assert ids and all(name.startswith("one-") for name in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", first.svg)) <= ids
    assert ids.isdisjoint(re.findall(r'id="([^"]+)"', chart("two", "words", 100, SPECIFICATION).svg))


def test_colours_are_the_pages():
    assert 'stroke="var(--part-0)"' in chart("one", "words", 100, SPECIFICATION).svg


def test_the_script_is_whole_and_small():
    assert "window.vegaEmbed" in chart_script()
    assert len(chart_script()) < 1_000_000
