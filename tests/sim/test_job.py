"""Jobs: what is refused, and the run-time registers."""

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.settings import Settings
from bephw.sim.job import MidBatchReset, Segment, Stalls, check_segments, runtime_registers


@pytest.fixture
def settings():
    return Settings.build(
        network={"sizes": [5, 4, 3], "classes": 3},
        learning={"R": 2, "G": [1, 2], "rates": [7, 8], "batch": 9},
        hardware={"columns": 4},
    )


def refused(settings, x, y, **options):
    with pytest.raises(BephwError) as problem:
        check_segments(settings, [Segment(np.zeros((0, 5), np.uint8), np.zeros(0, int)), Segment(x, y, **options)])
    return str(problem.value)


def test_segments_that_fit(settings):
    x = np.ones((2, 5), np.uint8)
    check_segments(settings, [Segment(x, np.array([0, 3])), Segment(x, np.array([1, 2]), rates=(0, 2**32 - 1))])


def test_segments_that_do_not(settings):
    x, y = np.zeros((2, 5), np.uint8), np.zeros(2, int)
    assert refused(settings, x[:, :4], y) == "segment 1: x must have shape (samples, 5), not (2, 4)"
    assert refused(settings, x, y[:1]) == "segment 1: y must have shape (2,), not (1,)"
    assert refused(settings, x + 2, y) == "segment 1: x must be 0 to 1 (its port's range), not 2"
    assert refused(settings, x, y + 4) == "segment 1: y must be 0 to 3 (its port's range), not 4"
    assert refused(settings, x, y - 1) == "segment 1: y must be 0 to 3 (its port's range), not -1"
    assert refused(settings, x, y, rates=(1,)) == "segment 1: rates must have 2 entries, one a layer, not 1"
    assert refused(settings, x, y, rates=(1, -2)) == f"segment 1: rates must be 0 to {2**32 - 1}, not -2"


def test_samples_with_steps():
    cell = Settings.build(
        network={"sizes": [5, 4, 3], "classes": 3}, learning={"algorithm": "bep-tt"}, data={"steps": 6}
    )
    y = np.zeros(2, int)
    check_segments(cell, [Segment(np.ones((2, steps, 5), np.uint8), y) for steps in (1, 6)])
    for shape, message in (
        ((2, 7, 5), "samples must have 1 to 6 steps (data.steps, what the hardware has), not 7"),
        ((2, 0, 5), "samples must have 1 to 6 steps (data.steps, what the hardware has), not 0"),
        ((2, 6, 4), "x must have shape (samples, steps, 5), not (2, 6, 4)"),
        ((2, 5), "x must have shape (samples, steps, 5), not (2, 5)"),
    ):
        with pytest.raises(BephwError) as problem:
            check_segments(cell, [Segment(np.zeros(shape, np.uint8), y)])
        assert str(problem.value) == f"segment 0: {message}"
    assert runtime_registers(cell)["steps"] == 6
    assert {"gate_0", "gate_1"} <= set(runtime_registers(cell))


def test_thresholds_of_neurons_do_not_learn(settings):
    fixed = settings.replace({"network.thresholds": True})
    x, y = np.zeros((2, 5), np.uint8), np.zeros(2, int)
    check_segments(fixed, [Segment(x, y, learn=False)])
    message = "segment 1: learn must be false with network.thresholds, which are for inference"
    with pytest.raises(BephwError, match=f"^{message}$"):
        check_segments(fixed, [Segment(x, y, learn=False), Segment(x, y)])


def test_stalls_for_ever_are_refused():
    Stalls(samples=0.99)
    with pytest.raises(BephwError, match=r"^stalls.predictions must be 0 or more and below 1, not 1$"):
        Stalls(predictions=1)


def test_a_reset_needs_samples():
    with pytest.raises(BephwError, match=r"^reset.samples must be at least 1, not 0$"):
        MidBatchReset(samples=0)


def test_registers_of_the_settings(settings):
    assert runtime_registers(settings) == {"batch": 9, "margin": 2, "gate_1": 2, "rate_0": 7, "rate_1": 8}


def test_thresholds_are_clipped_to_where_they_change_nothing(settings):
    wide = settings.replace({"learning.R": 2**31 - 1, "learning.G": 2**32 - 1})
    assert runtime_registers(wide) == runtime_registers(settings) | {"margin": 7, "gate_1": 4}
    assert runtime_registers(settings.replace({"learning.R": -(2**31)}))["margin"] == -7
