"""Engine "fast" against engine "cocotb": equal results, in equal numbers of cycles where nothing stalls."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from bephw.check import compare_training
from bephw.errors import BephwError
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.conversion import convert
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.inference import simulate_inference
from bephw.sim.job import MidBatchReset, Stalls
from bephw.sim.runner import simulate

STALLS = Stalls(samples=0.4, predictions=0.6, transfers=0.5, seed=3)
NETWORKS = {
    "perceptron": Settings.build(
        network={"sizes": [9, 5], "classes": 2},
        learning={"bits": 4, "batch": 4, "gamma": 5, "rates": [2**15], "average": 2},
        hardware={"rows": 2, "columns": 3, "stream_width": 4},
    ),
    "local rule, words of more than 64 bits": Settings.build(
        network={"sizes": [70, 6, 5], "classes": 5},
        learning={"algorithm": "lbes", "bits": 4, "batch": 6, "gamma": [3, 5], "rates": [2**15, 2**14]},
        hardware={"rows": 3, "columns": 7, "stream_width": 70},
    ),
    "recurrent": Settings.build(
        network={"sizes": [5, 8, 6], "classes": 3},
        learning={"algorithm": "bep-tt", "bits": 4, "batch": 5, "gamma": [4, 3], "rates": [2**15, 2**14]},
        hardware={"rows": 3, "columns": 5, "stream_width": 3},
        data={"steps": 6},
    ),
}


@pytest.fixture(scope="module")
def job(request, samples):
    """Settings, a state, and segments: learning, fewer steps than the most, other rates, classification, averages."""
    settings = NETWORKS[request.param]
    generator = np.random.default_rng(7)
    fewer = {"steps": 4} if settings.recurrent else {}
    rates = (70_000,) * settings.network.layers
    segments = [
        samples.random_segment(settings, generator, 23, rates=rates, end_batch=True),
        samples.random_segment(settings, generator, 11, **fewer),
        samples.random_segment(settings, generator, 0, end_batch=True),
        samples.random_segment(settings, generator, 9, learn=False, **fewer),
    ]
    if settings.learning.average:
        segments.insert(1, samples.random_segment(settings, generator, 7, learn=False, average=True))
    return settings, samples.random_state(settings, generator), segments


@pytest.fixture(scope="module")
def verilog(job):
    return emit(job[0], None)


@pytest.mark.slow
@pytest.mark.parametrize("job", ["recurrent"], indirect=True)
def test_equal_to_cocotb_cycle_by_cycle(job, verilog, workdir):
    options = {"verilog": verilog, "load": True, "workdir": workdir, "optimize": False}
    theirs, ours = (simulate(*job, **options, engine=engine) for engine in ("cocotb", "fast"))
    assert np.array_equal(ours.prediction, theirs.prediction)
    assert np.array_equal(ours.taught, theirs.taught)
    assert ours.taught.any()
    assert ours.registers == theirs.registers
    assert ours.statistics == theirs.statistics
    assert ours.clocks == theirs.clocks
    for name, array in theirs.state.to_arrays().items():
        assert np.array_equal(ours.state.to_arrays()[name], array), name
    assert len(ours.average) == len(theirs.average)
    assert all(map(np.array_equal, ours.average, theirs.average))


CASES = itertools.product(NETWORKS, ({"stalls": STALLS}, {"reset": MidBatchReset(samples=6, seed=1)}))
SLOW = ("recurrent", {"stalls": STALLS})


@pytest.mark.parametrize(
    ("job", "options"),
    [pytest.param(*case, marks=pytest.mark.slow) if case == SLOW else case for case in CASES],
    indirect=["job"],
    ids=str,
    scope="module",  # the Verilog is emitted once for all of a network
)
def test_equal_to_the_golden_model(job, verilog, workdir, options):
    report = compare_training(
        *job, verilog=verilog, load=True, workdir=workdir, optimize=False, engine="fast", **options
    )
    assert not report.mismatches


def test_inference(samples, workdir):
    settings = NETWORKS["perceptron"]
    generator = np.random.default_rng(3)
    state, x = samples.random_state(settings, generator), samples.random_segment(settings, generator, 40).x
    theirs, ours = (
        simulate_inference(settings, state, x, style="folded", workdir=workdir, optimize=False, engine=engine)
        for engine in ("cocotb", "fast")
    )
    assert np.array_equal(ours.prediction, GoldenModel(settings, state).predict(x)[0])
    assert ours.cycles == theirs.cycles


def test_a_design_that_hangs_is_told(samples, standin, workdir):
    settings = NETWORKS["perceptron"]
    generator = np.random.default_rng(5)
    deaf = convert(standin.StandIn(settings, deaf_after=12), "bephw_trainer")
    state, segment = samples.random_state(settings, generator), samples.random_segment(settings, generator, 30)
    with pytest.raises(
        BephwError,
        match=r"^simulation with verilator failed: Error: the design hangs: "
        r"no stream moved for \d+ cycles, after 12 predictions; see ",
    ) as problem:
        simulate(settings, state, [segment], workdir=workdir, verilog=deaf, load=True, optimize=False, engine="fast")
    assert len(str(problem.value).splitlines()) == 1


def test_verilog_that_does_not_compile_is_told(samples, workdir):
    settings = NETWORKS["perceptron"]
    state = samples.random_state(settings, np.random.default_rng(5))
    with pytest.raises(BephwError, match=r"^simulation with verilator failed: %Error: design.v:1:"):
        simulate(settings, state, [], workdir=workdir, verilog="module bephw_trainer; nonsense", engine="fast")


def test_what_it_cannot_do_is_refused(samples, tmp_path):
    settings = NETWORKS["perceptron"]
    state = samples.random_state(settings, np.random.default_rng(5))
    with pytest.raises(BephwError, match=r"^engine 'fast' works with simulator 'verilator' only, not 'icarus'$"):
        simulate(settings, state, [], simulator="icarus", engine="fast")
    with pytest.raises(BephwError, match=r"^engine must be one of cocotb, fast, not 'quick'$"):
        simulate(settings, state, [], engine="quick")
    waves = Path(tmp_path) / "waves.vcd"
    with pytest.raises(BephwError, match=r"^waves .*: engine 'fast' records none; engine 'cocotb' does$"):
        simulate(settings, state, [], waves=waves, engine="fast")
    assert not waves.exists()
