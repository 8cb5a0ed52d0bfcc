"""The bench on a stand-in that echoes labels: streams, stalls, transfers, resets, and what happens when things fail."""

import os
from pathlib import Path

import numpy as np
import pytest

from bephw import toolchain
from bephw.errors import BephwError
from bephw.rtl_gen.conversion import convert
from bephw.settings import Settings
from bephw.sim import launch, runner
from bephw.sim.job import MidBatchReset, Stalls
from bephw.sim.runner import simulate

STALLS = Stalls(samples=0.4, predictions=0.6, transfers=0.5, seed=3)


@pytest.fixture(scope="module")
def settings():
    """Two words a sample."""
    return Settings.build(
        network={"sizes": [5, 3], "classes": 2},
        learning={"bits": 4, "R": -3, "rates": [5]},
        hardware={"rows": 2, "columns": 3, "stream_width": 3},
    )


@pytest.fixture(scope="module")
def job(settings, samples):
    """State, and segments with learning on and off."""
    generator = np.random.default_rng(5)
    state = samples.random_state(settings, generator)
    learning = samples.random_segment(settings, generator, 30, rates=(9,), end_batch=True)
    return state, [learning, samples.random_segment(settings, generator, 7, learn=False)]


@pytest.fixture(scope="module")
def echo(settings, standin):
    return convert(standin.StandIn(settings), "bephw_trainer")


def assert_echoed(result, job):
    state, segments = job
    assert np.array_equal(result.prediction, np.concatenate([segment.y for segment in segments]))
    # The second word of a sample has input 3 in bit 0.
    taught = [segment.x[:, 3].astype(bool) & segment.learn for segment in segments]
    assert np.array_equal(result.taught, np.concatenate(taught))
    assert [statistics["samples"] for statistics in result.statistics] == [30, 7]
    for name, array in state.to_arrays().items():
        assert np.array_equal(result.state.to_arrays()[name], array), name
    assert result.registers["margin"] == -3
    assert result.registers["rate_0"] == 9
    assert result.registers["control"] == 0


@pytest.fixture
def run_folders(monkeypatch):
    """Folders of the runs, in order; workers that share the work folder have others there."""
    made, make = [], launch.tempfile.mkdtemp

    def noted(*arguments, **options):
        folder = make(*arguments, **options)
        if os.path.basename(folder).startswith("run-"):
            made.append(folder)
        return folder

    monkeypatch.setattr(launch.tempfile, "mkdtemp", noted)
    return made


@pytest.mark.parametrize(
    "options",
    [{}, {"stalls": STALLS}, {"reset": MidBatchReset(samples=6, seed=1)}, {"optimize": True}],
    ids=["plain", "stalls", "reset", "optimised"],
)
def test_everything_comes_through(settings, job, echo, workdir, run_folders, options):
    result = simulate(settings, *job, workdir=workdir, verilog=echo, load=True, **{"optimize": False, **options})
    if "reset" in options:  # The stand-in's count of samples is set back with the rest.
        assert result.registers["samples"] == 37
    assert_echoed(result, job)
    assert result.clocks > 2 * 37
    assert not os.path.exists(run_folders[0])


def test_stalls_cost_cycles_and_repeat(settings, job, echo, workdir):
    plain = simulate(settings, *job, workdir=workdir, verilog=echo, load=True, optimize=False)
    stalled = [
        simulate(settings, *job, workdir=workdir, verilog=echo, load=True, optimize=False, stalls=STALLS)
        for _ in range(2)
    ]
    assert stalled[0].clocks == stalled[1].clocks > 1.1 * plain.clocks


def test_progress_is_told(settings, job, echo, workdir):
    counts = []
    simulate(settings, *job, workdir=workdir, verilog=echo, load=True, optimize=False, on_samples=counts.append)
    assert counts == sorted(counts)
    assert set(counts) <= {30, 37}
    assert counts


def test_an_exception_in_the_callback_ends_the_simulation(settings, job, echo, workdir, monkeypatch, run_folders):
    ended = []
    kill = os.killpg
    monkeypatch.setattr(os, "killpg", lambda group, signal: (ended.append(group), kill(group, signal)))

    def interrupt(count):
        raise KeyboardInterrupt

    state, segments = job
    with pytest.raises(KeyboardInterrupt):  # within the first of some 30,000 samples
        simulate(
            settings,
            state,
            segments * 1000,
            workdir=workdir,
            verilog=echo,
            load=True,
            optimize=False,
            on_samples=interrupt,
        )
    assert len(ended) == 1
    assert "outcome.npz" not in os.listdir(run_folders[0])


def one_line(problem):
    text = str(problem.value)
    assert len(text.splitlines()) == 1
    assert len(text) < 400
    return text


def test_a_design_that_hangs_is_told(settings, job, standin, workdir, run_folders):
    deaf = convert(standin.StandIn(settings, deaf_after=12), "bephw_trainer")
    with pytest.raises(
        BephwError, match=r"^simulation with verilator failed: .*the design hangs: no stream moved for \d+ cycles, "
    ) as problem:
        simulate(settings, *job, workdir=workdir, verilog=deaf, load=True, optimize=False)
    log = os.path.join(run_folders[0], "simulator.log")
    assert one_line(problem).endswith(f"; see {log}")
    assert "Traceback" in Path(log).read_text()


def test_verilog_that_does_not_compile_is_told(settings, job, workdir):
    with pytest.raises(BephwError, match=r"^simulation with verilator failed: %Error: design.v:1:") as problem:
        simulate(settings, *job, workdir=workdir, verilog="module bephw_trainer; nonsense", load=True, optimize=False)
    one_line(problem)


def test_without_a_workdir_nothing_is_left(settings, job, workdir, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(BephwError, match=r"; name a workdir to keep its log$") as problem:
        simulate(settings, *job, verilog="module bephw_trainer; nonsense", load=True, optimize=False)
    one_line(problem)
    assert not list(tmp_path.iterdir())


def test_icarus(settings, job, echo, tmp_path):
    if toolchain.find("iverilog") is None:
        pytest.skip("iverilog is not installed")
    assert_echoed(
        simulate(settings, *job, simulator="icarus", workdir=tmp_path, verilog=echo, load=True, optimize=False), job
    )


def test_what_is_missing_is_named(settings, job, monkeypatch):
    with pytest.raises(BephwError, match=r"^simulator must be one of verilator, icarus, not 'vcs'$"):
        simulate(settings, *job, simulator="vcs")
    monkeypatch.setattr(toolchain, "find", lambda tool: None)
    with pytest.raises(BephwError, match=r"^iverilog is needed to .* install it with "):
        simulate(settings, *job, simulator="icarus")
    monkeypatch.setattr(launch, "find_spec", lambda name: None)
    with pytest.raises(BephwError, match=r"^cocotb is needed to simulate: install it with pip install 'bephw\[sim\]'$"):
        simulate(settings, *job)


@pytest.mark.parametrize(("samples_sent", "optimised"), [(37, False), (200_000, True)])
def test_only_long_runs_are_compiled_for_speed(settings, job, samples, echo, monkeypatch, samples_sent, optimised):
    """Each of the stand-in's samples takes at least 4 cycles: 2 row groups of 2 words."""

    class NoRunError(Exception):
        pass

    def note(*arguments, optimize, **options):
        assert optimize is optimised
        raise NoRunError

    monkeypatch.setattr(runner, "run_job", note)
    segment = samples.random_segment(settings, np.random.default_rng(1), samples_sent)
    with pytest.raises(NoRunError):
        simulate(settings, job[0], [segment], verilog=echo, load=True)
