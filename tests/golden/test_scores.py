"""Scores of classes as mathematics, and predictions by them on both engines."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import EngineName, GoldenModel
from bephw.golden.scores import class_scores
from bephw.settings import Settings
from bephw.state import NetworkState


def test_scale_times_matches_and_offset() -> None:
    z = np.array([[-5, -3, 5], [1, 3, -1]], np.int32)
    scores = class_scores(z, 5, np.array([2, 0, 2**24]), np.array([0, 7, 2**48]))
    assert scores.dtype == np.int64
    assert scores.tolist() == [[0, 7, 5 * 2**24 + 2**48], [6, 7, 2 * 2**24 + 2**48]]


def scored(seed: int, **sections: dict) -> tuple[Settings, NetworkState]:
    """Settings with scores, and a state with some; scores of some classes are often equal."""
    plain = Settings.build(network={"sizes": [9, 7, 6], "classes": 4}, **sections)
    random = np.random.default_rng(seed)
    state = dataclasses.replace(initial_state(plain), scales=random.integers(0, 4, 4), offsets=random.integers(0, 9, 4))
    return plain.replace({"network.scores": True}), state


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_the_largest_score_is_the_prediction(engine: EngineName) -> None:
    settings, state = scored(7)
    model = GoldenModel(settings, state, engine)
    x = np.random.default_rng(2).integers(0, 2, (200, 9))
    prediction, scores = model.predict(x)
    _, z = GoldenModel(
        settings.replace({"network.scores": False}), dataclasses.replace(state, scales=None, offsets=None)
    ).predict(x)
    for found, label, sums in zip(scores.tolist(), prediction.tolist(), z.tolist(), strict=True):
        expected = [int(s) * ((y + 6) // 2) + int(o) for s, y, o in zip(state.scales, sums, state.offsets, strict=True)]
        assert found == expected
        assert label == expected.index(max(expected))
    assert any(list(row).count(max(row)) > 1 for row in scores.tolist())
    for name, array in model.state.to_arrays().items():
        assert np.array_equal(array, state.to_arrays()[name])


def test_it_does_not_learn() -> None:
    settings, state = scored(3)
    with pytest.raises(BephwError, match=r"network\.scores: are for inference; a network with them cannot learn"):
        GoldenModel(settings, state).train(np.zeros((1, 9), int), np.zeros(1, int))
    with pytest.raises(BephwError, match=r"network\.scores: such a network cannot learn; it needs a state from a file"):
        initial_state(settings)
