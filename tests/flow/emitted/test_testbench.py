"""The emitted folder alone, run from another one: it passes, and it fails where something is not right."""

import dataclasses
import json
import re
import shutil

import numpy as np
import pytest

from bephw.check import check_vector
from bephw.flow.emitted.stimulus import draw
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.settings import Settings

ONE, TWO, THREE, LOCAL, CELL = (
    "one layer, 2 classes, a bit a word",
    "two layers, words wider than a sample, no profile",
    "three layers, counters in SPRAM",
    "the local rule",
    "a cell and a layer, counters in SPRAM",
)


def changed(folder, tmp_path, old, new):
    """A copy with the first match of `old` in the testbench replaced."""
    copy = tmp_path / "changed"
    shutil.copytree(folder, copy)
    text, count = re.subn(old, new, (copy / "little_tb.v").read_text(), count=1)
    assert count == 1
    (copy / "little_tb.v").write_text(text)
    return copy


@pytest.mark.parametrize("name", [ONE, TWO, THREE, LOCAL, CELL])
def test_trainers_pass(trainers, icarus, name):
    code, said = icarus(trainers(name)[1])
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said
    assert "training took" in said


@pytest.mark.slow
@pytest.mark.parametrize("name", [THREE, CELL])
def test_a_trainer_passes_in_verilator(trainers, verilator, name):
    code, said = verilator(trainers(name)[1])
    assert code == 0, said
    assert "PASS" in said.splitlines()


@pytest.mark.parametrize(
    ("name", "bus"),
    [
        (ONE, "axi4-lite"),
        (LOCAL, "wishbone"),
        *(
            pytest.param(name, bus, marks=pytest.mark.slow)
            for name in (ONE, TWO, THREE, LOCAL, CELL)
            for bus in ("axi4-lite", "wishbone")
            if (name, bus) not in ((ONE, "axi4-lite"), (LOCAL, "wishbone"))
        ),
    ],
)
def test_trainers_on_buses_pass(trainers, icarus, name, bus):
    code, said = icarus(trainers(name, bus)[1])
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said


@pytest.mark.slow
def test_a_trainer_on_a_bus_passes_in_verilator(trainers, verilator):
    code, said = verilator(trainers(LOCAL, "axi4-lite")[1])
    assert code == 0, said
    assert "PASS" in said.splitlines()


@pytest.mark.parametrize(
    ("name", "bus", "old", "new", "told"),
    [
        (ONE, "axi4-lite", r"(_tlast =) word < SAMPLE_WORDS - 1 .*;", r"\1 0;", "TLAST of prediction"),
        (LOCAL, "wishbone", r"access\(0, (\d+), 0\);", "access(0, 5, 0);", "answer of no register"),
    ],
)
def test_a_wrong_bus_fails(trainers, icarus, tmp_path, name, bus, old, new, told):
    """Where no sample ends a packet, and where there is a register."""
    code, said = icarus(changed(trainers(name, bus)[1], tmp_path, old, new))
    assert code != 0
    assert told in said


RECURRENT_TRAINER = {
    "network": {"sizes": [7, 6, 5, 4], "classes": 2},
    "learning": {"algorithm": "bep-tt", "batch": 3, "bits": 3, "gamma": [3, 1, 2], "tie": "plus", "r": 1.0, "nu": 0.5},
    "hardware": {"rows": 2, "columns": 5, "stream_width": 9, "slots": 3, "profile": False},
    "data": {"steps": 5},
}


@pytest.mark.parametrize("steps", [pytest.param(1, marks=pytest.mark.slow), 4, pytest.param(5, marks=pytest.mark.slow)])
def test_series_of_any_length_pass(emitted, icarus, steps):
    code, said = icarus(emitted(Settings.build(**RECURRENT_TRAINER), steps=steps))
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said


def test_vectors_of_series_pass_bephws_own_check(trainers):
    settings, folder = trainers(CELL)
    report = check_vector(folder / "little_vectors.npz")
    assert not report.mismatches
    assert report.comparisons > sum(outputs * inputs for outputs, inputs in settings.matrices)
    samples = json.loads((folder / "little_vectors.json").read_text())["samples"]
    assert {tuple(map(len, sample["bits"])) for sample in samples} == {(5,) * 6}


