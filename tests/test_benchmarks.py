"""What the benchmarks measured becomes rows and tables (benchmarks/rows.py, tables.py)."""

import json
import shlex
import sys
from itertools import pairwise
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SIMULATED = {
    "case": "small",
    "command": "python benchmarks/plan_cycles.py --only small --batches 5",
    "samples": 100,
    "model": 50.5,
    "simulated": 50.0,
    "error": 0.01,
    "lanes": 1000,
    "sizes": [784, 255, 255, 10],
    "batch": 20,
    "inference": 25.0,
    "efficiency": 0.8,
    "parts": {"forward_0": [4000, 4000]},
}
FOUND = {
    "cycles_small": [SIMULATED | {"state": "fresh"}, SIMULATED | {"state": "trained", "simulated": 40.0}],
    "fmax_small": {
        "command": "python benchmarks/fmax.py --case small",
        "settings": {"network": {"sizes": [784, 255, 255], "classes": 10}, "learning": {"batch": 20}},
        "device": "an FPGA",
        "fmax_mhz": 10.0,
        "luts": 5000,
        "lanes": 1000,
    },
    "baseline": {
        "command": "python benchmarks/baseline_speed.py",
        "network": "784-255-255-10",
        "contestants": {
            "golden model": {"median_samples_per_cpu_second": 100_000},
            "PyTorch baseline with batch norm": {"median_samples_per_cpu_second": 25_000},
        },
    },
    "programs_small": {
        "program": "bep-tt",
        "device": "an FPGA",
        "command": "python benchmarks/programs.py --only small/bep-tt",
        "sizes": [8, 4, 4, 2],
        "steps": 5,
        "lanes": 10,
        "luts": 100,
        "brams": 2,
        "sprams": 0,
        "fmax_mhz": 50.0,
        "cycles": {"20": {"fresh": {"cycles": 10.0, "inference": 5.0, "efficiency": 0.5}}},
    },
    "inference_small_unrolled": {
        "rows": [{"kind": "unrolled", "sizes": [64, 10], "lanes": 640, "interval_cycles": 1, "failed": "no room"}]
    },
}


