"""Where simulations run: in folders of any name, and on a disk that is full."""

import os
import shutil
import subprocess

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.golden.model import GoldenModel
from bephw.settings import Settings
from bephw.sim import launch
from bephw.sim.inference import simulate_inference

SETTINGS = Settings.build(network={"sizes": [6, 3], "classes": 2}, hardware={"columns": 3, "stream_width": 3})
ODD = "a b ü 'quoted' $HOME #1, (x)"


@pytest.fixture
def classified(samples):
    """A state, samples, and the golden model's predictions."""
    generator = np.random.default_rng(2)
    state = samples.random_state(SETTINGS, generator)
    x = samples.random_segment(SETTINGS, generator, 9).x
    return state, x, GoldenModel(SETTINGS, state).predict(x)[0]


@pytest.mark.parametrize("simulator", ["icarus", pytest.param("verilator", marks=pytest.mark.slow)], indirect=True)
def test_folders_of_any_name(simulator, workdir, classified, tmp_path, monkeypatch):
    state, x, prediction = classified
    odd = tmp_path / ODD
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    for name in ("TMPDIR", "TMP", "TEMP", "HOME"):
        monkeypatch.setenv(name, str(odd))
    monkeypatch.chdir(odd)
    waves = odd / "w v.vcd"
    options = {"style": "folded", "simulator": simulator, "workdir": odd, "optimize": False}
    result = simulate_inference(SETTINGS, state, x, **options, waves=waves)
    assert np.array_equal(result.prediction, prediction)
    assert waves.stat().st_size > 1000
    result = simulate_inference(SETTINGS, state, x, **options)
    assert np.array_equal(result.prediction, prediction)


def test_variables_of_cocotb_change_nothing(workdir, classified, monkeypatch):
    state, x, prediction = classified
    for name in ("WAVES", "GUI"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("SIM_CMD_SUFFIX", "--no-such-option")
    monkeypatch.setenv("MAKEFLAGS", "--no-such-option")
    result = simulate_inference(SETTINGS, state, x, style="unrolled", workdir=workdir, optimize=False)
    assert np.array_equal(result.prediction, prediction)


@pytest.fixture
def small_disk(tmp_path):
    """`small_disk(bytes)` gives a folder on a disk of that size."""
    folder = tmp_path / "small"
    folder.mkdir()

    def make(size):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
        if mounted.returncode:
            pytest.skip("a small disk can be mounted by root only")
        return folder

    yield make
    subprocess.run(["umount", folder], capture_output=True)


@pytest.mark.parametrize("size", [16 * 1024, 128 * 1024, 2**20], ids=["at once", "Verilator", "compiler"])
def test_a_full_disk_is_named(workdir, classified, small_disk, size):
    state, x, _ = classified
    folder = small_disk(size)
    with pytest.raises(BephwError, match="cannot be written: No space left on device") as problem:
        simulate_inference(SETTINGS, state, x, style="unrolled", workdir=folder, optimize=False)
    assert f"{folder}" in str(problem.value)
    assert len(str(problem.value).splitlines()) == 1


def test_a_disk_that_fills_before_it_runs(workdir, classified, small_disk, monkeypatch):
    """The design is compiled, and then there is no place for what the simulation finds."""
    state, x, _ = classified
    folder = small_disk(50 * 2**20)
    simulate_inference(SETTINGS, state, x, style="unrolled", workdir=folder, optimize=False)
    start = subprocess.Popen

    def fill_and_start(*arguments, **options):
        (folder / "filler").write_bytes(bytes(shutil.disk_usage(folder).free))
        return start(*arguments, **options)

    monkeypatch.setattr(launch.subprocess, "Popen", fill_and_start)
    with pytest.raises(BephwError, match=f"{folder}: cannot be written: No space left on device"):
        simulate_inference(SETTINGS, state, x, style="unrolled", workdir=folder, optimize=False)


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("", "it ended without a result"),
        ("noise\n%Error: design.v:1: bad\n%Error: second\n", "%Error: design.v:1: bad"),
        ("x.cpp:1:1: fatal error: what\nmake: *** [x] Error 1\n", "x.cpp:1:1: fatal error: what"),
        ("KeyError: 'a'\nRuntimeError: the design hangs\nPASS=0\n", "RuntimeError: the design hangs"),
    ],
)
def test_reasons_of_failures(tmp_path, log, reason):
    path = tmp_path / "simulator.log"
    path.write_text(log)
    assert launch._reason(path, tmp_path) == reason


def test_a_full_disk_in_the_log(tmp_path):
    path = tmp_path / "simulator.log"
    path.write_text(f"Error: x\n/usr/bin/ld: final link failed: {os.strerror(28)}\ncollect2: error: ld returned 1\n")
    assert launch._reason(path, tmp_path) == f"{tmp_path}: cannot be written: No space left on device"