def test_a_recurrent_network_with_thresholds_classifies_only(emitted, icarus):
    plain = Settings.build(**RECURRENT_TRAINER)
    thresholds = tuple(np.arange(outputs, dtype=np.int32) - 2 for outputs in (6, 5, 4))
    state = dataclasses.replace(initial_state(plain), thresholds=thresholds)
    code, said = icarus(emitted(plain.replace({"network.thresholds": True}), state, steps=3))
    assert (code, said.splitlines()) == (0, ["PASS"]), said


def test_the_smallest_recurrent_trainer_passes(emitted, icarus):
    settings = Settings.build(
        network={"sizes": [1, 1, 1], "classes": 2},
        learning={"algorithm": "bep-tt", "batch": 1, "bits": 2, "G": 5, "R": 2},
        hardware={"columns": 1, "stream_width": 1, "slots": 1},
        data={"steps": 1},
    )
    code, said = icarus(emitted(settings))
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (r"(predicted\[7\] = )(\d+)", lambda m: f"{m[1]}{1 - int(m[2])}", "prediction .* 7: must be"),
        (r"(taught\[2\] = )(\d)", lambda m: f"{m[1]}{1 - int(m[2])}", "prediction .* 2: must be"),
        (r"(state_after\[0\] = 256'h\w*)(\w\w)(?=;)", lambda m: f"{m[1]}{int(m[2], 16) ^ 1:02x}", "counter 0: must be"),
        (r'("register generator_0", GENERATOR_0, 32.d)(\d+)', r"\g<1>1", "register generator_0 12: must be 1, not"),
    ],
)
def test_a_wrong_expectation_fails(trainers, icarus, tmp_path, old, new, told):
    code, said = icarus(changed(trainers(ONE)[1], tmp_path, old, new))
    assert code != 0
    assert re.search(told, said), said
    assert "FAIL" in said


def test_failing_is_an_error_in_both_simulators(emitted, simulator, tmp_path):
    old, new = r"repeat \(TIMEOUT\)", "repeat (3)"
    code, said = simulator(changed(emitted(Settings.build(**INFERENCE), style="unrolled"), tmp_path, old, new))
    assert code != 0
    assert "FAIL: not at an end" in said


def test_another_weight_in_the_verilog_fails(trainers, emitted, icarus, tmp_path):
    settings, folder = trainers(ONE)
    state = initial_state(settings)
    counters = state.counters[0].copy()
    counters[3, 10] = ~counters[3, 10]
    other = emitted(settings, dataclasses.replace(state, counters=(counters,)))
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    shutil.copy(other / "little.v", copy)
    code, said = icarus(copy)
    assert code != 0
    assert re.match(r"run 0: (prediction|counter|register) .*: must be \d+, not \d+\n", said), said
    assert int(re.search(r"^FAIL: (\d+) mismatches$", said, re.MULTILINE)[1]) > 1


def test_a_network_with_thresholds_classifies_only(emitted, icarus):
    settings = Settings.build(network={"sizes": [8, 4], "classes": 3, "thresholds": True})
    state = dataclasses.replace(initial_state(_learning(settings)), thresholds=(np.array([1, -2, 0, 3], np.int32),))
    code, said = icarus(emitted(settings, state))
    assert (code, said.splitlines()) == (0, ["PASS"])


@pytest.mark.parametrize("lag", [0, 1])
def test_the_smallest_trainer_passes(emitted, icarus, lag):
    """One output, one column, one sample a batch."""
    settings = Settings.build(
        network={"sizes": [3, 1], "classes": 2},
        learning={"batch": 1, "bits": 2, "lag": lag},
        hardware={"columns": 1, "stream_width": 3, "slots": 4},
    )
    code, said = icarus(emitted(settings))
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said


def _learning(settings):
    return settings.replace({"network.thresholds": False})


INFERENCE = {
    "network": {"sizes": [12, 6, 4], "classes": 2},
    "hardware": {"rows": 2, "columns": 4, "stream_width": 5},
}


@pytest.mark.parametrize("style", ["unrolled", "folded"])
def test_inference_passes(emitted, icarus, style):
    code, said = icarus(emitted(Settings.build(**INFERENCE), style=style))
    assert code == 0, said
    assert "PASS" in said.splitlines()


def test_inference_passes_in_verilator(emitted, verilator):
    code, said = verilator(emitted(Settings.build(**INFERENCE), style="folded"))
    assert code == 0, said
    assert "PASS" in said.splitlines()


