"""A full disk: one line that names the file or the folder, and nothing half-written."""

import os
import subprocess
import sys

import pytest

MESSAGE = "cannot be written: No space left on device"


@pytest.fixture
def disk(tmp_path, request):
    """`disk(free)` is the folder of a disk with so many bytes left."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder], capture_output=True)
    if done.returncode:
        pytest.skip("needs to mount a small disk")
    request.addfinalizer(lambda: subprocess.run(["umount", "--lazy", folder], check=True))

    def fill(free):
        (folder / "filler").write_bytes(bytes(204_800 - free))
        return folder

    return fill


def refusal(*arguments, **environment):
    command = [sys.executable, "-m", "bephw", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 2, done.stderr
    return [line.removeprefix("bephw: error: ") for line in done.stderr.splitlines() if line.startswith("bephw: ")]


@pytest.mark.parametrize(
    "option",
    ["--json", *(pytest.param(name, marks=pytest.mark.slow) for name in ("--state", "--curve")), "--checkpoint"],
)
def test_results(settings_file, disk, option):
    file = disk(0) / f"x{'.svg' if option == '--curve' else '.npz'}"
    assert refusal("train", settings_file(), "--epochs", 1, option, file) == [f"{file}: {MESSAGE}"]
    assert os.listdir(file.parent) == ["filler"]


def test_an_old_file_stays(settings_file, disk):
    folder = disk(8_192)
    (folder / "x.json").write_text("old")
    (folder / "more").write_bytes(bytes(4_096))
    assert refusal("train", settings_file(), "--epochs", 1, "--json", folder / "x.json")[-1].endswith(MESSAGE)
    assert (folder / "x.json").read_text() == "old"
    assert sorted(os.listdir(folder)) == ["filler", "more", "x.json"]


@pytest.mark.slow
def test_verilog(settings_file, disk, tmp_path):
    """In the output folder, and where temporary files lie: Yosys itself does not notice."""
    folder = disk(20_000)
    assert refusal("emit", settings_file(), "--output", folder / "e") == [f"{folder}/e/bephw_trainer.v: {MESSAGE}"]
    assert os.listdir(folder / "e") == []
    (line,) = refusal("emit", settings_file(), "--output", tmp_path / "e", TMPDIR=str(folder))
    assert line.startswith(f"{folder}/bephw-") and line.endswith(MESSAGE)
    assert os.listdir(tmp_path / "e") == []


@pytest.mark.parametrize("free", [0, pytest.param(12_000, marks=pytest.mark.slow), 60_000])
def test_simulation(settings_file, disk, free):
    folder = disk(free)
    options = ("--samples", 10, "--held-out", 1, "--simulator", "icarus")
    lines = refusal("sim", settings_file(), *options, "--workdir", folder / "w")
    assert len(lines) == 1 and str(folder) in lines[0] and lines[0].endswith(MESSAGE)


def test_standard_output():
    done = subprocess.run(
        f"{sys.executable} -m bephw boards > /dev/full", shell=True, stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stderr) == (2, f"bephw: error: standard output: {MESSAGE}\n")
    closed = subprocess.run(f"{sys.executable} -m bephw boards >&-", shell=True, stderr=subprocess.PIPE, text=True)
    assert (closed.returncode, closed.stderr) == (0, "")


def test_results_are_kept_where_they_cannot_be_printed(settings_file, tmp_path):
    command = f"{sys.executable} -m bephw train {settings_file()} --epochs 1 --json {tmp_path}/x.json > /dev/full"
    assert subprocess.run(command, shell=True, capture_output=True).returncode == 2
    assert (tmp_path / "x.json").exists()
