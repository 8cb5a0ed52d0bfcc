"""What samples do: measured, summed up, and made up again."""

from itertools import chain

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.plan.activity import Sparsity, assumed
from bephw.plan.measuring import measure
from bephw.settings import Settings
from bephw.shape import LayerShape

SETTINGS = Settings.build(
    network={"sizes": (12, 8, 6), "classes": 3},
    learning={"gamma": (4, 2), "batch": 7, "nu": 0.5, "rates": (100_000, 50_000)},
)


def test_measuring_is_training(random_samples):
    state, (x, y) = initial_state(SETTINGS), random_samples(SETTINGS, 30)
    activity, after = measure(SETTINGS, state, x, y)
    model = GoldenModel(SETTINGS, state)
    record = model.train(x, y)
    model.end_batch()
    assert np.array_equal(activity.taught, record.taught)
    for name, array in model.state.to_arrays().items():
        assert np.array_equal(after.to_arrays()[name], array)


def test_events_are_the_accumulators(random_samples):
    state, (x, y) = initial_state(SETTINGS), random_samples(SETTINGS, 30)
    activity, after = measure(SETTINGS, state, x, y)
    for layer, rate in enumerate((100_000, 50_000)):
        assert activity.events[layer].sum() * 2**16 + int(after.accumulators[layer]) == 30 * rate
        assert len(activity.places[layer]) == activity.events[layer].sum()


def test_winners_are_the_rows_that_change(random_samples):
    settings = SETTINGS.replace({"learning.rates": 0, "learning.batch": 1})
    state, (x, y) = initial_state(settings), random_samples(settings, 1)
    activity, after = measure(settings, state, x, y)
    for layer, winners in enumerate(activity.winners):
        changed = np.flatnonzero((after.counters[layer] != state.counters[layer]).any(axis=1))
        assert set(changed) == set(winners[0][winners[0] >= 0])


def test_samples_that_do_not_teach_do_nothing(random_samples):
    activity, _ = measure(SETTINGS, initial_state(SETTINGS), *random_samples(SETTINGS, 60))
    idle = ~activity.taught
    assert idle.any()
    assert all((winners[idle] == -1).all() for winners in activity.winners)
    assert not activity.open[1][idle].any()
    assert activity.open[0] is None


@pytest.mark.parametrize("rows", [1, 3, 4, 6])
def test_longest_list(rows, random_samples):
    activity, _ = measure(SETTINGS, initial_state(SETTINGS), *random_samples(SETTINGS, 20))
    want = [max(sample[bank::rows].sum() for bank in range(rows)) for sample in activity.open[1]]
    assert activity.longest_lists(1, rows).tolist() == want
    assert activity.longest_lists(0, rows).tolist() == [0] * 20


@pytest.mark.parametrize("burst", [1, 4])
def test_parts_make_the_whole(random_samples, burst):
    activity, _ = measure(SETTINGS, initial_state(SETTINGS), *random_samples(SETTINGS, 20))
    parts = [activity.part(0, 7), activity.part(7, 20)]
    assert np.array_equal(np.concatenate([part.places[0] for part in parts]), activity.places[0])
    shape = LayerShape(0, 12, 8, 1, 6, 3, burst=burst)
    words = [word for part in parts for word in part.event_words(shape)]
    assert words == activity.event_words(shape)
    stepped = (
        sorted({j * 4 + i // 3 for i in range(12) if i // burst == k // burst}) for j, k in activity.places[0].tolist()
    )
    assert list(chain(*words)) == list(chain(*stepped))


def test_made_up_samples_have_the_averages():
    wanted = Sparsity(teaching=0.4, winners=(1.5, 2.5), open_rows=(0.0, 3.0), events=(1.3, 0.25))
    found = wanted.activity(SETTINGS, 5000).summary()
    assert found.teaching == pytest.approx(0.4)
    assert found.winners == pytest.approx(wanted.winners, rel=0.05)
    assert found.open_rows == pytest.approx(wanted.open_rows, rel=0.05)
    assert found.events == pytest.approx(wanted.events, rel=0.01)


def test_assumed_fresh_is_the_worst_case():
    fresh, trained = assumed(SETTINGS, "fresh"), assumed(SETTINGS, "trained")
    assert fresh.teaching == 1 and fresh.winners == (2.0, 3.0)
    assert trained.teaching < fresh.teaching
    assert Sparsity.from_dict(fresh.to_dict(), "test") == fresh


SERIES = Settings.build(
    network={"sizes": (12, 8, 6), "classes": 3},
    learning={"algorithm": "bep-tt", "gamma": (4, 2), "batch": 7, "nu": 0.5},
    data={"steps": 4},
)


def test_a_cell_is_measured_step_by_step(random_samples):
    settings = SERIES.replace({"learning.rates": 0, "learning.batch": 1})
    state, (x, y) = initial_state(settings), random_samples(settings, 1)
    activity, after = measure(settings, state, x, y, engine="numpy")
    assert activity.taught.all() and activity.steps == 4
    assert activity.winners[0].shape == (1, 4, 2) and activity.open[0].shape == (1, 4, 8)
    # Steps may undo one another's changes of a counter, but of a row only where they have the same inputs.
    for layer, winners in enumerate(activity.winners):
        changed = np.flatnonzero((after.counters[layer] != state.counters[layer]).any(axis=1))
        assert set(changed) <= set(winners[winners >= 0])
    assert activity.open[0][:, 1:].any() and not activity.open[0][:, 0].any()
    want = [[max(step[bank::3].sum() for bank in range(3)) for step in sample] for sample in activity.open[0]]
    assert activity.longest_lists(0, 3).tolist() == want


def test_made_up_series_have_the_averages():
    wanted = Sparsity(teaching=0.4, winners=(5.5, 2.5), open_rows=(9.0, 3.0), events=(1.3, 0.25))
    activity = wanted.activity(SERIES, 5000)
    found = activity.summary()
    assert found.winners == pytest.approx(wanted.winners, rel=0.05)
    assert found.open_rows == pytest.approx(wanted.open_rows, rel=0.05)
    assert not activity.open[0][:, 0].any()
    fresh = assumed(SERIES, "fresh")
    assert fresh.winners == (8.0, 3.0) and fresh.open_rows[0] <= 24


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"teaching": 1.5}, "sparsity.teaching must be 0 to 1, not 1.5"),
        ({"winners": (1.0,)}, "sparsity.winners must have 2 entries, one a layer, not 1"),
        ({"winners": (3.0, 1.0)}, r"sparsity.winners\[0\] must be 0 to 2 \(the layer's\), not 3"),
        ({"open_rows": (0.0, 7.0)}, r"sparsity.open_rows\[1\] must be 0 to 6 \(the layer's\), not 7"),
    ],
)
def test_impossible_averages(change, message):
    good = {"teaching": 0.5, "winners": (1.0, 1.0), "open_rows": (0.0, 1.0), "events": (0.0, 0.0)}
    with pytest.raises(BephwError, match=message):
        Sparsity(**good | change).activity(SETTINGS, 10)