@pytest.mark.parametrize("style", ["folded", pytest.param("unrolled", marks=pytest.mark.slow)])
def test_inference_on_axi4_stream_passes(emitted, icarus, style):
    """With the latency and the interval of the network without it."""
    code, said = icarus(emitted(Settings.build(**INFERENCE), style=style, bus="axi4-lite"))
    assert code == 0, said
    assert "PASS" in said.splitlines()


SEVERAL = {
    "network": {"sizes": [12, 6, 4], "classes": 2},
    "hardware": {"rows": 2, "columns": [4, 6, 4], "stream_width": 6, "samples": [6, 2], "slots": 6},
}


def test_inference_of_several_samples_passes(emitted, verilator):
    folder = emitted(Settings.build(**SEVERAL), style="folded")
    text = (folder / "little.v").read_text()
    assert "// 3.50 cycles, on average; its prediction" in text
    code, said = verilator(folder)
    assert code == 0, said
    assert "PASS" in said.splitlines()


RECURRENT = {
    "network": {"sizes": [5, 8, 6], "classes": 3},
    "learning": {"algorithm": "bep-tt"},
    "hardware": {"rows": [4, 3, 2], "columns": [3, 4, 3], "stream_width": 3},
    "data": {"steps": 7},
}


def test_recurrent_inference_passes(emitted, icarus):
    code, said = icarus(emitted(Settings.build(**RECURRENT), style="folded"))
    assert code == 0, said
    assert "PASS" in said.splitlines()


@pytest.mark.slow
def test_recurrent_inference_on_axi4_stream_passes(emitted, icarus):
    code, said = icarus(emitted(Settings.build(**RECURRENT), style="folded", bus="axi4-lite", steps=4))
    assert code == 0, said
    assert "PASS" in said.splitlines()


def test_recurrent_inference_passes_in_verilator(emitted, verilator):
    code, said = verilator(emitted(Settings.build(**RECURRENT), style="folded"))
    assert code == 0, said
    assert "PASS" in said.splitlines()


@pytest.mark.parametrize(
    ("figure", "change", "told"),
    [("LATENCY", 1, "latency of sample 0: must be"), ("ALL", -400, "cycles of all samples after 0: must be")],
)
@pytest.mark.parametrize("sections", [RECURRENT, SEVERAL], ids=["recurrent", "several samples"])
def test_another_pace_on_average_fails(emitted, icarus, tmp_path, sections, figure, change, told):
    folder = emitted(Settings.build(**sections), style="folded")
    old, new = rf"(localparam {figure} = )(\d+)", lambda m: f"{m[1]}{int(m[2]) + change}"
    code, said = icarus(changed(folder, tmp_path, old, new))
    assert code != 0
    assert told in said


@pytest.mark.parametrize("style", ["unrolled", "folded"])
def test_another_weight_in_the_inference_fails(emitted, icarus, style):
    settings = Settings.build(**INFERENCE)
    state = initial_state(settings)
    folder = emitted(settings, state, style)
    shutil.copy(emitted(settings, _with_another_prediction(settings, state), style) / "little.v", folder)
    code, said = icarus(folder)
    assert code != 0
    assert "run 0: prediction" in said


def test_another_latency_fails(emitted, icarus, tmp_path):
    folder = emitted(Settings.build(**INFERENCE), style="folded")
    copy = changed(folder, tmp_path, r"(localparam LATENCY = )(\d+)", lambda m: f"{m[1]}{int(m[2]) + 1}")
    code, said = icarus(copy)
    assert code != 0
    assert "latency of sample 0: must be" in said


def _with_another_prediction(settings, state):
    """A state with one weight of the last layer changed, with which a sample of the testbench has another class."""
    stimulus = draw(settings, None, "")
    x = np.concatenate([stimulus.x_held_out, stimulus.x])
    right, _ = GoldenModel(settings, state, "numpy").predict(x)
    for place in np.ndindex(state.counters[1].shape):
        counters = state.counters[1].copy()
        counters[place] = ~counters[place]
        other = dataclasses.replace(state, counters=(state.counters[0], counters))
        if (GoldenModel(settings, other, "numpy").predict(x)[0] != right).any():
            return other
    raise AssertionError("no single weight matters")
