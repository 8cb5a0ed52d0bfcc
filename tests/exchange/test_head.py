"""Heads with a scale and an offset for each class, against the executor of QONNX and against exact sums."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="networks as ONNX files need onnx")
pytest.importorskip("qonnx", reason="its executor is the reference here")

from bephw.exchange.qonnx_import import read_qonnx
from bephw.golden.model import GoldenModel
from tests.exchange.executor import outputs
from tests.exchange.onnx_models import Chain, batch_norm

CLASSES = 5
# Quarters and eighths, so that float32 rounds nothing, and many scores are equal.
SCALES, OFFSETS = np.array([0.5, -0.25, 0.5, 0, 1]), np.array([1, -0.5, 0.25, 0.75, -2])


def network(random, hidden=9):
    """Up to the sums of the classes, of a scale of 2."""
    chain = Chain((1, 12)).bipolar().then("MatMul", random.choice([-1.0, 1.0], (12, hidden)))
    chain.then("BatchNormalization", *batch_norm(random, hidden)).bipolar()
    return chain.then("MatMul", random.choice([-2.0, 2.0], (hidden, CLASSES)))


HEADS = {
    "a scale": lambda chain, random: chain.then("Mul", SCALES),
    "an offset": lambda chain, random: chain.then("Add", OFFSETS),
    "both": lambda chain, random: chain.then("Mul", SCALES).then("Add", OFFSETS),
    "both, and softmax": lambda chain, random: chain.then("Sub", OFFSETS).then("Mul", SCALES).then("Softmax", axis=1),
    "no scale but one": lambda chain, random: chain.then("Mul", [0, 0, 0, 0, 1]).then("Add", [3, 4, 4, -1, 0]),
    "no scale": lambda chain, random: chain.then("Mul", 0.0).then("Add", OFFSETS),
    "batch norm": lambda chain, random: chain.then("BatchNormalization", *batch_norm(random, CLASSES)),
    "divided": lambda chain, random: chain.then("Div", [3, 7, 1.5, -5, 3]).then("Softmax", axis=1),
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", list(HEADS))
def test_predictions_of_its_own_executor(name, seed, tmp_path):
    random = np.random.default_rng(seed)
    chain = HEADS[name](network(random), random)
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    assert learnt.settings.network.scores
    x = random.normal(size=(60, 12)).astype(np.float32)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))


def test_a_gemm_with_a_scale_and_a_bias_for_each_class(tmp_path):
    random = np.random.default_rng(5)
    chain = Chain((1, 12)).bipolar().then("MatMul", random.choice([-1.0, 1.0], (12, 9))).then("Sub", 0.5).bipolar(0.5)
    weights = random.choice([-1, 1], (CLASSES, 9)) * SCALES[[0, 1, 2, 4, 4], None]
    chain.then("Gemm", weights, OFFSETS, transB=1, alpha=0.5, beta=2.0)
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    x = random.normal(size=(60, 12)).astype(np.float32)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))


def test_both_engines_and_all_numbers_saved(tmp_path):
    random = np.random.default_rng(6)
    learnt = read_qonnx(HEADS["both"](network(random), random).save(tmp_path / "model.onnx"))
    learnt.save(tmp_path / "network.npz")
    again = type(learnt).load(tmp_path / "network.npz")
    x = random.normal(size=(40, 12))
    for engine in ("numpy", "compiled"):
        model = GoldenModel(again.settings, again.state, engine)
        np.testing.assert_array_equal(model.predict(again.bits(x))[0], learnt.predict(x))


@pytest.mark.parametrize("scale", [1.0, -1.0])
def test_classes_that_are_bits(scale, tmp_path):
    """The first class whose bit is 1; turned round, whose bit is 0."""
    random = np.random.default_rng(7)
    chain = network(random).then("Sub", 0.5).bipolar().then("Mul", scale)
    learnt = read_qonnx(chain.save(tmp_path / "model.onnx"))
    x = random.normal(size=(60, 12)).astype(np.float32)
    np.testing.assert_array_equal(learnt.predict(x), outputs(chain.model(), x).argmax(axis=1))
