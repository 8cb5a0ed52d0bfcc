"""The emitted Verilog against the golden model from the command line; and a fault that must be seen."""

import json

import pytest

from bephw.flow import cosimulation
from bephw.golden.model import GoldenModel

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


@pytest.fixture
def state_file(settings_file, tmp_path):
    """A fresh network of the settings."""
    from bephw.cli.options import read_settings
    from bephw.golden.initial import initial_state

    path = tmp_path / "state.npz"
    initial_state(read_settings(settings_file())).save(path)
    return path


@pytest.mark.parametrize("style", ["unrolled", "folded"])
def test_inference_alone(run, settings_file, state_file, tmp_path, style):
    figures = tmp_path / "sim.json"
    code, out, err = run(
        *("sim", settings_file(), "--inference", style, "--state", state_file, "--held-out", 40),
        *("--workdir", tmp_path / "work", "--json", figures),
    )
    assert code == 0, out + err
    assert "mismatches: 0" in out
    document = json.loads(figures.read_text())
    assert document["inference"] == style
    assert document["inference_samples"] == 40
    assert document["compared"] == [{"what": "predictions of held-out samples", "values": 40, "mismatches": 0}]
    cycles = document["latency"] + 39 * document["interval"]
    assert cycles <= 40 * document["inference_cycles_per_sample"] <= cycles + 5


def test_a_wrong_prediction_is_told_and_fails(run, settings_file, state_file, tmp_path, monkeypatch):
    honest = GoldenModel.predict

    def wrong(model, x):
        prediction, logits = honest(model, x)
        prediction[3] = (prediction[3] + 1) % 10
        return prediction, logits

    monkeypatch.setattr(GoldenModel, "predict", wrong)
    code, out, _ = run(
        *("sim", settings_file(), "--inference", "folded", "--state", state_file, "--held-out", 5),
        *("--workdir", tmp_path / "work"),
    )
    assert code == 1
    assert "mismatches: 1" in out
    assert "predictions of held-out samples[3]: must be " in out


def test_inference_and_state_go_together(refuse, settings_file, state_file):
    assert refuse("sim", settings_file(), "--state", state_file) == "--inference and --state must be given together"
