"""Pictures of tables of accuracies, and of searches for hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

__all__ = ["search_picture", "table_picture"]

# Distinguishable with any colour vision (Okabe and Ito), the markers too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
MANY = 12  # More rows than this have their names upright.
STEP = 0.14  # Distance of the columns' points within a row.


def table_picture(figures: Mapping[str, Any]) -> Figure:
    """Mean accuracy with its deviation of every row, one colour a column; published figures as hollow markers.

    `figures`: those of `bephw.accuracy.summary`. What is not measured yet is left out.
    """
    rows, columns = figures["rows"], figures["columns"]
    figure, axes = _figure(max(5.0, min(14.0, 2.0 + 0.45 * len(rows) * max(1.0, 0.3 * len(columns)))))
    found = {(cell["row"], cell["column"]): cell for cell in figures["cells"]}
    step = min(STEP, 0.8 / max(1, len(columns)))
    for index, column in enumerate(columns):
        offset = step * (index - (len(columns) - 1) / 2)
        _draw_column(axes, [found[row, column] for row in rows], index, offset)
    axes.set_xticks(range(len(rows)), rows, rotation=90 if len(rows) > MANY else 0)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_ylabel("test accuracy, %")
    axes.set_title(figures["title"], fontsize="medium")
    axes.grid(axis="y", alpha=0.25)
    _add_legend(axes, columns)
    return figure


def search_picture(figures: Mapping[str, Any]) -> Figure:
    """Validation accuracy of every trial in its order, and the best so far.

    `figures`: those of `bephw.accuracy.findings`.
    """
    figure, axes = _figure(7.0)
    for state, fill in (("complete", COLOURS[0]), ("pruned", "none")):
        trials = [trial for trial in figures["trials"] if trial["state"] == state]
        if trials:
            numbers, values = [trial["trial"] for trial in trials], [100 * trial["value"] for trial in trials]
            axes.plot(numbers, values, "o", color=COLOURS[0], markerfacecolor=fill, markersize=4, label=state)
            if state == "complete":
                axes.step(numbers, list(accumulate(values, max)), where="post", color=COLOURS[1], label="best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("trial")
    axes.set_ylabel("validation accuracy, %")
    axes.set_title(figures["title"], fontsize="medium")
    axes.grid(axis="y", alpha=0.25)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize="small")
    return figure


def _figure(width: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _add_legend(axes: Axes, columns: Sequence[str]) -> None:
    """In the order of the columns, published figures after measured ones."""
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    names = [name for column in columns for name in (column, _published(column)) if name in handles]
    if names:
        axes.legend([handles[name] for name in names], names, frameon=False, fontsize="small")


def _draw_column(axes: Axes, cells: list[Mapping[str, Any]], index: int, offset: float) -> None:
    label, colour, marker = cells[0]["column"], COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    measured = [(at + offset, cell) for at, cell in enumerate(cells) if cell["mean"] is not None]
    if measured:
        axes.errorbar(
            [at for at, _ in measured],
            [100 * cell["mean"] for _, cell in measured],
            yerr=[100 * (cell["std"] or 0.0) for _, cell in measured],
            label=label,
            capsize=2.5,
            linestyle="none",
            markersize=5,
            color=colour,
            marker=marker,
        )
    published = [
        (at + offset, 100 * cell["published"]) for at, cell in enumerate(cells) if cell["published"] is not None
    ]
    if published:
        axes.plot(
            [at for at, _ in published],
            [value for _, value in published],
            label=_published(label),
            linestyle="none",
            markersize=9,
            markerfacecolor="none",
            color=colour,
            marker=marker,
        )


def _published(column: str) -> str:
    return f"{column}, published"
