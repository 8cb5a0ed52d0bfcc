"""Emitted inference-only Verilog in a simulator: the golden model's predictions, and how many cycles they take."""

import dataclasses

import numpy as np
import pytest

from bephw.data.loading import load
from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.verilog import STYLES
from bephw.settings import Settings
from bephw.sim.inference import simulate_inference
from bephw.sim.inference_job import InferenceJob
from bephw.sim.job import Stalls
from bephw.state import NetworkState


@pytest.fixture(scope="module")
def digits():
    """A small network for the digits after two epochs: settings, state, test samples and their predictions."""
    settings = Settings.build(
        network={"sizes": [64, 15, 13], "classes": 10},
        learning={"gamma": [5, 13], "nu": 0.5, "batch": 20, "r": 0.5},
        hardware={"rows": [4, 5, 3], "columns": [10, 6, 4], "stream_width": 10},
        data={"name": "digits"},
    )
    dataset = load(settings.data, classes=10, inputs=64)
    model = GoldenModel(settings, initial_state(settings))
    for _ in range(2):
        model.train(dataset.x_train, dataset.y_train)
        model.end_batch()
    prediction, _ = model.predict(dataset.x_test)
    assert (prediction == dataset.y_test).mean() > 0.4
    return settings, model.state, dataset.x_test, prediction


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("stalls", [None, Stalls(samples=0.85, predictions=0.85, seed=1)])
def test_predictions_of_the_golden_model(workdir, digits, style, stalls):
    settings, state, x, prediction = digits
    seen = []
    result = simulate_inference(
        settings,
        state,
        x,
        style=style,
        workdir=workdir,
        stalls=stalls,
        optimize=False,
        on_samples=seen.append,
    )
    assert np.array_equal(result.prediction, prediction)
    assert seen == sorted(seen)
    least = STYLES[style].latency(settings) + (len(x) - 1) * STYLES[style].interval(settings)
    if stalls is None:
        assert least <= result.cycles <= least + 5
    else:
        assert result.cycles > least + len(x) // 4


@pytest.fixture(scope="module")
def patterns():
    """`patterns(settings, count)`: a state and samples of which no class has all; and their predictions."""

    def draw(settings, count):
        generator = np.random.default_rng(count)
        steps = () if settings.data.steps is None else (settings.data.steps,)
        x = generator.integers(0, 2, (count, *steps, settings.network.sizes[0])).astype(np.uint8)
        state = initial_state(settings)
        prediction, _ = GoldenModel(settings, state).predict(x)
        assert len(set(prediction.tolist())) > 1
        return state, x, prediction

    return draw


@pytest.mark.parametrize("style", STYLES)
def test_scores_of_classes(workdir, style):
    """Scales that multiply, offsets that decide, and equal scores."""
    plain = Settings.build(
        network={"sizes": [20, 16, 18], "classes": 6}, hardware={"rows": 4, "columns": 6, "stream_width": 20}
    )
    generator = np.random.default_rng(8)
    state = dataclasses.replace(
        initial_state(plain), scales=np.array([5, 4, 5, 0, 3, 5]), offsets=np.array([0, 11, 3, 50, 17, 0])
    )
    settings = plain.replace({"network.scores": True})
    x = generator.integers(0, 2, (80, 20)).astype(np.uint8)
    prediction, scores = GoldenModel(settings, state).predict(x)
    assert len(set(prediction.tolist())) > 3
    assert ((scores == scores.max(axis=1)[:, None]).sum(axis=1) > 1).any()
    result = simulate_inference(settings, state, x, style=style, workdir=workdir, optimize=False)
    assert np.array_equal(result.prediction, prediction)
    interval, latency = STYLES[style].interval(settings), STYLES[style].latency(settings)
    assert latency <= result.cycles - (len(x) - 1) * interval <= latency + 5


