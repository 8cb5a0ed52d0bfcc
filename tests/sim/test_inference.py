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

RUNNER = """
import sys
from cocotb_tools.runner import get_runner
runner = get_runner("verilator")
if sys.argv[1] == "build":
    runner.build(sources=["design.v"], hdl_toplevel="bephw_inference", build_dir="build", timescale=("1ns", "1ns"),
        build_args=["--x-assign", "unique", "--x-initial", "unique", "-Wno-fatal", "-Wno-lint", "-Wno-style"])
else:
    runner.test(test_module="inference_bench", hdl_toplevel="bephw_inference", hdl_toplevel_lang="verilog",
        build_dir="build", test_dir=".", test_args=["+verilator+rand+reset+2"])
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


@pytest.fixture(scope="module", params=STYLES)
def design(request, workdir, tmp_path_factory, digits):
    """A style, and a folder with its compiled design."""
    settings, state, *_ = digits
    folder = tmp_path_factory.mktemp("inference")
    (folder / "design.v").write_text(emit_inference(settings, state, style=request.param))
    run(folder, "build")
    return request.param, folder


def run(folder, step):
    """`build` or `test`, in an environment that finds tools and bench."""
    environment = require_simulator("verilator") | {
        "MAKEFLAGS": "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O0",
        "PYTHONPATH": str(Path(__file__).parent),
    }
    command = [sys.executable, "-c", RUNNER, step]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def simulate(folder, x, stalls):
    """Labels, and cycles from the first sample to the last prediction."""
    words = [format(sum(int(bit) << index for index, bit in enumerate(bits)), "x") for bits in x]
    (folder / "job.json").write_text(json.dumps({"samples": words, "stalls": stalls}))
    (folder / "outcome.json").unlink(missing_ok=True)
    run(folder, "test")
    outcome = json.loads((folder / "outcome.json").read_text())
    return np.array(outcome["labels"]), outcome["cycles"]


@pytest.mark.parametrize("stalls", [(0.0, 0.0), (0.3, 0.3)])
def test_predictions_of_the_golden_model(design, digits, stalls):
    settings, _, x, prediction = digits
    style, folder = design
    labels, cycles = simulate(folder, x, stalls)
    assert np.array_equal(labels, prediction)
    least = STYLES[style].latency(settings) + (len(x) - 1) * STYLES[style].interval(settings)
    if stalls == (0.0, 0.0):
        assert least <= cycles <= least + 5
    else:
        assert cycles > least + len(x) // 4
