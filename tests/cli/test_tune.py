"""`bephw tune`: killed and gone on with; the test samples do not matter; bad input."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from bephw.settings import Settings

pytest.importorskip("optuna")

OUTPUTS = ("trials.json", "best.toml", "trials.svg", "trials.png")
SEARCH = """
title = "Random"
trials = 6
[settings.network]
sizes = [16, 6]
classes = 2
[settings.learning]
batch = 10
epochs = 30
[settings.data]
name = "npz"
path = "DATA"
validation_fraction = 0.25
encoder = { kind = "none" }
[search]
"learning.r" = { low = 0.1, high = 1.0 }
"learning.gamma" = { choices = [1, 2, 3] }
"""


@pytest.fixture
def data_file(tmp_path):
    """`data_file(seed)`: samples whose test part is drawn by `seed`."""
    random = np.random.default_rng(0)
    x = random.integers(0, 2, (300, 16), dtype=np.uint8)
    path = tmp_path / "data.npz"

    def write(seed):
        other = np.random.default_rng(seed)
        x_test, y_test = other.integers(0, 2, (100, 16), dtype=np.uint8), other.integers(0, 2, 100)
        np.savez(path, x_train=x, y_train=x[:, 0] | x[:, 1], x_test=x_test, y_test=y_test)
        return path

    return write


@pytest.fixture
def search_file(tmp_path, data_file):
    """`search_file(old, new, ...)`: a search file with lines replaced."""
    data = data_file(0)

    def write(*changes):
        text = SEARCH.replace("DATA", str(data))
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "search.toml"
        path.write_text(text)
        return path

    return write


def outputs(folder):
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


def test_killed_it_goes_on_to_the_same_outputs_whatever_the_test_samples_are(run, search_file, data_file, tmp_path):
    path, broken, whole = search_file(), tmp_path / "broken", tmp_path / "whole"
    command = [sys.executable, "-m", "bephw", "tune", str(path), "--output", str(broken), "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while not list((broken / "cells").glob("*.json")) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert 0 < len(list((broken / "cells").glob("*.json"))) < 6, "killed in the middle"
    time.sleep(0.2)  # For its worker to notice.
    code, out, _ = run("tune", path, "--output", broken, "--jobs", 1, "--json", tmp_path / "x.json")
    assert code == 0
    assert "6 complete trials" in out
    assert f"best settings: {broken}/best.toml" in out
    assert (tmp_path / "x.json").read_bytes() == (broken / "trials.json").read_bytes()

    data_file(1)
    assert run("tune", path, "--output", whole, "--jobs", 1)[0] == 0
    assert outputs(broken) == outputs(whole)
    for record in (whole / "cells").glob("*.json"):
        assert {epoch["test_accuracy"] for epoch in json.loads(record.read_text())["epochs"]} == {None}
    Settings.from_toml(whole / "best.toml")

    code, out, err = run("tune", path, "--output", whole)
    assert (code, err) == (0, ""), "nothing is left to do"


def test_no_validation_samples(refuse, search_file, tmp_path):
    path = search_file("validation_fraction = 0.25", "")
    line = refuse("tune", path, "--output", tmp_path / "out", "--jobs", 1)
    assert line.startswith("trial 0, seed 0: ")
    assert line.endswith("no validation samples to choose by: set data.validation_fraction")


def test_bad_input(refuse, search_file, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert refuse("tune", tmp_path / "no.toml").endswith("no.toml: cannot be read: No such file or directory")
    line = refuse("tune", search_file("classes = 2", "classes = 1"), "--output", out)
    rule = "must be at least 2 (or 0, as many as the data have), not 1"
    assert line == f"search {tmp_path / 'search.toml'}: network.classes {rule}"
    assert not out.exists()
    line = refuse("tune", search_file(), "--jobs", 2, "--scheduler", "tcp://127.0.0.1:9")
    assert line == "--jobs is for local processes: leave it out with --scheduler"
    monkeypatch.setitem(sys.modules, "optuna", None)
    line = refuse("tune", search_file(), "--output", out)
    assert line.startswith("bephw tune needs Optuna: pip install 'bephw[search]'")


def test_a_search_goes_on_as_it_was_begun(refuse, search_file, tmp_path):
    out = tmp_path / "out"
    no_data = ('path = "', 'path = "/nowhere')
    assert "cannot be read" in refuse("tune", search_file(*no_data), "--output", out, "--jobs", 1)
    line = refuse("tune", search_file(*no_data, "high = 1.0", "high = 2.0"), "--output", out)
    change = "search.learning.r.high was 1.0, and is now 2.0"
    assert line == f"{out}: {change}: a search goes on as it was begun; give another --output"
    (out / "search.json").write_text("{")
    assert refuse("tune", search_file(*no_data), "--output", out).startswith(f"{out}/search.json: damaged (")
