"""The pictures of docs/benchmarks.md, of what the benchmarks measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from rows import Row

Case = dict[str, Any]
MARKERS = {"fresh": "o", "trained": "s"}
CENTRED: dict[str, Any] = {"ha": "center", "fontsize": "small"}


def efficiency(cases: list[Case], target: Path) -> None:
    """Efficiency while training against lanes, a line for each network, batch and state."""
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    lines: dict[tuple[str, int, str], list[Case]] = {}
    for case in cases:
        lines.setdefault(("-".join(map(str, case["sizes"])), case["batch"], case["state"]), []).append(case)
    for (network, batch, state), found in sorted(lines.items()):
        found.sort(key=lambda case: case["lanes"])
        lanes, values = [case["lanes"] for case in found], [case["efficiency"] for case in found]
        axes.plot(lanes, values, MARKERS[state] + "-", label=f"{network}, batches of {batch}, {state}")
    axes.axhline(0.7, color="grey", linestyle=":")
    axes.axhline(0.9, color="grey", linestyle="--")
    axes.set_xscale("log", base=2)
    axes.set(ylim=(0, 1), xlabel="lanes", ylabel="useful XNORs / (lanes x cycles)")
    axes.legend(fontsize="small")
    _save(figure, target)


def breakdown(cases: list[Case], target: Path) -> None:
    """How busy each part was, as a share of all cycles; they work side by side."""
    shown = [case for case in cases if case["parts"]]
    names = sorted({part for case in shown for part in case["parts"]})
    shares = [
        [case["parts"].get(name, (0, 0))[1] / (case["simulated"] * case["samples"]) for name in names] for case in shown
    ]
    figure, axes = plt.subplots(figsize=(0.55 * len(names) + 3, 0.4 * len(shown) + 1.8), layout="constrained")
    image = axes.imshow(shares, vmin=0, vmax=1, cmap="viridis", aspect="auto")
    axes.set_xticks(range(len(names)), [name.replace("_", " ") for name in names], rotation=60, ha="right")
    axes.set_yticks(range(len(shown)), [f"{case['case']}, {case['state']}" for case in shown])
    for y, line in enumerate(shares):
        for x, share in enumerate(line):
            colour = "black" if share > 0.6 else "white"
            axes.text(x, y, f"{100 * share:.0f}", ha="center", va="center", fontsize="x-small", color=colour)
    figure.colorbar(image, label="busy, share of the cycles")
    _save(figure, target)


def speed_and_area(trainers: list[Case], cases: list[Case], target: Path) -> None:
    """Training samples a second against LUTs, where both clock and cycles were measured."""
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for trainer in trainers:
        settings, batch = trainer["settings"]["network"], trainer["settings"]["learning"]["batch"]
        sizes = [*settings["sizes"], settings["classes"]]
        wanted = (sizes, trainer["lanes"], batch)
        found = [case for case in cases if (case["sizes"], case["lanes"], case["batch"]) == wanted]
        for case in found:
            speed = 1e6 * trainer["fmax_mhz"] / case["simulated"]
            axes.plot(trainer["luts"], speed, MARKERS[case["state"]], color="tab:blue")
        if found:
            label = f"{'-'.join(map(str, sizes))}, {trainer['lanes']} lanes"
            axes.annotate(label, (trainer["luts"], speed), xytext=(0, 9), textcoords="offset points", **CENTRED)
    axes.legend(handles=[Line2D([], [], linestyle="", marker=MARKERS[state], label=state) for state in MARKERS])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.margins(0.25)
    axes.set(xlabel="LUT4", ylabel="training samples a second")
    _save(figure, target)


def speeds(rows: list[Row], target: Path) -> None:
    """Training samples a second of hardware and CPU, a group of bars for each network."""
    networks: dict[str, dict[str, float]] = {}
    for row in rows:
        places = networks.setdefault(row.subject, {})
        # Where there is a fresh and a trained figure, the bar is the lower one.
        places[row.quantity] = min(row.value or 0, places.get(row.quantity, float("inf")))
    heights = [len(places) + 1.2 for places in networks.values()]
    figure, rooms = plt.subplots(
        len(networks), figsize=(9, 0.27 * sum(heights) + 0.4), height_ratios=heights, sharex=True, layout="constrained"
    )
    for axes, (network, places) in zip(np.atleast_1d(rooms), networks.items(), strict=True):
        bars = sorted(places.items(), key=lambda item: item[1])
        colours = ["tab:grey" if where.startswith("CPU") else "tab:blue" for where, _ in bars]
        container = axes.barh([where for where, _ in bars], [value for _, value in bars], color=colours)
        axes.bar_label(container, labels=[f"{value:,.0f}" for _, value in bars], padding=3, fontsize="small")
        axes.set_title(network, loc="left", fontsize="medium")
        axes.set_xscale("log")
    # Numbers stand to the right of their bars.
    axes.set_xlim(right=6 * max(value for places in networks.values() for value in places.values()))
    axes.set_xlabel("training samples a second")
    _save(figure, target)


def _save(figure, target: Path) -> None:
    figure.savefig(target, metadata={"Date": None})
    plt.close(figure)
