"""bephw.check: what is compared, and that differences are seen (agreement is in test_rtl_*.py)."""

import dataclasses

import numpy as np
import pytest

from bephw import check
from bephw.check import check_vector, compare_training, efficiency, golden_run
from bephw.errors import BephwError
from bephw.golden.model import GoldenModel
from bephw.golden.rates import rates
from bephw.rtl_gen.conversion import convert
from bephw.settings import Settings
from bephw.sim.job import Segment

SIZES = {"network": {"sizes": [5, 3], "classes": 2}, "hardware": {"rows": 2, "columns": 3, "stream_width": 3}}


@pytest.fixture(scope="module")
def settings():
    return Settings.build(**SIZES, learning={"batch": 4, "rates": [2**16], "r": 2})


def test_efficiency_is_one_when_all_lanes_always_work(settings):
    assert settings.lanes == 12
    assert efficiency(settings, 21 / 12) == 1
    assert efficiency(settings, 21 / 6) == 0.5


def test_golden_model_against_a_vector(vectors_folder):
    report = check_vector(vectors_folder / "mlp_one_layer.npz")
    assert report.mismatches == []
    names = ("prediction", "logits", "taught", "final_0", "generator", "accumulator")
    assert report.compared == [f"golden model: {name}" for name in names]
    assert report.comparisons == 64 + 64 * 4 + 64 + 12 * 16 + 1 + 1
    assert report.result is None


def test_wrong_hardware_is_told(vectors_folder, monkeypatch):
    """Every array that hardware puts out is compared."""
    vector = check.load_vector(vectors_folder / "mlp_one_layer.npz")
    folded = {}

    def simulate(settings, state, segments, **options):
        folded.update(rows=settings.hardware.rows, columns=settings.hardware.columns, **options)
        right = golden_run(settings, state, segments)
        wrong = dataclasses.replace(
            state,
            counters=(right["final_0"] ^ 1,),
            prototypes=state.prototypes ^ 1,
            generators=right["generator"] ^ 1,
            accumulators=right["accumulator"] ^ 1,
        )
        return _Result(right["prediction"] ^ 1, ~right["taught"], wrong)

    monkeypatch.setattr(check, "simulate", simulate)
    report = check_vector(
        vectors_folder / "mlp_one_layer.npz", rtl=True, rows=100, columns=5, simulator="icarus", workdir="w", load=True
    )
    assert folded == {"rows": (12, 4), "columns": (5, 5), "simulator": "icarus", "workdir": "w"} | {
        "load": True,
        "stalls": None,
        "optimize": False,
        "engine": "cocotb",
    }
    names = ("prediction", "taught", "final_0", "generator", "accumulator", "prototypes")
    assert [line.split(": ")[:2] for line in report.mismatches] == [["Verilog", name] for name in names]
    assert report.mismatches[0].startswith("Verilog: prediction: 64 of 64 differ, first at [0]: expected ")
    assert report.comparisons == 2 * (64 + 64 + 12 * 16 + 1 + 1) + 64 * 4 + vector.state.prototypes.size


@dataclasses.dataclass
class _Result:
    prediction: np.ndarray
    taught: np.ndarray
    state: object


def test_what_hardware_cannot_do_is_refused_before_anything_runs(vectors_folder, monkeypatch):
    vector = check.load_vector(vectors_folder / "mlp_one_layer.npz")
    other = dataclasses.replace(vector, settings=vector.settings.replace({"learning.clipping": "batch"}))
    monkeypatch.setattr(check, "load_vector", lambda path: other)
    monkeypatch.setattr(check, "replay", lambda vector: pytest.fail("the golden model ran"))
    with pytest.raises(BephwError, match=r"learning\.clipping must be step in hardware, not batch"):
        check_vector(vectors_folder / "mlp_one_layer.npz", rtl=True)


def test_golden_run_follows_the_segments(settings, samples):
    generator = np.random.default_rng(7)
    state = samples.random_state(settings, generator)
    parts = [samples.random_segment(settings, generator, count) for count in (6, 3, 5)]
    got = golden_run(
        settings,
        state,
        [
            parts[0],
            dataclasses.replace(parts[1], learn=False),
            dataclasses.replace(parts[2], rates=(3,), end_batch=True),
        ],
    )
    model = GoldenModel(settings, state)
    first = model.train(parts[0].x, parts[0].y)
    middle = model.predict(parts[1].x)[0]
    model.rates = (3,)
    last = model.train(parts[2].x, parts[2].y)
    model.end_batch()
    assert np.array_equal(got["prediction"], np.concatenate([first.prediction, middle, last.prediction]))
    assert np.array_equal(got["taught"], np.concatenate([first.taught, np.zeros(3, bool), last.taught]))
    assert np.array_equal(got["final_0"], model.state.counters[0])
    assert np.array_equal(got["generator"], model.state.generators)


def test_rates_left_to_training_start_as_in_the_first_epoch(samples):
    open_rates = Settings.build(**SIZES, learning={"p_r": 0.5})
    generator = np.random.default_rng(7)
    state = samples.random_state(open_rates, generator)
    segment = samples.random_segment(open_rates, generator, 50)
    got = golden_run(open_rates, state, [segment])
    told = golden_run(open_rates, state, [dataclasses.replace(segment, rates=rates(open_rates, 0.5))])
    assert got["accumulator"] != state.accumulators
    assert np.array_equal(got["accumulator"], told["accumulator"])
    assert np.array_equal(got["final_0"], told["final_0"])


def test_a_design_that_does_not_learn_is_told(settings, samples, standin, workdir):
    generator = np.random.default_rng(8)
    state = samples.random_state(settings, generator)
    segment: Segment = samples.random_segment(settings, generator, 20, end_batch=True)
    verilog = convert(standin.StandIn(settings), "bephw_trainer")
    report = compare_training(settings, state, [segment], workdir=workdir, verilog=verilog, load=True, optimize=False)
    told = {line.split(": ")[1] for line in report.mismatches}
    assert told == {"prediction", "taught", "final_0", "generator"}
    assert report.result.statistics[0]["samples"] == 20
