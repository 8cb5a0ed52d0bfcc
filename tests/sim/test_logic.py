"""Emitted Verilog of networks of logic gates, in simulators: the golden model's predictions, cycle by cycle."""

import numpy as np
import pytest

from bephw.check import check_vector
from bephw.errors import BephwError
from bephw.flow.emission import emit_inference_files
from bephw.flow.emitted.stimulus import draw
from bephw.golden.logic_model import LogicModel
from bephw.rtl_gen.designs import timing
from bephw.rtl_gen.verilog import emit_inference
from bephw.sim.inference import simulate_inference
from bephw.sim.job import Stalls
from bephw.state import load_arrays, save_arrays
from tests.logic_networks import random_bits, random_network


@pytest.fixture(scope="module")
def network():
    """One with all kinds of gates; another design than any with constants alone."""
    settings, state = random_network(4, [21, 50, 40, 40], 5)
    x = random_bits(4, 200, 21)
    prediction, _ = LogicModel(settings, state).predict(x)
    assert len(set(prediction.tolist())) == 5
    return settings, state, x, prediction


@pytest.mark.parametrize("bus", ["native", "axi4-lite"])
@pytest.mark.parametrize("stalls", [None, Stalls(samples=0.6, predictions=0.6, seed=1)])
def test_predictions_of_the_golden_model(workdir, network, bus, stalls):
    settings, state, x, prediction = network
    result = simulate_inference(
        settings, state, x, style="unrolled", workdir=workdir, stalls=stalls, optimize=False, bus=bus
    )
    assert np.array_equal(result.prediction, prediction)
    least = timing(settings, state, "unrolled").latency + len(x) - 1
    if stalls is None:
        assert least <= result.cycles <= least + 5
    else:
        assert result.cycles > least + len(x) // 4


def test_equal_arguments_give_equal_verilog(network):
    settings, state, *_ = network
    assert emit_inference(settings, state) == emit_inference(settings, state)


def test_folded_is_refused(network):
    with pytest.raises(BephwError, match=r"inference must be unrolled for a network of gates .*, not folded"):
        emit_inference(*network[:2], style="folded")


def test_the_emitted_folder_has_a_vector_that_check_replays(workdir, network, tmp_path):
    settings, state, *_ = network
    manifest = emit_inference_files(settings, state, tmp_path, "gates", stimulus=draw(settings, 30, "none is needed"))
    assert manifest["latency"] == timing(settings, state, "unrolled").latency
    assert (tmp_path / "gates_tb.v").exists()
    path = tmp_path / "gates_vectors.npz"
    report = check_vector(path, rtl=True, workdir=workdir)
    assert report.mismatches == []
    assert report.compared == ["golden model: prediction", "golden model: logits", "Verilog: prediction"]

    arrays = load_arrays(path)
    wrong = arrays["prediction"].copy()
    wrong[3] = (wrong[3] + 1) % 5
    save_arrays(tmp_path / "wrong.npz", {**arrays, "prediction": wrong})
    mismatches = check_vector(tmp_path / "wrong.npz", rtl=True, workdir=workdir).mismatches
    assert len(mismatches) == 2
    assert all("prediction: 1 of" in line for line in mismatches)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("gate_0", np.full(50, 16), "gate_0 must be 0 to 15, not 16"),
        ("x", np.zeros((30, 20), np.uint8), r"x must have shape \(30, 21\)"),
        ("x", np.zeros((0, 21), np.uint8), "x must have at least one sample, not 0"),
        ("logits", np.full((38, 5), 9), "logits must be 0 to 8, not 9"),
        ("meta", np.array('{"algorithm": "logic", "sizes": [21, 8]}'), "meta.classes is missing"),
        ("meta", np.array('{"algorithm": "logic", "sizes": [21, 8], "classes": 3}'), "meta: network.sizes.* multiple"),
    ],
)
def test_damaged_vectors(network, tmp_path, name, array, message):
    settings, state, *_ = network
    emit_inference_files(settings, state, tmp_path, "gates", stimulus=draw(settings, 30, "none is needed"))
    arrays = load_arrays(tmp_path / "gates_vectors.npz")
    save_arrays(tmp_path / "damaged.npz", {**arrays, name: array})
    with pytest.raises(BephwError, match=f"damaged.npz: {message}"):
        check_vector(tmp_path / "damaged.npz")


def test_vectors_take_no_folding(network, tmp_path):
    settings, state, *_ = network
    emit_inference_files(settings, state, tmp_path, "gates", stimulus=draw(settings, 3, "none is needed"))
    with pytest.raises(BephwError, match="rows: a network of gates has no folding: leave it out, not 2"):
        check_vector(tmp_path / "gates_vectors.npz", rtl=True, rows=2)
