"""Figures as pictures and as one self-contained HTML page."""

from bephw.report.page import render
from bephw.report.pictures import accuracy_curves, cycle_bars, picture_bytes, svg_text

__all__ = ["accuracy_curves", "cycle_bars", "picture_bytes", "render", "svg_text"]
