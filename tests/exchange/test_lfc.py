"""LFC of BNN-PYNQ, 784-1024-1024-1024-10, whose predictions an independent program has computed."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="networks as ONNX files need onnx")

from bephw.exchange.qonnx_export import write_qonnx
from bephw.exchange.qonnx_import import read_qonnx
from bephw.golden.model import GoldenModel
from tests.exchange.lfc import lfc_arrays, read_lfc


@pytest.fixture(scope="module")
def lfc(data_folder):
    """The network as bephw has it, its images, and what is expected of it."""
    with np.load(data_folder / "mnist.npz") as mnist:
        images = mnist["x_test"].reshape(-1, 784)
    return read_lfc(data_folder), images, lfc_arrays(data_folder)


def test_every_prediction_and_logit(lfc):
    learnt, images, arrays = lfc
    prediction, logits = GoldenModel(learnt.settings, learnt.state).predict(learnt.encoding.transform(images))
    np.testing.assert_array_equal(prediction, arrays["prediction"])
    np.testing.assert_array_equal(logits, arrays["logits"])


def test_it_is_the_same_after_export_and_import(lfc, tmp_path):
    learnt, images, arrays = lfc
    write_qonnx(learnt, tmp_path / "lfc.onnx")
    again = read_qonnx(tmp_path / "lfc.onnx")
    np.testing.assert_array_equal(again.predict(images), arrays["prediction"])