SEVERAL = {
    "two everywhere": ({"network.sizes": [40, 30, 20], "hardware.samples": 2}, {}),
    "five, three rows": (
        {"network.sizes": [33, 18], "hardware.samples": 5, "hardware.slots": 5, "hardware.rows": 3},
        {"stalls": Stalls(samples=0.9, seed=4)},
    ),
    "more and fewer": (
        {"network.sizes": [40, 30, 24, 20], "hardware.samples": [4, 2, 1], "hardware.columns": 7},
        {"stalls": Stalls(samples=0.3, predictions=0.6, seed=5)},
    ),
    "fewer and more": (
        {"network.sizes": [40, 30, 24, 20], "hardware.samples": [1, 3, 3], "hardware.slots": 3},
        {"stalls": Stalls(predictions=0.9, seed=6)},
    ),
    "local": ({"learning.algorithm": "lbes", "hardware.samples": [4, 2]}, {}),
    "behind a cell": (
        {"learning.algorithm": "bep-tt", "data.steps": 4, "hardware.samples": [1, 4]},
        {"stalls": Stalls(samples=0.4, predictions=0.4, seed=7)},
    ),
    "in a cell": (
        {"learning.algorithm": "bep-tt", "data.steps": 4, "hardware.samples": [3, 1], "hardware.slots": 3},
        {"stalls": Stalls(samples=0.1, predictions=0.4, seed=8)},
    ),
}


@pytest.mark.parametrize(
    "name", [name if name == "more and fewer" else pytest.param(name, marks=pytest.mark.slow) for name in SEVERAL]
)
def test_several_samples_at_a_time(workdir, patterns, name):
    changes, options = SEVERAL[name]
    network, hardware = {"sizes": [36, 24, 20], "classes": 5}, {"rows": 4, "columns": 6, "stream_width": 20}
    settings = Settings.build(network=network, hardware=hardware).replace({"learning.gamma": 1, **changes})
    count = 60
    state, x, prediction = patterns(settings, count)
    result = simulate_inference(
        settings, state, x, style="folded", workdir=workdir, optimize=False, engine="fast", **options
    )
    assert np.array_equal(result.prediction, prediction)
    if not options:
        interval, latency = STYLES["folded"].interval(settings), STYLES["folded"].latency(settings)
        # The first ones may pass alone.
        assert count * interval <= result.cycles <= latency + (count + max(settings.samples)) * interval


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_several_samples_in_any_shape(workdir, patterns, seed):
    generator = np.random.default_rng(seed)
    layers = int(generator.integers(1, 4))
    sizes = generator.integers(3, 50, layers + 1).tolist()
    classes = int(generator.integers(2, 9))
    slots = int(generator.choice([2, 3, 4, 5, 8]))
    divisors = [number for number in range(1, slots + 1) if slots % number == 0]
    samples = generator.choice(divisors, layers).tolist() if slots in (4, 8) else [slots] * layers
    settings = Settings.build(
        network={"sizes": sizes, "classes": classes},
        learning={"gamma": 1, "algorithm": "lbes" if seed % 2 else "bep"},
        hardware={
            "rows": [int(generator.integers(1, bound + 1)) for bound in (*sizes[1:], classes)],
            "columns": [int(generator.integers(1, bound + 1)) for bound in sizes],
            "stream_width": int(generator.integers(1, sizes[0] + 4)),
            "samples": samples if max(samples) > 1 else slots,
            "slots": slots,
        },
    )
    state, x, prediction = patterns(settings, 90)
    chances = generator.choice([0.0, 0.3, 0.95], 2).tolist()  # with the last one samples come one by one
    stalls = Stalls(samples=chances[0], predictions=chances[1], seed=seed)
    result = simulate_inference(
        settings, state, x, style="folded", workdir=workdir, stalls=stalls, optimize=False, engine="fast"
    )
    assert np.array_equal(result.prediction, prediction)


def test_thresholds_in_folded_memories(workdir, digits):
    settings, state, x, plain = digits
    settings = settings.replace({"network.thresholds": True})
    generator = np.random.default_rng(5)
    thresholds = tuple(
        np.clip(np.round(generator.normal(0, 3, outputs)), -inputs, inputs + 1).astype(np.int32)
        for outputs, inputs in settings.matrices
    )
    state = dataclasses.replace(state, thresholds=thresholds)
    prediction, _ = GoldenModel(settings, state).predict(x[:120])
    assert not np.array_equal(prediction, plain[:120])
    result = simulate_inference(settings, state, x[:120], style="folded", workdir=workdir, optimize=False)
    assert np.array_equal(result.prediction, prediction)


