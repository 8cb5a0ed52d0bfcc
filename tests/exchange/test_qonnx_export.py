"""What is exported, by QONNX's own executor, and imported again."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="networks as ONNX files need onnx")
pytest.importorskip("qonnx", reason="its executor is the reference here")
import onnx

from bephw.data import Encoding
from bephw.errors import BephwError
from bephw.exchange.qonnx_export import write_qonnx
from bephw.exchange.qonnx_import import read_qonnx
from bephw.flow.learnt import Learnt
from bephw.golden.model import GoldenModel
from bephw.settings import Settings
from bephw.state import NetworkState
from tests.exchange.executor import outputs


def network(seed, encoding, *, sizes=(11, 7, 5), classes=4, thresholds=False, largest_scale=0, **settings):
    """A random network behind an encoder; with scores of the classes where a largest scale is given."""
    random = np.random.default_rng(seed)
    sizes = (encoding.bits if encoding else sizes[0], *sizes[1:])
    settings = Settings.build(network={"sizes": sizes, "classes": classes, "thresholds": thresholds}, **settings)
    if largest_scale:
        settings = settings.replace({"network.scores": True})
    state = NetworkState(
        counters=tuple(random.integers(-128, 128, shape).astype(np.int16) for shape in settings.matrices),
        prototypes=random.integers(0, 2, (classes, sizes[-1])).astype(np.uint8),
        generators=np.ones(len(sizes) - 1, np.uint32),
        accumulators=np.zeros(len(sizes) - 1, np.uint32),
        thresholds=tuple(random.integers(-k, k + 2, n).astype(np.int32) for n, k in settings.matrices)
        if thresholds
        else (),
        scales=random.integers(0, largest_scale + 1, classes) if largest_scale else None,
        offsets=random.integers(0, 5 * largest_scale, classes) if largest_scale else None,
    )
    return Learnt(settings, state.validate(settings), encoding)


LEVELS = np.sort(np.random.default_rng(7).normal(size=(6, 3)), axis=1)
ENCODERS = {
    "a bit a feature": Encoding((9,), thresholds=np.linspace(-1, 1, 9)[:, None]),
    "levels": Encoding((6,), thresholds=LEVELS),
    "levels, some left out": Encoding((6,), thresholds=LEVELS, kept=np.array([0, 1, 4, 7, 8, 12, 17])),
}


@pytest.mark.parametrize("thresholds", [False, True])
@pytest.mark.parametrize("name", list(ENCODERS))
def test_the_executor_and_the_import_give_the_same_predictions(name, thresholds, tmp_path):
    encoding = ENCODERS[name]
    learnt = network(3, encoding, thresholds=thresholds)
    write_qonnx(learnt, tmp_path / "model.onnx")
    random = np.random.default_rng(4)
    x = random.normal(size=(30, encoding.features)).astype(np.float32)
    # Some features lie just at a limit: there they do not exceed it.
    x[0] = encoding.thresholds[:, 0].astype(np.float32)
    expected = learnt.predict(x)
    model = onnx.load(str(tmp_path / "model.onnx"))
    onnx.checker.check_model(model)
    np.testing.assert_array_equal(outputs(model, x).argmax(axis=1), expected)
    again = read_qonnx(tmp_path / "model.onnx")
    np.testing.assert_array_equal(again.predict(x), expected)
    for first, second in zip(again.state.counters, learnt.state.counters, strict=True):
        np.testing.assert_array_equal(first >= 0, second >= 0)


def test_a_network_without_encoder_takes_bits_of_both_signs(tmp_path):
    learnt = network(5, None)
    write_qonnx(learnt, tmp_path / "model.onnx")
    bits = np.random.default_rng(6).integers(0, 2, (30, 11))
    model = onnx.load(str(tmp_path / "model.onnx"))
    signs = (2 * bits - 1).astype(np.float32)
    np.testing.assert_array_equal(outputs(model, signs).argmax(axis=1), learnt.predict(bits))
    np.testing.assert_array_equal(read_qonnx(tmp_path / "model.onnx").predict(signs), learnt.predict(bits))


@pytest.mark.parametrize(("largest_scale", "kind"), [(3, np.float32), (2**24, np.float64)])
def test_scores_of_classes(largest_scale, kind, tmp_path):
    learnt = network(8, ENCODERS["a bit a feature"], thresholds=True, largest_scale=largest_scale)
    write_qonnx(learnt, tmp_path / "model.onnx")
    x = np.random.default_rng(9).normal(size=(60, 9)).astype(np.float32)
    prediction, scores = GoldenModel(learnt.settings, learnt.state).predict(learnt.bits(x))
    model = onnx.load(str(tmp_path / "model.onnx"))
    onnx.checker.check_model(model)
    found = outputs(model, x)
    assert found.dtype == kind
    np.testing.assert_array_equal(found, scores)
    np.testing.assert_array_equal(read_qonnx(tmp_path / "model.onnx").predict(x), prediction)


def test_recurrent_networks_are_refused(tmp_path):
    learnt = network(
        1, None, learning={"algorithm": "bep-tt"}, data={"window": 11, "name": "ucr", "series": "GunPoint"}
    )
    with pytest.raises(BephwError, match="must be of perceptrons, not bep-tt"):
        write_qonnx(learnt, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
