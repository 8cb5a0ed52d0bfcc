"""Networks with thresholds for inference, in the emitted Verilog: predictions by integer arithmetic on lists."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.settings import Settings
from bephw.sim.job import MidBatchReset, Segment, Stalls
from bephw.sim.runner import simulate


def specified(state, x):
    """Predictions (n,) of bits `x`."""
    a = 2 * x.astype(int) - 1
    for counters, thresholds in zip(state.counters, state.thresholds, strict=True):
        a = np.where(a @ np.where(counters >= 0, 1, -1).T >= thresholds, 1, -1)
    return (a @ (2 * state.prototypes.astype(int) - 1).T).argmax(axis=1)


def with_thresholds(state, generator):
    """Mostly near zero, and here and there at the ends of their range."""
    thresholds = []
    for counters in state.counters:
        outputs, inputs = counters.shape
        near = np.clip(np.round(generator.normal(0, np.sqrt(inputs), outputs)), -inputs, inputs + 1)
        ends = generator.choice([-inputs, inputs + 1], outputs)
        thresholds.append(np.where(generator.random(outputs) < 0.2, ends, near).astype(np.int32))
    return dataclasses.replace(state, thresholds=tuple(thresholds))


@pytest.mark.slow
def test_random_networks(workdir, samples):
    """Rows that do not divide the outputs, inputs of all ones in binary; loaded after a reset, with stalls."""
    settings = Settings.build(
        network={"sizes": [15, 13, 8, 7], "classes": 5, "thresholds": True},
        learning={"bits": 4},
        hardware={"rows": [4, 3, 7, 2], "columns": [4, 5, 3, 7], "update_columns": 1, "stream_width": 4},
    )
    generator = np.random.default_rng(11)
    state = with_thresholds(samples.random_state(settings, generator), generator)
    segments = [samples.random_segment(settings, generator, count, learn=False) for count in (150, 50)]
    result = simulate(
        settings,
        state,
        segments,
        workdir=workdir,
        optimize=False,
        reset=MidBatchReset(samples=10, seed=1),
        stalls=Stalls(samples=0.3, predictions=0.3, seed=2),
    )
    expected = specified(state, np.concatenate([segment.x for segment in segments]))
    assert len(set(expected)) > 1
    assert np.array_equal(result.prediction, expected)
    plain = dataclasses.replace(state, thresholds=tuple(np.zeros_like(values) for values in state.thresholds))
    assert not np.array_equal(expected, specified(plain, np.concatenate([segment.x for segment in segments])))
    assert not result.taught.any()
    for ours, theirs in zip(state.counters, result.state.counters, strict=True):
        assert np.array_equal(ours, theirs)


def test_learning_is_refused(samples):
    settings = Settings.build(network={"sizes": [4, 3], "classes": 2, "thresholds": True})
    generator = np.random.default_rng(0)
    state = with_thresholds(samples.random_state(settings, generator), generator)
    with pytest.raises(BephwError, match=r"segment 0: learn must be false with network\.thresholds"):
        simulate(settings, state, [samples.random_segment(settings, generator, 3)])


def test_a_trained_baseline(workdir):
    """Quantisation-aware training with batch norm in PyTorch, its inference in hardware."""
    pytest.importorskip("torch")
    from bephw.baselines.ste import fit

    generator = np.random.default_rng(3)
    centres = generator.integers(0, 2, (4, 24))
    y = generator.integers(0, 4, 600)
    x = (centres[y] ^ (generator.random((600, 24)) < 0.15)).astype(np.uint8)
    settings = Settings.build(
        network={"sizes": [24, 14, 9], "classes": 4},
        learning={"algorithm": "ste", "batch": 20},
        baseline={"batch_norm": True, "learning_rate": 0.01},
        hardware={"rows": [4, 2, 3], "columns": [8, 7, 3]},
    )
    trained = fit(settings, _Samples(x[:400], y[:400], x[400:], y[400:]), epochs=5)
    accuracy = trained.history[-1].test_accuracy
    assert accuracy is not None
    assert accuracy > 0.9
    segment = Segment(x[400:], y[400:], learn=False)
    result = simulate(trained.settings, trained.state, [segment], workdir=workdir, optimize=False)
    assert np.array_equal(result.prediction, specified(trained.state, x[400:]))
    assert (result.prediction == y[400:]).mean() == accuracy


@dataclasses.dataclass
class _Samples:
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    x_validation: None = None
    y_validation: None = None
