"""Charts in Vega-Lite: one specification gives the picture that needs no script and the one that answers to a pointer.

Colours are the page's own variables, so both follow its light and its dark theme.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

__all__ = ["INK", "Chart", "chart", "chart_script"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH = 720
INK, FAINT, LINE = "var(--ink)", "var(--faint)", "var(--line)"
CONFIG = {
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": FAINT,
        "titleColor": FAINT,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": INK, "titleColor": FAINT, "labelFontSize": 12, "labelLimit": 460, "symbolStrokeWidth": 2},
    "text": {"color": INK, "font": "system-ui, sans-serif"},
}
ID = re.compile(r'(id="|url\(#|href="#)([A-Za-z_]+\d+)')


@dataclass(frozen=True)
class Chart:
    """A chart of the page.

    Attributes:
        svg: the picture.
        specification: Vega-Lite as JSON, from which the page's script draws it again with hover and selection.
        words: what is to be seen, for those who do not see it.
    """

    svg: str
    specification: str
    words: str


def chart(name: str, words: str, height: int, specification: Mapping[str, Any]) -> Chart:
    """A chart `WIDTH` wide where there is no script, else as wide as its place.

    name: unique on the page; it keeps the ids within the picture apart from those of others.
    """
    import vl_convert

    whole = {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": height,
        "background": None,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        **specification,
    }
    return Chart(_renamed(vl_convert.vegalite_to_svg(whole), name), json.dumps(whole, allow_nan=False), words)


@cache
def chart_script() -> str:
    """Vega, Vega-Lite and vega-embed (BSD 3-Clause), which set `window.vegaEmbed`."""
    import vl_convert

    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def _renamed(svg: str, name: str) -> str:
    """Vega counts ids through all pictures of a process; here every picture has its own, from 0."""
    numbers: dict[str, int] = {}

    def rename(match: re.Match[str]) -> str:
        return f"{match[1]}{name}-{numbers.setdefault(match[2], len(numbers))}"

    return ID.sub(rename, svg)
