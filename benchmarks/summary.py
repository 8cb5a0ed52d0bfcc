"""The table of docs/benchmarks.md from what the other benchmarks measured.

    python benchmarks/summary.py FOLDER        # reads FOLDER/*.json, writes docs/benchmarks.json and docs/benchmarks.md

A file that is missing leaves its rows out; nothing here is a figure of its own, but the goals.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

DOCS = Path(__file__).resolve().parent.parent / "docs"
COMMANDS = {
    "cycles": "python benchmarks/plan_cycles.py --batches 20",
    "fmax": "python benchmarks/fmax.py SETTINGS",
    "build_icebreaker": "bephw build --board icebreaker examples/digits.toml",
    "sim_icebreaker": "bephw sim examples/digits.toml",
    "array": "python benchmarks/array_area.py --lanes 64 256",
    "inference": "python benchmarks/inference.py --network tiny",
    "generation": "python benchmarks/generation.py",
    "golden": "python benchmarks/golden_speed.py",
    "baseline": "python benchmarks/baseline_speed.py",
}

Row = dict[str, Any]


def row(name: str, value: float, unit: str, minimum: float | None, aim: float | None, source: str) -> Row:
    """One line; `minimum` and `aim` are the goals, where there are some."""
    return {
        "row": name,
        "value": round(value, 3),
        "unit": unit,
        "minimum": minimum,
        "aim": aim,
        "command": COMMANDS[source],
    }


def cycles(found: Any) -> Iterator[Row]:
    """Efficiency, cost of learning and error of the cycle model."""
    for case in found:
        name = f"{case['case']} ({case['lanes']} used, batches of {case['batch']}), {case['state']}"
        yield row(f"efficiency while training: {name}", case["efficiency"], "", 0.7, 0.9, "cycles")
        ratio = case["simulated"] / case["inference"]
        yield row(f"training / inference cycles: {name}", ratio, "", 1.25, 1.05, "cycles")
        yield row(f"cycle model against simulation: {name}", 100 * case["error"], "%", 2, None, "cycles")


def fmax(found: Any) -> Iterator[Row]:
    """A trainer alone on ECP5; with `states`, a plan's cycles of the same settings, also its speed."""
    network, lanes = found["settings"]["network"], found["lanes"]
    name = f"{'-'.join(map(str, [*network['sizes'], network['classes']]))}, {lanes} lanes, ECP5-85F -6"
    yield row(f"Fmax, trainer, {name}", found["fmax_mhz"], "MHz", 100, 160, "fmax")
    goals = (6, 4) if lanes >= 1000 else (None, None)  # asked for some 1,024 lanes; fewer share the control logic
    yield row(
        f"LUT4 a lane, carry and LUT RAM included, trainer, {name}", found["luts"] / lanes, "LUT4", *goals, "fmax"
    )
    for state, planned in found.get("states", {}).items():
        speed = 1e6 * found["fmax_mhz"] / planned["cycles_per_sample"]
        yield row(f"training samples a second, {name}, {state}", speed, "1/s", 400_000, 2_000_000, "fmax")


def build_icebreaker(found: Any) -> Iterator[Row]:
    """A whole board."""
    yield row("Fmax, digits on iCEBreaker (UP5K), board", found["fmax_mhz"], "MHz", 24, 36, "build_icebreaker")


def array(found: Any) -> Iterator[Row]:
    """Area of the array alone."""
    goals = {"xc7": (1.9, 1.3)}
    for case in found["rows"]:
        minimum, aim = goals.get(case["family"], (2.5, 2.0))
        unit = "LUT6 a lane" if case["family"] == "xc7" else "LUT4 a lane"
        yield row(
            f"XNOR-popcount array, {case['family']}, N = {case['lanes']}",
            case["luts_per_lane"],
            unit,
            minimum,
            aim,
            "array",
        )


def inference(found: Any) -> Iterator[Row]:
    """Speed of the unrolled generator."""
    for case in found["rows"]:
        yield row(
            f"inference, unrolled, {'-'.join(map(str, case['sizes']))}: initiation interval",
            case["interval_cycles"],
            "cycles",
            1,
            1,
            "inference",
        )
        if case.get("fmax_mhz"):
            yield row(
                f"inference, unrolled, {'-'.join(map(str, case['sizes']))}: Fmax, ECP5-6",
                case["fmax_mhz"],
                "MHz",
                150,
                150,
                "inference",
            )


def generation(found: Any) -> Iterator[Row]:
    """Time to Verilog."""
    yield row(f"Verilog of {found['network']}, {found['lanes']} lanes", found["seconds"], "s", 10, None, "generation")


SOURCES = {
    "cycles": cycles,
    "build_icebreaker": build_icebreaker,
    "array": array,
    "inference": inference,
    "generation": generation,
}


def picture(rows: list[Row], target: Path) -> None:
    """Efficiency while training, a bar for each measured case."""
    shown = [r for r in rows if r["row"].startswith("efficiency")]
    figure, axes = plt.subplots(figsize=(8, 0.45 * len(shown) + 1.2), layout="constrained")
    axes.barh([r["row"].removeprefix("efficiency while training: ") for r in shown], [r["value"] for r in shown])
    axes.axvline(0.7, color="grey", linestyle=":")
    axes.axvline(0.9, color="grey", linestyle="--")
    axes.set(xlim=(0, 1), xlabel="useful XNORs / (lanes x cycles); dotted: at least, dashed: aim")
    axes.invert_yaxis()
    figure.savefig(target, metadata={"Date": None})


def markdown(rows: list[Row]) -> str:
    lines = ["| what | measured | at least | aim | command |", "|---|---:|---:|---:|---|"]
    for r in rows:
        goals = ("" if r[key] is None else f"{r[key]:,}" for key in ("minimum", "aim"))
        lines.append(f"| {r['row']} | {r['value']:,} {r['unit']} | {' | '.join(goals)} | `{r['command']}` |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    found = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    if "fmax_ecp5" in found and "plan" in found:  # the same settings: clock from one, cycles from the other
        found["fmax_ecp5"]["states"] = found["plan"]["states"]
    rows = [line for name, lines in SOURCES.items() if name in found for line in lines(found[name])]
    rows += [line for name in found if name.startswith("fmax") for line in fmax(found[name])]
    (DOCS / "benchmarks.json").write_text(json.dumps(rows, indent=1) + "\n")
    picture(rows, DOCS / "efficiency.svg")
    page = DOCS / "benchmarks.md"
    before, after = page.read_text().split("<!-- table -->\n")[0], page.read_text().split("<!-- end -->\n")[-1]
    page.write_text(f"{before}<!-- table -->\n{markdown(rows)}\n<!-- end -->\n{after}")


if __name__ == "__main__":
    main()
