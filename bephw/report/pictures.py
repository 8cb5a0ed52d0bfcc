"""The pictures: matplotlib figures without a screen, a window or pyplot's global state.

Equal figures give equal bytes: no dates, no random ids.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["accuracy_curves", "cycle_bars", "picture_bytes", "svg_text"]

TRAINING, TEST, BAR, FULL = "#8a8f98", "#1f6feb", "#1f6feb", "#d1242f"


def accuracy_curves(epochs: Sequence[Mapping[str, Any]], goal: float | None = None) -> Figure:
    """Training and held-out accuracy (0 to 1) against the epoch; `goal` as a dashed line."""
    figure, axes = _figure(3.2)
    numbers = [row["epoch"] for row in epochs]
    for key, label, colour in (("train_accuracy", "training", TRAINING), ("test_accuracy", "held out", TEST)):
        shares = [row[key] for row in epochs]
        if None not in shares:
            axes.plot(numbers, [100 * share for share in shares], label=label, color=colour, marker=".")
    if goal is not None:
        axes.axhline(100 * goal, color=FULL, linestyle="--", linewidth=1, label="goal")
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy, %")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    return figure


def cycle_bars(phases: Mapping[str, float]) -> Figure:
    """Busy clock cycles a sample, one bar a phase, in the order given."""
    figure, axes = _figure(0.6 + 0.32 * max(1, len(phases)))
    bars = axes.barh(list(phases), list(phases.values()), color=BAR)
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.invert_yaxis()
    axes.set_xlabel("busy cycles a sample (phases overlap)")
    axes.margins(x=0.12)
    return figure


def svg_text(figure: Figure) -> str:
    """The figure as an SVG document, its words kept as text."""
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "bephw"}):
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def picture_bytes(figure: Figure, suffix: str) -> bytes:
    """The figure as `.png` or `.svg`. Raises `ValueError` for other suffixes."""
    if suffix == ".svg":
        return svg_text(figure).encode()
    if suffix != ".png":
        raise ValueError(f"suffix must be .png or .svg, not {suffix}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
