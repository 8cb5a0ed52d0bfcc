"""The average of the weights: as a plain loop has it; training does not see it; it resumes to the same bits."""

from __future__ import annotations

from dataclasses import replace
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.average import WeightAverage
from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.training import fit
from bephw.settings import Settings
from bephw.state import NetworkState, load_arrays, save_arrays
from tests.golden.test_training import SETTINGS, noisy_prototypes

AVERAGED = SETTINGS.replace({"learning.average": 3})
STATE = initial_state(SETTINGS)
ONE = 2**16


def averages(memory: int, counters: list[int]) -> list[int]:
    """Plain specification, for one weight whose counter is `counters` after each epoch."""
    average, found = 0, []
    for epoch, counter in enumerate(counters, 1):
        period = min(memory, (epoch + 1) // 2)
        average += floor(((ONE if counter >= 0 else -ONE) - average) / period)
        found.append(average)
    return found


def state_of(counters: np.ndarray[Any, Any]) -> NetworkState:
    return replace(STATE, counters=(counters.astype(np.int16),))


@given(memory=st.integers(1, 9), epochs=st.lists(st.lists(st.integers(-4, 3), min_size=6, max_size=6), min_size=1))
def test_is_that_of_a_plain_loop(memory: int, epochs: list[list[int]]) -> None:
    average = WeightAverage(memory)
    for counters in epochs:
        average.add(state_of(np.array(counters).reshape(2, 3)))
    expected = [averages(memory, list(column))[-1] for column in zip(*epochs, strict=True)]
    assert average.weights[0].reshape(-1).tolist() == expected


@given(values=st.lists(st.integers(-ONE, ONE), min_size=6, max_size=6), bits=st.integers(2, 16))
def test_network_shows_the_sign_within_the_counters_range(values: list[int], bits: int) -> None:
    average = WeightAverage(5, [np.array(values, np.int32).reshape(2, 3)], 1)
    counters = average.network(state_of(np.zeros((2, 3))), bits).counters[0].reshape(-1).tolist()
    assert [counter >= 0 for counter in counters] == [value >= 0 for value in values]
    assert all(-(2 ** (bits - 1)) <= counter < 2 ** (bits - 1) for counter in counters)


@given(memory=st.integers(1, 50), epochs=st.integers(1, 60))
def test_weights_that_never_change_stay_themselves(memory: int, epochs: int) -> None:
    average = WeightAverage(memory)
    for _ in range(epochs):
        average.add(state_of(np.array([[-1, 0]])))
    assert average.weights[0].tolist() == [[-ONE, ONE]]


def test_a_memory_of_one_is_the_last_epoch() -> None:
    data = noisy_prototypes()
    averaged, plain = fit(SETTINGS.replace({"learning.average": 1}), data), fit(SETTINGS, data)
    for ours, theirs in zip(averaged.network.counters, plain.state.counters, strict=True):
        assert np.array_equal(ours >= 0, theirs >= 0)
    assert [e.test_accuracy for e in averaged.history] == [e.test_accuracy for e in plain.history]


def test_training_does_not_see_it() -> None:
    data = noisy_prototypes()
    averaged, plain = fit(AVERAGED, data), fit(SETTINGS, data)
    assert [e.train_accuracy for e in averaged.history] == [e.train_accuracy for e in plain.history]
    for name, array in plain.state.to_arrays().items():
        assert np.array_equal(averaged.state.to_arrays()[name], array), name
    assert plain.average is None
    assert plain.network is plain.state


@pytest.mark.parametrize("algorithm", ["bep", "lbes"])
def test_accuracies_are_those_of_the_average(algorithm: str) -> None:
    settings, data = AVERAGED.replace({"learning.algorithm": algorithm}), noisy_prototypes()
    result = fit(settings, data, epochs=7)
    prediction, _ = GoldenModel(settings, result.network).predict(data.x_test)
    assert result.history[-1].test_accuracy == (prediction == data.y_test).mean()
    last, _ = GoldenModel(settings, result.state).predict(data.x_test)
    assert (last == data.y_test).mean() != result.history[-1].test_accuracy


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_resumed_equals_uninterrupted(tmp_path: Path, stop: int) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"
    fit(AVERAGED, data, epochs=stop, checkpoint=file)
    resumed, whole = fit(AVERAGED, data, checkpoint=file, resume=True), fit(AVERAGED, data)
    for name, array in whole.network.to_arrays().items():
        assert np.array_equal(resumed.network.to_arrays()[name], array), name
    assert [e.test_accuracy for e in resumed.history] == [e.test_accuracy for e in whole.history]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (None, "average_1 is missing"),
        (np.zeros((15, 14), np.int32), "average_1 must have shape (15, 15), not (15, 14)"),
        (np.zeros((15, 15)), "average_1 must hold integers, not float64"),
        (np.full((15, 15), ONE + 1, np.int32), "average_1 must be -65536 to 65536, not 65537"),
    ],
)
def test_damage_is_named(tmp_path: Path, array: Any, message: str) -> None:
    data, file = noisy_prototypes(), tmp_path / "checkpoint.npz"
    fit(AVERAGED, data, epochs=2, checkpoint=file)
    arrays = load_arrays(file)
    del arrays["average_1"]
    save_arrays(file, arrays if array is None else {**arrays, "average_1": array})
    with pytest.raises(BephwError) as caught:
        fit(AVERAGED, data, checkpoint=file, resume=True)
    assert str(caught.value) == f"checkpoint {file}: {message}"


def test_the_baseline_has_none() -> None:
    with pytest.raises(BephwError, match=r"learning\.average is for binary error propagation: leave it out for ste"):
        Settings.build(network={"sizes": [4, 4], "classes": 2}, learning={"algorithm": "ste", "average": 2})
