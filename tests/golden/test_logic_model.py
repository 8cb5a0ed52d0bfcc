"""The golden model of logic gates against truth tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.golden.classifier import classifier
from bephw.golden.logic_model import LogicModel
from bephw.golden.model import GoldenModel
from bephw.logic_state import LogicLayer, LogicState
from bephw.settings import Settings
from tests.logic_networks import plain_outputs, plain_prediction, random_bits, random_network

NAMES = {1: "and", 3: "a", 5: "b", 6: "xor", 7: "or", 8: "nor", 12: "not a", 14: "nand"}
TABLES = {"and": "0001", "a": "0011", "b": "0101", "xor": "0110", "or": "0111", "nor": "1000", "not a": "1100"}


@given(
    seed=st.integers(0, 2**32),
    sizes=st.lists(st.integers(1, 20), min_size=1, max_size=4),
    classes=st.integers(2, 5),
    each=st.integers(1, 7),
    samples=st.integers(0, 70),
)
def test_every_prediction_is_that_of_the_truth_tables(seed, sizes, classes, each, samples):
    settings, state = random_network(seed, [*sizes, classes * each], classes)
    x = random_bits(seed, samples, sizes[0])
    prediction, counts = LogicModel(settings, state).predict(x)
    assert prediction.shape == (samples,)
    assert counts.shape == (samples, classes)
    for row, sample in enumerate(x):
        assert (prediction[row], counts[row].tolist()) == plain_prediction(settings, state, sample)


@pytest.mark.parametrize("gate", range(16))
def test_gates(gate):
    """Gate i has the truth table of i's bits, the highest for ab = 00."""
    layer = LogicLayer(np.array([0, 0]), np.array([1, 1]), np.array([gate, gate], np.uint8))
    settings = Settings.build(network={"sizes": [2, 2], "classes": 2}, learning={"algorithm": "logic"})
    outputs = LogicModel(settings, LogicState((layer,))).outputs([[0, 0], [0, 1], [1, 0], [1, 1]])
    table = "".join(map(str, outputs[:, 0]))
    assert table == f"{gate:04b}"
    if NAMES.get(gate) in TABLES:
        assert table == TABLES[NAMES[gate]]


def test_more_samples_than_a_block():
    settings, state = random_network(3, [9, 30, 12], 3)
    x = random_bits(3, 4_200, 9)
    outputs = LogicModel(settings, state).outputs(x)
    for row in (0, 63, 64, 4_095, 4_096, 4_199):
        assert outputs[row].tolist() == plain_outputs(state, x[row])


def test_the_lowest_class_among_equals():
    layer = LogicLayer(*(np.zeros(6, np.int32) for _ in range(2)), np.array([0, 0, 15, 15, 15, 15], np.uint8))
    settings = Settings.build(network={"sizes": [1, 6], "classes": 3}, learning={"algorithm": "logic"})
    prediction, counts = LogicModel(settings, LogicState((layer,))).predict([[0], [1]])
    assert counts.tolist() == [[0, 2, 2]] * 2
    assert prediction.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 8), np.uint8), r"x: must have shape \(samples, 9\), not \(2, 8\)"),
        (np.full((2, 9), 2), "x: must be 0 or 1, not 2"),
        (np.full((2, 9), -1), "x: must be 0 or 1, not -1"),
        (np.zeros((2, 9)), "x: must be bits of an integer type, not float64"),
    ],
)
def test_samples_that_do_not_fit(x, message):
    with pytest.raises(BephwError, match=message):
        LogicModel(*random_network(0, [9, 4], 2)).predict(x)


def test_classifier_takes_either_network():
    settings, state = random_network(0, [9, 4], 2)
    assert isinstance(classifier(settings, state), LogicModel)
    with pytest.raises(BephwError, match=r"state: learning\.algorithm must be logic for a network of gates, not bep"):
        classifier(Settings.build(network={"sizes": [9, 4], "classes": 2}), state)
    with pytest.raises(BephwError, match="must not be logic, whose networks have gates, for one with weights"):
        from bephw.golden.initial import initial_state

        weights = initial_state(Settings.build(network={"sizes": [9, 4], "classes": 2}))
        GoldenModel(settings, weights)
