"""Emitted inference-only Verilog in Verilator: the golden model's predictions, and how many cycles they take."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bephw.data.loading import load
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.inference.verilog import STYLES, emit_inference
from bephw.settings import Settings
from bephw.sim.runner import require_simulator

BUILD_AND_RUN = """
from cocotb_tools.runner import get_runner
runner = get_runner("verilator")
runner.build(sources=["design.v"], hdl_toplevel="bephw_inference", build_dir="build", timescale=("1ns", "1ns"),
    build_args=["--x-assign", "unique", "--x-initial", "unique", "-Wno-fatal", "-Wno-lint", "-Wno-style"])
runner.test(test_module="inference_bench", hdl_toplevel="bephw_inference", build_dir="build", test_dir=".",
    test_args=["+verilator+rand+reset+2"])
"""


@pytest.fixture(scope="module")
def digits():
    """A small network for the digits after two epochs: settings, state, test samples and their predictions."""
    settings = Settings.build(
        network={"sizes": [64, 15], "classes": 10},
        learning={"gamma": 5, "nu": 0.5, "batch": 20, "r": 0.5},
        hardware={"rows": 3, "columns": 8},
        data={"name": "digits"},
    )
    dataset = load(settings.data, classes=10, inputs=64)
    model = GoldenModel(settings, initial_state(settings))
    for _ in range(2):
        model.train(dataset.x_train, dataset.y_train)
        model.end_batch()
    prediction, _ = model.predict(dataset.x_test)
    assert (prediction == dataset.y_test).mean() > 0.5
    return settings, model.state, dataset.x_test, prediction


def simulate(folder, verilog, x, stalls):
    """Labels, and cycles from the first sample to the last prediction."""
    (folder / "design.v").write_text(verilog)
    words = [format(sum(int(bit) << index for index, bit in enumerate(bits)), "x") for bits in x]
    (folder / "job.json").write_text(json.dumps({"samples": words, "stalls": stalls}))
    environment = require_simulator("verilator") | {
        "MAKEFLAGS": "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O0",
        "PYTHONPATH": str(Path(__file__).parent),
    }
    done = subprocess.run(
        [sys.executable, "-c", BUILD_AND_RUN],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (folder / "outcome.json").exists(), done.stdout[-3000:]
    outcome = json.loads((folder / "outcome.json").read_text())
    return np.array(outcome["labels"]), outcome["cycles"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("stalls", [(0.0, 0.0), (0.3, 0.3)])
def test_predictions_of_the_golden_model(workdir, tmp_path, digits, style, stalls):
    settings, state, x, prediction = digits
    labels, cycles = simulate(tmp_path, emit_inference(settings, state, style=style), x, stalls)
    assert np.array_equal(labels, prediction)
    least = STYLES[style].latency(settings) + (len(x) - 1) * STYLES[style].interval(settings)
    if stalls == (0.0, 0.0):
        assert least <= cycles <= least + 5
    else:
        assert cycles > least + len(x) // 4
