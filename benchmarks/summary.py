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

import pictures

DOCS = Path(__file__).resolve().parent.parent / "docs"
COMMANDS = {
    "cycles": "python benchmarks/plan_cycles.py --batches 20",
    "fmax": "python benchmarks/fmax.py --case CASE",
    "build_icebreaker": "bephw build --board icebreaker examples/digits.toml",
    "array": "python benchmarks/array_area.py --lanes 64 256",
    "inference": "python benchmarks/inference.py",
    "generation": "python benchmarks/generation.py",
    "baseline": "python benchmarks/baseline_speed.py",
    "simulation": "python benchmarks/simulation_speed.py",
    "speed": "python benchmarks/fmax.py --case CASE; python benchmarks/plan_cycles.py --batches 20",
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


def network(sizes: list[int]) -> str:
    """As people write it: 784-255-255-10."""
    return "-".join(map(str, sizes))


def cycles(found: Any) -> Iterator[Row]:
    """Efficiency, cost of learning and error of the cycle model."""
    for case in found:
        name = f"{network(case['sizes'])}, {case['lanes']} lanes, batches of {case['batch']}, {case['state']}"
        yield row(f"efficiency while training: {name}", case["efficiency"], "", 0.7, 0.9, "cycles")
        ratio = case["simulated"] / case["inference"]
        yield row(f"training / inference cycles: {name}", ratio, "", 1.25, 1.05, "cycles")
        yield row(f"cycle model against simulation: {name}", 100 * case["error"], "%", 2, None, "cycles")


def fmax(found: Any, simulated: Any) -> Iterator[Row]:
    """A trainer alone; where the same network and lanes were simulated, also its speed."""
    sizes, lanes = [*found["settings"]["network"]["sizes"], found["settings"]["network"]["classes"]], found["lanes"]
    name = f"{network(sizes)}, {lanes} lanes, {found['device']}"
    yield row(f"Fmax, trainer, {name}", found["fmax_mhz"], "MHz", 100, 160, "fmax")
    goals = (6, 4) if lanes >= 1000 else (None, None)  # asked for some 1,024 lanes; fewer share the control logic
    yield row(
        f"LUT4 a lane, carry and LUT RAM included, trainer, {name}", found["luts"] / lanes, "LUT4", *goals, "fmax"
    )
    goals = (400_000, 2_000_000) if sizes == [784, 255, 255, 10] else (None, None)
    for case in simulated:
        if (case["sizes"], case["lanes"]) == (sizes, lanes):
            speed = 1e6 * found["fmax_mhz"] / case["simulated"]
            yield row(f"training samples a second, {name}, {case['state']}", speed, "1/s", *goals, "speed")


def build_icebreaker(found: Any, simulated: Any) -> Iterator[Row]:
    """A whole board."""
    yield row("Fmax, digits on iCEBreaker (UP5K), board", found["fmax_mhz"], "MHz", 24, 36, "build_icebreaker")
    for case in simulated:
        if case["case"] == ICEBREAKER:
            speed = 1e6 * found["fmax_mhz"] / case["simulated"]
            name = f"training samples a second, digits on iCEBreaker, {case['state']}"
            yield row(name, speed, "1/s", 50_000, 150_000, "build_icebreaker")


def array(found: Any) -> Iterator[Row]:
    """Area of the array alone."""
    goals = {"xc7": (1.9, 1.3)}
    for case in found["rows"]:
        minimum, aim = goals.get(case["family"], (2.5, 2.0))
        unit = "LUT6 a lane" if case["family"] == "xc7" else "LUT4 a lane"
        name = f"XNOR-popcount array, {case['family']}, N = {case['lanes']}"
        yield row(name, case["luts_per_lane"], unit, minimum, aim, "array")


def inference(found: Any) -> Iterator[Row]:
    """Speed of both generators."""
    for case in found["rows"]:
        unrolled = case["kind"] == "unrolled"
        name = f"inference, {case['kind']}, {network(case['sizes'])}" + ("" if unrolled else f", {case['lanes']} lanes")
        goals = (1, 1) if unrolled else (None, None)
        yield row(f"{name}: initiation interval", case["interval_cycles"], "cycles", *goals, "inference")
        if case.get("fmax_mhz"):
            goals = (150, 150) if unrolled else (None, None)
            yield row(f"{name}: Fmax, ECP5-6", case["fmax_mhz"], "MHz", *goals, "inference")
            yield row(f"{name}: samples a second", case["samples_a_second"], "1/s", None, None, "inference")


def generation(found: Any) -> Iterator[Row]:
    """Time to Verilog."""
    yield row(f"Verilog of {found['network']}, {found['lanes']} lanes", found["seconds"], "s", 10, None, "generation")


def simulation(found: Any) -> Iterator[Row]:
    """Clock cycles a second in Verilator."""
    for case in found["rows"]:
        name = f"simulation, {found['lanes']} lanes, {case['way']}"
        yield row(name, case["cycles_per_second"], "cycles/s", None, None, "simulation")


def baseline(found: Any) -> Iterator[Row]:
    """Training on one core of a CPU: the golden model beside PyTorch."""
    for name, figures in found["contestants"].items():
        speed = figures["median_samples_per_second"]
        what = f"training samples a second, {found['network']}, CPU, one core: {name}"
        yield row(what, speed, "1/s", None, None, "baseline")


ICEBREAKER = "digits, iCEBreaker"  # a case of plan_cycles.py: the folding of examples/digits.toml
SOURCES = {
    "cycles": cycles,
    "array": array,
    "inference": inference,
    "generation": generation,
    "simulation": simulation,
    "baseline": baseline,
}


def table(found: dict[str, Any]) -> list[Row]:
    """All rows."""
    rows = [line for name, lines in SOURCES.items() if name in found for line in lines(found[name])]
    simulated = found.get("cycles", [])
    if "build_icebreaker" in found:
        rows += build_icebreaker(found["build_icebreaker"], simulated)
    return rows + [line for name in found if name.startswith("fmax") for line in fmax(found[name], simulated)]


def markdown(rows: list[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = ["| what | measured | at least | aim | command |", "|---|---:|---:|---:|---|"]
    for r in rows:
        goals = ("" if r[key] is None else f"{r[key]:,}" for key in ("minimum", "aim"))
        lines.append(f"| {r['row']} | {r['value']:,} {r['unit']} | {' | '.join(goals)} | `{r['command']}` |")
    return "\n".join(lines)


def main() -> None:
    """Write the table and the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    found = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    rows = table(found)
    (DOCS / "benchmarks.json").write_text(json.dumps(rows, indent=1) + "\n")
    if "cycles" in found:
        pictures.efficiency(found["cycles"], DOCS / "efficiency.svg")
        pictures.breakdown(found["cycles"], DOCS / "cycles.svg")
        trainers = [found[name] for name in found if name.startswith("fmax")]
        pictures.speed_and_area(trainers, found["cycles"], DOCS / "speed_and_area.svg")
    page = DOCS / "benchmarks.md"
    before, after = page.read_text().split("<!-- table -->\n")[0], page.read_text().split("<!-- end -->\n")[-1]
    page.write_text(f"{before}<!-- table -->\n{markdown(rows)}\n<!-- end -->\n{after}")


if __name__ == "__main__":
    main()
