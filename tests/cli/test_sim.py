"""The emitted Verilog against the golden model from the command line; and a fault that must be seen."""

import json

from bephw.flow import cosimulation

KEYS = {"samples", "mismatches", "cycles", "cycles_per_sample", "lanes", "efficiency"}


def test_everything_equal(run, settings_file, tmp_path):
    figures = tmp_path / "sim.json"
    code, out, err = run(
        *("sim", settings_file(), "--epochs", 2, "--samples", 60, "--held-out", 20),
        *("--workdir", tmp_path / "work", "--json", figures),
    )
    assert code == 0, out + err
    assert "mismatches: 0" in out
    document = json.loads(figures.read_text())
    assert document.keys() >= KEYS
    assert document["samples"] == 120
    assert document["mismatches"] == 0
    assert document["cycles_per_sample"] == document["cycles"] / 120
    work = 64 * 6 + 6 * 10
    assert document["efficiency"] == work / (document["lanes"] * document["cycles_per_sample"])
    assert document["inference_samples"] == 20
    compared = {row["what"]: row["values"] for row in document["compared"]}
    assert compared["predictions while learning"] == 120
    assert compared["predictions of held-out samples"] == 20
    assert compared["counters 0"] == 64 * 6
    assert compared["generator"] == compared["accumulator"] == 1


def test_a_difference_is_told_and_fails(run, settings_file, tmp_path, monkeypatch):
    honest = cosimulation.expected

    def wrong(*arguments, **options):
        golden = honest(*arguments, **options)
        golden.prediction[7] = (golden.prediction[7] + 1) % 10
        golden.end.counters[0][2, 3] += 1
        return golden

    monkeypatch.setattr(cosimulation, "expected", wrong)
    code, out, _ = run("sim", settings_file(), "--samples", 10, "--held-out", 0, "--workdir", tmp_path / "work")
    assert code == 1
    assert "mismatches: 2" in out
    assert "predictions while learning[7]: must be " in out
    assert "counters 0[2, 3]: must be " in out