GENERATED = {
    "one at a time": {"hardware.columns": [32, 10, 8, 5]},
    "whole rows": {"hardware.columns": [70, 10, 24, 5], "hardware.rows": [5, 1, 3, 2]},
    "several": {"hardware.columns": [16, 10, 4, 30], "hardware.samples": [1, 2, 2]},
}


@pytest.mark.parametrize("style", [*GENERATED, "unrolled"])
def test_generated_weights(workdir, style):
    settings = Settings.build(
        network={"sizes": [70, 40, 24, 30], "classes": 5, "thresholds": True, "generated": [2**31, 0, 77]},
        hardware={"rows": [7, 8, 4, 3], "stream_width": 14},
    ).replace(GENERATED.get(style, {}))
    random = np.random.default_rng(6)
    stored = NetworkState.from_arrays(
        {
            "counters_1": random.integers(-1, 1, (24, 40)),
            "prototypes": random.integers(0, 2, (5, 30)),
            "generator": np.ones(3, int),
            **{f"thresholds_{i}": random.integers(-5, 6, n) for i, n in enumerate(settings.network.sizes[1:])},
        },
        settings,
    )
    x = random.integers(0, 2, (60, 70)).astype(np.uint8)
    prediction, _ = GoldenModel(settings, stored).predict(x)
    assert len(set(prediction.tolist())) > 2
    result = simulate_inference(
        settings,
        stored,
        x,
        style="unrolled" if style == "unrolled" else "folded",
        workdir=workdir,
        stalls=Stalls(samples=0.3, predictions=0.5, seed=1),
        optimize=False,
        engine="fast",
    )
    assert np.array_equal(result.prediction, prediction)


@pytest.mark.parametrize("stalls", [None, Stalls(samples=0.5, predictions=0.85, seed=2)])
def test_series_with_fewer_steps_than_the_most(workdir, stalls):
    settings = Settings.build(
        network={"sizes": [9, 12, 8], "classes": 3},
        learning={"algorithm": "bep-tt"},
        hardware={"rows": [4, 3, 2], "columns": [5, 6, 4], "stream_width": 4},
        data={"steps": 6},
    )
    state, x = initial_state(settings), np.random.default_rng(3).integers(0, 2, (60, 5, 9)).astype(np.uint8)
    prediction, _ = GoldenModel(settings, state).predict(x)
    assert len(set(prediction.tolist())) == 3
    result = simulate_inference(settings, state, x, style="folded", workdir=workdir, stalls=stalls, optimize=False)
    assert np.array_equal(result.prediction, prediction)
    timed = settings.replace({"data.steps": 5})
    interval, latency = STYLES["folded"].interval(timed), STYLES["folded"].latency(timed)
    if stalls is None:
        assert len(x) * interval <= result.cycles <= latency + len(x) * interval
    for wrong in (x[:, :, :8], x[:, :0], np.tile(x, (1, 2, 1))):
        with pytest.raises(
            BephwError, match=r"segment 0: (x must have shape \(samples, steps, 9\)|samples must have 1 to 6)"
        ):
            simulate_inference(settings, state, wrong, style="folded")


@pytest.mark.parametrize("shape", [(5, 13), (5, 3, 13)])
def test_a_job_comes_back(tmp_path, shape):
    x = np.random.default_rng(1).integers(0, 2, shape).astype(np.uint8)
    job = InferenceJob(x, 7, 3, Stalls(samples=0.5, seed=3), 99)
    job.save(tmp_path)
    loaded = InferenceJob.load_from(tmp_path)
    assert np.array_equal(loaded.x, x)
    assert (loaded.word_width, loaded.stalls, loaded.silence) == (7, job.stalls, 99)


def test_samples_that_do_not_fit(digits):
    settings, state, x, _ = digits
    with pytest.raises(BephwError, match=r"segment 0: x must have shape \(samples, 64\)"):
        simulate_inference(settings, state, x[:, :60], style="folded")


def test_unknown_style(digits):
    settings, state, x, _ = digits
    with pytest.raises(BephwError, match="style of inference must be unrolled or folded, not 'flat'"):
        simulate_inference(settings, state, x, style="flat")
