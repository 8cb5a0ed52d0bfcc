"""FuseSoC reads the core description, finds all files of each target, and runs the testbench."""

import json
import shutil
import subprocess
import sys

import pytest

from bephw.flow.emission import emit_files, emit_inference_files
from bephw.flow.emitted.stimulus import draw
from bephw.golden.initial import initial_state
from bephw.settings import Settings

SETTINGS = Settings.build(
    network={"sizes": [6, 4], "classes": 3},
    learning={"batch": 3, "gamma": 2, "seed": 1},
    hardware={"rows": 2, "columns": 3, "stream_width": 3},
)


@pytest.fixture(scope="module")
def trainer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("core")
    emit_files(
        SETTINGS, initial_state(SETTINGS), folder, "learner", bus="wishbone", stimulus=draw(SETTINGS, None, "none here")
    )
    return folder


def fusesoc(folder, *arguments):
    """Its command line, in a folder of its own, so that it leaves nothing among the cores."""
    pytest.importorskip("fusesoc")
    work = folder / "work"
    work.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "fusesoc.main", "--cores-root", str(folder), *arguments],
        cwd=work,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def set_up(folder, target):
    """Names of the files that FuseSoC prepares for a target, by their kinds."""
    fusesoc(
        folder, "run", "--setup", "--target", target, "--work-root", str(folder / "work" / target), "bephw::learner"
    )
    (description,) = (folder / "work" / target).glob("*.eda.yml")
    yaml = pytest.importorskip("yaml")
    content = yaml.safe_load(description.read_text())
    for file in content["files"]:
        assert (folder / "work" / target / file["name"]).is_file()
    return {file["name"].rpartition("/")[2]: file["file_type"] for file in content["files"]}, content


def test_it_lists_the_core_and_its_targets(trainer):
    assert "bephw::learner:" in fusesoc(trainer, "core", "list")
    said = fusesoc(trainer, "core", "show", "bephw::learner")
    assert "6-4-3, on Wishbone and AXI4-Stream" in said
    targets = {line.split()[0] for line in said.partition("Targets:\n")[2].splitlines() if line.strip()}
    assert targets == {"default", "lint", "sim", "sim_verilator"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "top", "endings"),
    [
        ("lint", "learner", {".v", ".vlt"}),
        ("sim", "learner_tb", {".v", "_tb.v"}),
        ("sim_verilator", "learner_tb", {".v", "_tb.v", ".vlt"}),
    ],
)
def test_targets_have_their_files(trainer, target, top, endings):
    files, content = set_up(trainer, target)
    assert set(files) == {f"learner{ending}" for ending in endings}
    assert content["toplevel"] == top


def test_the_testbench_runs(trainer):
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not on PATH: install Debian's package iverilog")
    work = trainer / "work" / "run"
    assert "PASS" in fusesoc(trainer, "run", "--target", "sim", "--work-root", str(work), "bephw::learner").splitlines()


@pytest.mark.slow
def test_inference_and_no_testbench(tmp_path):
    manifest = emit_inference_files(SETTINGS, initial_state(SETTINGS), tmp_path, "learner", bus="axi4-lite")
    assert json.loads((tmp_path / "learner.json").read_text())["fusesoc"] == manifest["fusesoc"] == "learner.core"
    said = fusesoc(tmp_path, "core", "show", "bephw::learner")
    assert "A trained binary neural network, 6-4-3, on AXI4-Stream" in said
    assert "sim" not in said.partition("Targets:\n")[2]
