"""The fast model against the naive reference, over random shapes and settings; and its promises."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.errors import BephwError
from bephw.golden import numpy_engine
from bephw.golden.initial import initial_state
from bephw.golden.model import EngineName, GoldenModel
from bephw.settings import Settings
from bephw.state import NetworkState

RATES = st.one_of(st.sampled_from([0, 1, 65535, 65536, 2**20]), st.integers(0, 2**18))


@st.composite
def cases(draw: st.DrawFn) -> dict:
    """Settings with extremes of every kind, and the seed of their state and samples."""
    algorithm = draw(st.sampled_from(["bep", "bep", "bep-tt", "lbes", "cp+r"]))
    layers = 1 if algorithm == "cp+r" else draw(st.integers(2 if algorithm == "bep-tt" else 1, 3))
    gammas = [draw(st.integers(1, 4)) for _ in range(layers)]
    outputs = [gamma * draw(st.integers(1, 4)) for gamma in gammas]
    sizes = [draw(st.integers(1, 12)), *outputs]
    classes = draw(st.integers(2, 5))
    return {
        "network": {"sizes": sizes, "classes": classes},
        "learning": {
            "algorithm": algorithm,
            "clipping": (clipping := draw(st.sampled_from(["step", "step", "batch"]))),
            "update_stride": draw(st.sampled_from([1, 1, 2, 3, 20])),
            "bits": draw(st.sampled_from([2, 2, 3, 4, 7, 8, 15, *([16] if clipping == "step" else [])])),
            "R": [
                draw(st.one_of(st.sampled_from([-(2**31), 2**31 - 1]), st.integers(-8, 12)))
                for _ in (sizes[1:] if algorithm == "lbes" else sizes[-1:])
            ],
            "G": [draw(st.one_of(st.integers(0, 6), st.just(2**32 - 1))) for _ in sizes[1:]],
            "gamma": gammas,
            "tie": draw(st.sampled_from(["keep", "plus"])),
            "batch": draw(st.sampled_from([1, 2, 3, 7, 50, 2**32 - 1])),
            "rates": [draw(RATES) for _ in sizes[1:]],
            "burst": draw(st.sampled_from([1, 1, 2, 4, 8, 16])),
            "lag": draw(st.sampled_from([0, 1])),
            "generators": [draw(st.integers(1, 2**32 - 1)) for _ in sizes[1:]],
        },
        "samples": draw(st.integers(0, 40)),
        "steps": draw(st.integers(1, 5)),
        "seed": draw(st.integers(0, 2**32)),
        "start": draw(st.sampled_from(["anywhere", "near zero", "at the limits"])),
    }


def make(case: dict) -> tuple[Settings, NetworkState, np.ndarray, np.ndarray]:
    """Settings, state, bits and labels; some labels are no class."""
    parameters = Settings.build(network=case["network"], learning=case["learning"])
    random = np.random.default_rng(case["seed"])
    sizes, top = parameters.network.sizes, 2 ** (parameters.learning.bits - 1)
    low, high = (-2, 2) if case["start"] == "near zero" else (-top, top)

    def counters(shape: tuple[int, int]) -> np.ndarray:
        drawn = random.integers(low, high, shape)
        return np.where(drawn >= 0, top - 1, -top) if case["start"] == "at the limits" else drawn

    state = NetworkState(
        counters=tuple(counters(shape).astype(np.int16) for shape in parameters.matrices),
        prototypes=random.integers(0, 2, (parameters.network.classes, sizes[-1])).astype(np.uint8),
        generators=np.array(parameters.learning.generators, np.uint32),
        accumulators=random.integers(0, 2**16, len(sizes) - 1).astype(np.uint32),
        hidden_prototypes=tuple(
            random.integers(0, 2, (parameters.network.classes, width)).astype(np.uint8)
            for width in (sizes[1:-1] if parameters.local else ())
        ),
    )
    steps = (case["steps"],) if parameters.recurrent else ()
    x = random.integers(0, 2, (case["samples"], *steps, sizes[0])).astype(np.uint8)
    y = random.integers(0, parameters.network.classes + (case["seed"] % 2), case["samples"])
    return parameters, state, x, y


def assert_same(fast: GoldenModel, naive, records, outcomes) -> None:
    assert [p for r in records for p in r.prediction.tolist()] == [o[0] for o in outcomes]
    assert [p for r in records for p in r.logits.tolist()] == [o[1] for o in outcomes]
    assert [p for r in records for p in r.taught.tolist()] == [o[2] for o in outcomes]
    for counters, layer in zip(fast.state.counters, naive.layers, strict=True):
        assert counters.tolist() == layer.counters
    assert fast.state.generators.tolist() == [layer.generator for layer in naive.layers]
    assert fast.state.accumulators.tolist() == [layer.accumulator for layer in naive.layers]


@settings(max_examples=100)
@given(
    case=cases(),
    ends=st.lists(st.integers(0, 2), min_size=1, max_size=4),
    engine=st.sampled_from(["numpy", "compiled"]),
)
def test_equals_the_naive_reference(reference: ModuleType, case: dict, ends: list[int], engine: EngineName) -> None:
    """The stream in pieces, so many ends of batches after each."""
    parameters, state, x, y = make(case)
    fast, naive = GoldenModel(parameters, state, engine), reference.Reference(parameters, state, parameters.fixed_rates)
    records, outcomes = [], []
    for part, labels, times in zip(np.array_split(x, len(ends)), np.array_split(y, len(ends)), ends, strict=True):
        records.append(fast.train(part, labels))
        outcomes += [naive.train_one(sample.tolist(), int(label)) for sample, label in zip(part, labels, strict=True)]
        for _ in range(times):
            fast.end_batch(), naive.end_batch()
    assert [plane.tolist() for plane in fast.planes] == [layer.plane for layer in naive.layers]
    assert_same(fast, naive, records, outcomes)
    assert fast.batch_position == naive.in_batch
    fast.end_batch(), naive.end_batch()
    prediction, logits = fast.predict(x)
    outcomes = [naive.train_one(sample.tolist(), 10**6) for sample in x] if parameters.learning.batch > 50 else []
    assert prediction.tolist()[: len(outcomes)] == [o[0] for o in outcomes]
    assert logits.tolist()[: len(outcomes)] == [o[1] for o in outcomes]


def one_layer(**learning) -> Settings:
    learning = {"gamma": 3, "R": 100, "rates": 0, "generators": [1], **learning}
    return Settings.build(network={"sizes": [2, 3], "classes": 2}, learning=learning)


def samples(n: int, settings: Settings, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.integers(0, 2, (n, settings.network.sizes[0])).astype(np.uint8)
    return x, random.integers(0, settings.network.classes, n)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("bits", [2, 8, 16])
def test_the_largest_rate_repeats_every_place_many_times(reference: ModuleType, bits: int, engine: EngineName) -> None:
    parameters = one_layer(rates=2**32 - 1, bits=bits)
    state = initial_state(parameters)
    fast, naive = GoldenModel(parameters, state, engine), reference.Reference(parameters, state, (2**32 - 1,))
    x, y = samples(3, parameters)
    record = fast.train(x, y)
    outcomes = [naive.train_one(sample.tolist(), int(label)) for sample, label in zip(x, y, strict=True)]
    assert_same(fast, naive, [record], outcomes)


def test_work_cut_into_pieces_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = Settings.build(
        network={"sizes": [20, 12, 8], "classes": 3},
        learning={"bits": 4, "gamma": 4, "batch": 64, "rates": 300_000, "R": 4},
    )
    x, y = samples(150, parameters)
    whole = GoldenModel(parameters, initial_state(parameters), "numpy")
    whole.train(x, y)
    monkeypatch.setattr(numpy_engine, "MOST_EVENTS", 20)
    cut = GoldenModel(parameters, initial_state(parameters), "numpy")
    cut.train(x, y)
    for name, array in whole.state.to_arrays().items():
        assert np.array_equal(array, cut.state.to_arrays()[name]), name


def test_rates_hold_from_the_next_sample(reference: ModuleType) -> None:
    parameters = one_layer(rates=40_000, batch=100)
    state = initial_state(parameters)
    fast, naive = GoldenModel(parameters, state), reference.Reference(parameters, state, (40_000,))
    x, y = samples(20, parameters)
    records = [fast.train(x[:7], y[:7])]
    fast.rates = (100_000,)
    records.append(fast.train(x[7:], y[7:]))
    outcomes = [naive.train_one(s.tolist(), int(label)) for s, label in zip(x[:7], y[:7], strict=True)]
    naive.rates = (100_000,)
    outcomes += [naive.train_one(s.tolist(), int(label)) for s, label in zip(x[7:], y[7:], strict=True)]
    assert_same(fast, naive, records, outcomes)


def test_the_planes_stay_frozen_until_the_batch_ends() -> None:
    parameters = one_layer(batch=1000, bits=2, rates=65536)
    model = GoldenModel(parameters, initial_state(parameters))
    x, y = samples(50, parameters)
    before = model.predict(x)[1]
    model.train(x, y)
    assert np.array_equal(model.predict(x)[1], before)
    assert model.batch_position == 50
    model.end_batch()
    assert model.batch_position == 0
    fresh = GoldenModel(parameters, model.state)
    assert np.array_equal(model.predict(x)[1], fresh.predict(x)[1])


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_with_lag_a_batch_sees_the_counters_as_they_were_a_batch_before(engine: EngineName) -> None:
    parameters = one_layer(batch=4, bits=2, lag=1)
    model = GoldenModel(parameters, initial_state(parameters), engine)

    def signs() -> list:
        return (model.state.counters[0] >= 0).tolist()

    shown, ended = [model.planes[0].tolist()], [signs()]
    x, y = samples(40, parameters)
    for start in range(0, 40, 4):
        model.train(x[start : start + 4], y[start : start + 4])
        shown.append(model.planes[0].tolist())
        ended.append(signs())
    assert shown == [ended[0], *ended[:-1]]
    assert len({str(plane) for plane in shown}) > 3, "the planes do change"
    assert ended[-1] != ended[-2], "and at the end one is still to come"
    model.end_batch()
    assert model.planes[0].tolist() == signs()


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_load_shows_what_is_loaded_and_planes_that_are_given_hold_for_one_batch(engine: EngineName) -> None:
    parameters = one_layer(batch=4, bits=2, lag=1)
    model = GoldenModel(parameters, initial_state(parameters), engine)
    x, y = samples(40, parameters)
    model.train(x, y)
    assert model.planes[0].tolist() != (model.state.counters[0] >= 0).tolist()
    loaded = GoldenModel(parameters, model.state, engine)
    assert loaded.planes[0].tolist() == (model.state.counters[0] >= 0).tolist()
    resumed = GoldenModel(parameters, model.state, engine, planes=model.planes)
    assert resumed.planes[0].tolist() == model.planes[0].tolist()
    for both in (model, resumed):
        both.train(x, y)
    assert np.array_equal(model.state.counters[0], resumed.state.counters[0])
    assert model.planes[0].tolist() == resumed.planes[0].tolist()


def test_the_state_is_a_copy() -> None:
    for bits in (6, 8, 16):
        parameters = one_layer(bits=bits)
        given_state = initial_state(parameters)
        model = GoldenModel(parameters, given_state)
        before = model.state
        x, y = samples(50, parameters)
        model.train(x, y)
        assert np.array_equal(before.counters[0], given_state.counters[0])
        assert not np.array_equal(before.counters[0], model.state.counters[0])


def test_bernoulli_steps_away_from_zero_and_changes_no_visible_weight() -> None:
    parameters = Settings.build(
        network={"sizes": [30, 20], "classes": 2},
        learning={"R": -1000, "reinforcement": "bernoulli", "batch": 5, "p_r": 4.0, "bits": 3, "sigma": 0.5},
    )
    start = initial_state(parameters)
    model = GoldenModel(parameters, start)
    model.end_batch()
    assert np.array_equal(model.state.counters[0], start.counters[0]), "no sample, no batch, no draw"
    x, y = samples(200, parameters)
    model.train(x, y)
    before, after = start.counters[0].astype(int), model.state.counters[0].astype(int)
    assert np.array_equal(before >= 0, after >= 0)
    assert np.all(np.abs(2 * after + 1) >= np.abs(2 * before + 1))
    assert after.max() == 3 and after.min() == -4
    assert model.state.generators.tolist() == start.generators.tolist()


def test_bernoulli_reinforces_as_much_as_events_do() -> None:
    moved = {}
    for way in ("events", "bernoulli"):
        parameters = Settings.build(
            network={"sizes": [100, 50], "classes": 2},
            learning={"R": -1000, "reinforcement": way, "batch": 10, "rates": 3 * 65536, "bits": 8},
        )
        start = initial_state(parameters)
        model = GoldenModel(parameters, start)
        model.train(*samples(1000, parameters))
        moved[way] = np.abs(model.state.counters[0].astype(int) - start.counters[0]).sum()
    assert moved["events"] <= 3000
    assert moved["events"] == pytest.approx(moved["bernoulli"], rel=0.1)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[0, 1, 1]], [0], "x: must have shape (samples, 2), not (1, 3)"),
        ([0, 1], [0], "x: must have shape (samples, 2), not (2,)"),
        ([[0, 2]], [0], "x: must be 0 or 1, not 2"),
        ([[0, -1]], [0], "x: must be 0 or 1, not -1"),
        ([[0.0, 1.0]], [0], "x: must be bits of an integer type, not float64"),
        ([[0, 1]], [0, 1], "y: must have 1 label, one a sample, not 2"),
        ([[0, 1]], [[0]], "y: must have shape (samples,), not (1, 1)"),
        ([[0, 1]], [0.0], "y: must be integers, not float64"),
        ([[0, 1]], [-1], "y: must be 0 or more, not -1"),
    ],
)
def test_bad_samples_are_named(x: list, y: list, message: str) -> None:
    parameters = one_layer()
    model = GoldenModel(parameters, initial_state(parameters))
    with pytest.raises(BephwError) as caught:
        model.train(x, y)
    assert str(caught.value) == message


def test_a_label_that_is_no_class_never_teaches() -> None:
    parameters = one_layer()
    model = GoldenModel(parameters, initial_state(parameters))
    labels = np.array([2, 3, 2**64 - 1], np.uint64)
    assert not model.train(np.ones((3, 2), np.uint8), labels).taught.any()
    assert model.train(np.ones((3, 2), np.uint8), [0, 1, 0]).taught.all()


def test_no_samples_give_an_empty_record() -> None:
    parameters = one_layer()
    record = GoldenModel(parameters, initial_state(parameters)).train(np.zeros((0, 2), np.uint8), [])
    assert record.prediction.shape == (0,)
    assert record.logits.shape == (0, 2)
    assert record.taught.shape == (0,)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ((1, 2), "rates: must have 1 entry, one a layer, not 2"),
        ((2**32,), "rates[0]: must be 0 to 4294967295, not 4294967296"),
    ],
)
def test_bad_rates_are_named(rates: tuple[int, ...], message: str) -> None:
    parameters = one_layer()
    model = GoldenModel(parameters, initial_state(parameters))
    with pytest.raises(BephwError) as caught:
        model.rates = rates
    assert str(caught.value) == message


def test_a_state_of_other_shape_is_refused() -> None:
    parameters = one_layer()
    other = initial_state(Settings.build(network={"sizes": [3, 3], "classes": 2}))
    with pytest.raises(BephwError, match=r"^state: counters_0 must have shape \(3, 2\), not \(3, 3\)$"):
        GoldenModel(parameters, other)


def test_the_reference_counts_rows_that_are_updated():
    """One sample that teaches: a winner of each group whose output is not what it should be, at most a group's each."""
    settings = Settings.build(
        network={"sizes": [5, 6, 4], "classes": 2}, learning={"algorithm": "bep-tt", "gamma": 2, "R": 9, "rates": 0}
    )
    x = np.random.default_rng(0).integers(0, 2, (4, 3, 5))
    before = initial_state(settings)
    model = GoldenModel(settings, before, "numpy")
    assert model.updates == 0
    model.train(x[:1], [0])
    changed = sum((a != b).any(axis=1).sum() for a, b in zip(model.state.counters, before.counters, strict=True))
    assert changed <= model.updates <= 3 * 6 // 2 + 4 // 2
    first = model.updates
    model.train(x[1:], [0, 1, 1])
    assert model.updates > first > 0
    assert GoldenModel(settings, before, "compiled").updates is None
