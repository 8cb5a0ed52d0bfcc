"""Recorded waves: where they go, what is in them, and what is refused before a run."""

from pathlib import Path

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.settings import Settings
from bephw.sim import waves
from bephw.sim.inference import simulate_inference
from bephw.sim.plan import INFERENCE, TRAINER
from bephw.sim.runner import simulate
from bephw.toolchain import find

WIDE = 260  # bits of a word: more than Verilator records by default
SETTINGS = Settings.build(
    network={"sizes": [WIDE, 3], "classes": 2},
    learning={"batch": 4, "rates": 5},
    hardware={"rows": 2, "columns": 3, "stream_width": WIDE},
)
FST_BLOCK = b"\x00\x00\x00\x00\x00\x00\x00\x01\x49"  # its header's type and length


@pytest.fixture(scope="module")
def job(samples):
    generator = np.random.default_rng(2)
    return samples.random_state(SETTINGS, generator), samples.random_segment(SETTINGS, generator, 6, end_batch=True)


def changes(path: Path) -> dict[tuple[str, ...], int]:
    """How often each signal of a VCD file changes, by its scopes and name."""
    names: dict[str, list[tuple[str, ...]]] = {}
    count: dict[tuple[str, ...], int] = {}
    scopes: list[str] = []
    with open(path) as file:
        for line in file:
            match line.split():
                case ["$scope", _, name, "$end"]:
                    scopes.append(name)
                case ["$upscope", "$end"]:
                    scopes.pop()
                case ["$var", _, _, code, name, *_]:
                    names.setdefault(code, []).append((*scopes, name))
                    count[(*scopes, name)] = -1  # its first value is no change
                case [bits, code] if bits[0] in "bB":
                    count.update({name: count[name] + 1 for name in names[code]})
                case [change] if change[0] in "01xzXZ" and change[1:] in names:
                    count.update({name: count[name] + 1 for name in names[change[1:]]})
    return count


def of_ports(path: Path, top: str) -> dict[str, int]:
    """How often each port of the top module changes, and each other signal directly in it."""
    return {name[-1]: count for name, count in changes(path).items() if name[-2] == top}


def assert_recorded(path: Path, kind, still=()):
    changed = of_ports(path, kind.top)
    assert set(kind.ports) <= set(changed)
    assert {port for port in kind.ports if changed[port] < 1} == set(still)
    assert changed["clk"] > 20
    assert len(changed) > len(kind.ports)  # not the ports alone


def test_vcd_of_a_trainer(workdir, samples, tmp_path):
    """With Icarus, which is as fast with all signals; Verilator's way to a file is that of inference, below."""
    if find("iverilog") is None:
        pytest.skip("iverilog is not there: install your system's package iverilog")
    settings = SETTINGS.replace({"network.sizes": (8, 3), "hardware.stream_width": 8})  # any width will do
    generator = np.random.default_rng(2)
    state, segment = samples.random_state(settings, generator), samples.random_segment(settings, generator, 6)
    path = tmp_path / "new folder" / "waves.vcd"
    simulate(settings, state, [segment], simulator="icarus", workdir=workdir, waves=path)
    assert_recorded(path, TRAINER, still=("rst", "load__payload", "load__valid", "load__ready"))
    inner = {name[-2] for name in changes(path)}
    assert {"layer_0", "classifier", "sequencer", "registers"} <= {name.split(".")[-1] for name in inner}


@pytest.mark.parametrize("simulator", ["icarus", pytest.param("verilator", marks=pytest.mark.slow)], indirect=True)
def test_vcd_of_inference(simulator, workdir, job, tmp_path):
    state, segment = job
    path = tmp_path / "waves.vcd"
    simulate_inference(
        SETTINGS, state, segment.x, style="folded", simulator=simulator, workdir=workdir, optimize=False, waves=path
    )
    changed = of_ports(path, INFERENCE.top)
    ports = set(INFERENCE.ports) - {"steps"}  # which a perceptron's samples do not have
    assert ports <= set(changed)
    assert {port for port in ports if changed[port] < 1} <= {"rst", "predictions__payload"}
    assert changed["samples__payload"] >= 5
    assert changed["predictions__valid"] >= 2 * len(segment.x) - 1


@pytest.mark.parametrize("simulator", ["icarus", pytest.param("verilator", marks=pytest.mark.slow)], indirect=True)
def test_fst(simulator, workdir, job, tmp_path):
    state, segment = job
    path = tmp_path / "waves.fst"
    try:
        waves.check_waves(path, simulator)
    except BephwError as error:
        pytest.skip(str(error))
    simulate_inference(
        SETTINGS, state, segment.x, style="folded", simulator=simulator, workdir=workdir, optimize=False, waves=path
    )
    content = path.read_bytes()
    assert content.startswith(FST_BLOCK)
    assert len(content) > 1_000


def test_other_names_are_refused(job, tmp_path):
    state, segment = job
    path = tmp_path / "waves.ghw"
    with pytest.raises(BephwError, match=r"^waves .*waves\.ghw: the name must end in \.vcd or \.fst, which says the"):
        simulate(SETTINGS, state, [segment], waves=path)
    assert not list(tmp_path.iterdir())


def test_fst_without_lz4_is_refused_for_verilator(monkeypatch, workdir, job, tmp_path):
    monkeypatch.setattr(waves, "USES_LZ4", "#include <no_such_header.h>\n")
    state, segment = job
    with pytest.raises(BephwError, match=r"needs the headers of lz4 and zlib .*, name a \.vcd file, or use icarus$"):
        simulate(SETTINGS, state, [segment], waves=tmp_path / "waves.fst")


def test_a_failed_run_writes_no_waves(workdir, job, tmp_path):
    state, segment = job
    path = tmp_path / "waves.vcd"
    path.write_text("old")
    with pytest.raises(BephwError, match=r"^simulation with verilator failed"):
        simulate(SETTINGS, state, [segment], workdir=workdir, verilog="module bephw_trainer; nonsense", waves=path)
    assert path.read_text() == "old"
