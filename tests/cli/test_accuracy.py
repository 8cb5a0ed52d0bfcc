"""`bephw accuracy`: a small table on random samples; stopped, killed, changed, damaged, and gone on with."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bephw.accuracy.cells import cells
from bephw.accuracy.store import locked
from bephw.accuracy.table import read_table
from bephw.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
OUTPUTS = ("table.json", "table.md", "table.svg", "table.png")
TABLE = """
title = "Random"
seeds = [1, 2]
[settings.network]
sizes = [16, 4]
classes = 2
[settings.learning]
gamma = 2
batch = 10
epochs = 3
[settings.data]
name = "npz"
path = "DATA"
encoder = { kind = "none" }
[[rows]]
name = "4"
[[rows]]
name = "8"
set = { "network.sizes" = [16, 8] }
[[columns]]
name = "one"
[[columns]]
name = "two"
set = { "learning.r" = 0.5 }
[[compare]]
column = "two"
against = "one"
"""


@pytest.fixture(scope="module")
def data_file(tmp_path_factory):
    """Random samples that two classes can be told apart by."""
    random = np.random.default_rng(0)
    x = random.integers(0, 2, (400, 16), dtype=np.uint8)
    y = x[:, 0] ^ (x[:, 1] & x[:, 2])
    path = tmp_path_factory.mktemp("data") / "data.npz"
    np.savez(path, x_train=x[:300], y_train=y[:300], x_test=x[300:], y_test=y[300:])
    return path


def write(folder, data_file, *changes):
    """A table file in `folder`, with lines replaced."""
    text = TABLE.replace("DATA", str(data_file))
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    path = folder / "small.toml"
    path.write_text(text)
    return path


@pytest.fixture
def table_file(tmp_path, data_file):
    """`table_file(old, new, ...)`: a table file with lines replaced."""
    return lambda *changes: write(tmp_path, data_file, *changes)


def outputs(folder):
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


def finished(folder):
    return sorted((folder / "cells").glob("*.json"))


def start(path, folder):
    """The command in a process group of its own, stopped or killed as from outside."""
    return subprocess.Popen(
        [sys.executable, "-m", "bephw", "accuracy", str(path), "--output", str(folder), "--jobs", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Of a shell's background job the children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for_a_cell(folder, process):
    until = time.monotonic() + 60
    while not finished(folder) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.002)
    assert finished(folder)


def test_killed_and_stopped_it_goes_on_to_the_same_outputs(run, table_file, tmp_path):
    """SIGKILL, then Ctrl-C, then to the end; and the same table without a break elsewhere."""
    path, broken, whole = (
        table_file("epochs = 3", "epochs = 30", "[1, 2]", "[1, 2, 3]"),
        tmp_path / "broken",
        tmp_path / "whole",
    )
    with start(path, broken) as process:
        wait_for_a_cell(broken, process)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    kept = {file: file.stat().st_mtime_ns for file in finished(broken)}
    assert 0 < len(kept) < 12, "killed in the middle"
    assert not (broken / "table.json").exists()
    time.sleep(0.2)  # For its workers to notice.

    with start(path, broken) as process:
        while len(finished(broken)) <= len(kept) and process.poll() is None:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "bephw: stopped"
    assert len(kept) < len(finished(broken)) < 12
    assert not json.loads((broken / "table.json").read_text())["complete"], "figures so far"

    code, out, _ = run("accuracy", path, "--output", broken, "--jobs", 1)
    assert code == 0
    assert "±" in out
    assert run("accuracy", path, "--output", whole, "--jobs", 1)[0] == 0
    assert outputs(broken) == outputs(whole)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept, "what was finished was not done again"
    assert [file.name for file in finished(broken)] == [file.name for file in finished(whole)]


@pytest.fixture(scope="module")
def finished_folder(tmp_path_factory, data_file):
    """The folder of the unchanged table, finished."""
    folder = tmp_path_factory.mktemp("done")
    assert main(["accuracy", str(write(folder, data_file)), "--output", str(folder / "out"), "--jobs", "1"]) == 0
    return folder / "out"


@pytest.fixture
def folder(finished_folder, tmp_path):
    """A copy of it, to do as a test likes."""
    return shutil.copytree(finished_folder, tmp_path / "copy")


def test_nothing_is_left_to_do(run, table_file, folder, tmp_path):
    before, times = outputs(folder), [file.stat().st_mtime_ns for file in finished(folder)]
    code, out, err = run("accuracy", table_file(), "--output", folder, "--json", tmp_path / "x" / "figures.json")
    assert (code, err) == (0, ""), "no bar where nothing runs"
    assert f"written: {folder}/table.json" in out
    assert [file.stat().st_mtime_ns for file in finished(folder)] == times
    # The command's path differs between the two files; nothing else does.
    assert {**outputs(folder), "table.md": b""} == {**before, "table.md": b""}
    assert json.loads((tmp_path / "x" / "figures.json").read_text()) == json.loads(before["table.json"])


def test_figures(folder):
    figures = json.loads((folder / "table.json").read_text())
    assert (figures["command"], figures["complete"], figures["rows"]) == ("accuracy", True, ["4", "8"])
    assert [cell["n"] for cell in figures["cells"]] == [2, 2, 2, 2]
    for cell in figures["cells"]:
        assert 0.3 < cell["mean"] <= 1
    timings = json.loads((folder / "timings.json").read_text())
    assert set(timings["runs"]) >= {"4, one, seed 1", "8, two, seed 2"}


def test_more_seeds_use_what_is_finished(run, table_file, folder):
    path = table_file("seeds = [1, 2]", "seeds = [1, 2, 3]", 'name = "8"', 'name = "eight"')
    code, out, _ = run("accuracy", path, "--output", folder, "--list")
    assert code == 0
    assert "8 of 12 runs finished" in out
    assert out.count("finished") == 9
    assert run("accuracy", path, "--output", folder, "--jobs", 1)[0] == 0
    assert len(finished(folder)) == 12


def test_changed_settings_are_refused(run, refuse, table_file, folder):
    path = table_file('"learning.r" = 0.5', '"learning.r" = 0.25')
    before = {file: file.read_bytes() for file in finished(folder)}
    assert refuse("accuracy", path, "--output", folder) == (
        f"{folder}: 4, two, seed 1: learning.r was 0.5, and is now 0.25, and 4 finished runs changed so: "
        "give --restart-changed to do them again, or another --output"
    )
    _, out, _ = run("accuracy", path, "--output", folder, "--list")
    assert out.count("changed") == 4
    assert run("accuracy", path, "--output", folder, "--restart-changed", "--jobs", 1)[0] == 0
    assert {file: file.read_bytes() for file in before} == before, "nothing finished is lost"
    assert len(finished(folder)) == 12
    _, out, _ = run("accuracy", path, "--output", folder, "--list")
    assert "8 of 8 runs finished" in out


def test_a_damaged_file_is_named_and_the_others_are_kept(refuse, run, table_file, folder):
    first, *others = finished(folder)
    before = [file.read_bytes() for file in others]
    whole = first.read_bytes()
    first.write_bytes(whole[:100])
    line = refuse("accuracy", table_file(), "--output", folder)
    assert line.startswith(f"{first}: damaged (Invalid JSON: ")
    assert line.endswith(": delete this file, and its run is done again")
    first.unlink()
    table = (folder / "table.json").read_bytes()
    assert run("accuracy", table_file(), "--output", folder, "--jobs", 1)[0] == 0
    assert (folder / "table.json").read_bytes() == table
    assert [file.read_bytes() for file in others] == before


def test_two_at_once(refuse, run, table_file, folder):
    with locked(folder, "bephw accuracy"):
        line = refuse("accuracy", table_file(), "--output", folder)
        assert line.startswith(f"folder {folder}: another bephw accuracy works here (process {os.getpid()})")
        assert run("accuracy", table_file(), "--output", folder, "--list")[0] == 0, "looking is allowed"


def test_bad_input(refuse, table_file, tmp_path):
    out = tmp_path / "out"
    assert refuse("accuracy", tmp_path / "no.toml").endswith("no.toml: cannot be read: No such file or directory")
    path = table_file("gamma = 2", "gamma = 3")
    assert refuse("accuracy", path, "--output", out) == (
        f"table {path}: row 4, column one: learning.gamma[0] must divide the layer's 4 outputs, not 3"
    )
    assert not out.exists(), "nothing is touched before the whole table is valid"
    line = refuse("accuracy", table_file(), "--jobs", 2, "--scheduler", "tcp://127.0.0.1:9")
    assert line == "--jobs is for local processes: leave it out with --scheduler"
    assert refuse("accuracy", table_file(), "--output", out, "--json", tmp_path).endswith("not a file to write")
    (tmp_path / "file").write_text("")
    assert refuse("accuracy", table_file(), "--output", tmp_path / "file").endswith("cannot be made: File exists")


def test_data_that_are_not_there(refuse, table_file, tmp_path):
    path = table_file('path = "', 'path = "/nowhere', "seeds = [1, 2]", "seeds = [1]")
    line = refuse("accuracy", path, "--output", tmp_path / "out", "--jobs", 1)
    assert line.startswith("4, one, seed 1: ")
    assert line.endswith("(4 of 4 runs failed; the others are kept)")


def test_a_cluster(run, table_file, folder, tmp_path):
    distributed = pytest.importorskip("distributed")
    options = {"processes": False, "dashboard_address": None, "host": "tcp://127.0.0.1"}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, **options) as cluster:
        out = tmp_path / "out"
        code, _, _ = run("accuracy", table_file(), "--output", out, "--scheduler", cluster.scheduler_address)
    assert code == 0
    assert (out / "table.json").read_bytes() == (folder / "table.json").read_bytes()


def test_the_example_is_valid():
    path = REPOSITORY / "examples" / "tables" / "quick.toml"
    assert len(cells(read_table(path))) == 8
