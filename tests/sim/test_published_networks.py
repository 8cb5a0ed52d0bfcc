"""Published networks in the emitted Verilog: TFC from its QONNX file, unrolled and folded, and LFC folded."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("onnx", reason="networks as ONNX files need onnx")

from bephw.exchange.input_range import InputRange
from bephw.exchange.qonnx_import import read_qonnx
from bephw.sim.inference import simulate_inference
from tests.exchange.lfc import read_lfc

pytestmark = pytest.mark.slow

TFC_FOLDING = {"hardware.rows": [8, 4, 4, 1], "hardware.columns": [98, 16, 16, 16], "hardware.stream_width": 13}
LFC_FOLDING = {"hardware.rows": [16, 16, 16, 1], "hardware.columns": [98, 128, 128, 32], "hardware.stream_width": 8}


@pytest.fixture(scope="module")
def images(data_folder):
    with np.load(data_folder / "mnist.npz") as arrays:
        return arrays["x_test"].reshape(-1, 784)


def check_predictions(workdir, learnt, images, style):
    result = simulate_inference(
        learnt.settings, learnt.state, learnt.bits(images), style=style, workdir=workdir, engine="fast"
    )
    np.testing.assert_array_equal(result.prediction, learnt.predict(images))


@pytest.mark.parametrize("style", ["unrolled", "folded"])
def test_tfc(workdir, data_folder, images, style):
    learnt = read_qonnx(data_folder / "qonnx" / "tfc_1w1a.onnx", InputRange(255))
    check_predictions(workdir, with_settings(learnt, TFC_FOLDING), images, style)


def test_lfc(workdir, data_folder, images):
    check_predictions(workdir, with_settings(read_lfc(data_folder), LFC_FOLDING), images, "folded")


def with_settings(learnt, changes):
    """The same network, folded."""
    return dataclasses.replace(learnt, settings=learnt.settings.replace(changes))
