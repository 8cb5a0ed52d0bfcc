"""LFC of BNN-PYNQ, 784-1024-1024-1024-10, whose predictions an independent program has computed."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="networks as ONNX files need onnx")

from bephw.data import Encoding
from bephw.exchange.qonnx_export import write_qonnx
from bephw.exchange.qonnx_import import read_qonnx
from bephw.flow.learnt import Learnt
from bephw.golden.model import GoldenModel
from bephw.settings import Settings
from bephw.state import NetworkState


@pytest.fixture(scope="module")
def lfc(data_folder):
    """The network as bephw has it, its images, and what is expected of it."""
    path = data_folder / "networks" / "lfc.npz"
    if not path.is_file():
        pytest.skip(f"no published network: {path} is not there")
    arrays = dict(np.load(path))
    weights = [arrays[f"weights_{layer}"] for layer in range(4)]
    settings = Settings.build(
        network={"sizes": (784, 1024, 1024, 1024), "classes": 10, "thresholds": True}, hardware={"columns": 1}
    )
    state = NetworkState(
        counters=tuple(bits.astype(np.int16) - np.int16(1) for bits in weights[:3]),
        prototypes=weights[3].astype(np.uint8),
        generators=np.ones(3, np.uint32),
        accumulators=np.zeros(3, np.uint32),
        thresholds=tuple(arrays[f"thresholds_{layer}"].astype(np.int32) for layer in range(3)),
    ).validate(settings)
    learnt = Learnt(settings, state, Encoding((784,), thresholds=np.full((784, 1), 127.0)))
    with np.load(data_folder / "mnist.npz") as mnist:
        images = mnist["x_test"].reshape(-1, 784)
    return learnt, images, arrays


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