@pytest.fixture
def benchmarks(monkeypatch):
    """The folder's modules `rows`, `tables` and `cases`."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    import cases
    import rows
    import tables

    yield rows, tables, cases
    for name in ("rows", "tables", "cases"):
        del sys.modules[name]


def test_speed_is_clock_over_cycles(benchmarks):
    rows, _, _ = benchmarks
    found = {row.name: row.as_json() for row in rows.rows_of(FOUND)}
    assert found["training samples a second, 784-255-255-10, 1000 lanes, an FPGA, fresh"] == {
        "row": "training samples a second, 784-255-255-10, 1000 lanes, an FPGA, fresh",
        "value": 200_000,
        "unit": "1/s",
        "minimum": 400_000,
        "aim": 2_000_000,
        "command": "python benchmarks/fmax.py --case small; python benchmarks/plan_cycles.py --only small --batches 5",
        "commit": "",
    }
    assert found["training samples a second, 784-255-255-10, 1000 lanes, an FPGA, trained"]["value"] == 250_000


def test_what_failed_says_why(benchmarks):
    rows, _, _ = benchmarks
    (row,) = [row for row in rows.rows_of(FOUND) if "Fmax, ECP5-6" in row.name]
    assert "no room" in row.name
    assert (row.value, row.missed, row.as_json()["value"]) == (None, True, None)


def test_programs_are_measured_by_the_step(benchmarks):
    rows, _, _ = benchmarks
    found = {row.quantity: row for row in rows.rows_of(FOUND) if row.section == rows.PROGRAMS}
    assert found["samples a second, batches of 20"].value == 1_000_000
    assert found["training / inference cycles, batches of 20"].value == 2
    assert found["efficiency of layer 0, batches of 20"].missed


def test_boards_have_their_clock_and_their_speed(benchmarks):
    rows, _, _ = benchmarks
    simulated = [case | {"case": "fashion, four samples", "lanes": 7728} for case in FOUND["cycles_small"]]
    built = {"board": "ulx3s-85f", "fmax_mhz": 70.0, "luts": 46_368}
    clock, area, *speeds = [
        row
        for row in rows.rows_of({"cycles": simulated, "build_fashion_samples": built})
        if row.section != "Training: cycles"
    ]
    assert (clock.value, clock.minimum) == (70, 70)
    assert (area.value, area.minimum, area.missed) == (6, 4.5, True)
    assert [(row.value, row.state, row.minimum) for row in speeds] == [
        (1_400_000, "fresh", 1_500_000),
        (1_750_000, "trained", 1_500_000),
    ]
    assert speeds[0].command.startswith("bephw build --board ulx3s-85f examples/fashion_samples.toml; python ")


def test_cases_measured_one_by_one_give_the_same_rows(benchmarks):
    rows, _, _ = benchmarks
    fresh, trained = FOUND["cycles_small"]
    apart = {name: value for name, value in FOUND.items() if name != "cycles_small"}
    assert rows.rows_of(apart | {"cycles_a": [fresh], "cycles_b": [trained]}) == rows.rows_of(FOUND)


def test_tables_show_hardware_beside_the_cpu(benchmarks):
    rows, tables, _ = benchmarks
    text = tables.markdown(rows.rows_of(FOUND))
    goal = "at least 400,000, aim 2,000,000"
    lines = [
        f"| 784-255-255-10 | 1000 lanes, an FPGA, 10 MHz, batches of 20 | **200,000** | **250,000** | {goal} | 2 |",
        "| 784-255-255-10 | CPU, one core: golden model | 100,000 |  |  | 1 |",
        "| 784-255-255-10 | CPU, one core: PyTorch baseline with batch norm | 25,000 |  |  | 0.25 |",
        "| 784-255-255-10, 1000 lanes, batches of 20 | 0.8 / 0.8 | **2** / **1.6** | 1 / 1 % |",
    ]
    assert [line for line in text.splitlines() if line.startswith("| 784")][:4] == lines


def test_lines_of_another_commit_say_so(benchmarks):
    rows, tables, _ = benchmarks
    found = {
        name: [case | {"commit": "abc1234"} for case in value] if name == "cycles_small" else value
        for name, value in FOUND.items()
    }
    measured = rows.rows_of(found)
    assert {row.commit for row in measured} == {"", "abc1234"}
    assert "batches of 20 |" in tables.markdown(measured, "abc1234")
    text = tables.markdown(measured, "fedcba9")
    assert "| 784-255-255-10, 1000 lanes, batches of 20 (abc1234) | 0.8 / 0.8 |" in text
    baseline = FOUND["baseline"] | {"commit": "abc1234"}
    text = tables.markdown(rows.rows_of(FOUND | {"baseline": baseline}), "fedcba9")
    assert "| CPU, one core: PyTorch baseline with batch norm (abc1234) | 25,000 |  |  | 0.25 |" in text


def test_commands_of_the_published_rows_are_complete(benchmarks):
    _, _, cases = benchmarks
    programs = [f"{design}/{program}" for design in ("ulx3s", "icebreaker") for program in ("bep", "bep-tt", "lbes")]
    published = json.loads((REPOSITORY / "docs" / "benchmarks.json").read_text())
    assert published
    for row in published:
        assert list(row)[:6] == ["row", "value", "unit", "minimum", "aim", "command"]
        assert all(row[key] is None or isinstance(row[key], int | float) for key in ("value", "minimum", "aim"))
        for command in row["command"].split("; "):
            words = [word for word in shlex.split(command) if "=" not in word]
            assert words[0] == "bephw" or (words[0] == "python" and (REPOSITORY / words[1]).is_file())
            for option, value in pairwise(words):
                known = programs if words[1].endswith("programs.py") else cases.CASES
                assert option not in ("--case", "--only") or value in known


def test_builds_of_boards(monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    import board_table

    build = {
        "board": "tang-nano-9k", "device": "GW1NR", "luts": 6724, "luts_available": 8640, "ffs": 3653, "brams": 26,
        "brams_available": 26, "fmax_mhz": 88.75, "clock_mhz": 27.0,
        "settings": {"network": {"sizes": [192, 63, 63], "classes": 10}},
    }  # fmt: skip
    *_, line = board_table.table([build]).splitlines()
    assert line == "| `tang-nano-9k` | GW1NR | 192-63-63-10 | 6,724 of 8,640 | 3,653 | 26 of 26 | 88.8 | 27 |"
