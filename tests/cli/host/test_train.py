"""`bephw host train`: the bits of `bephw train`, its figures, and what goes wrong."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest


def same(first, second):
    with np.load(first) as a, np.load(second) as b:
        names = [name for name in a.files if name.startswith(("counters", "prototypes", "generator", "accumulator"))]
        return len(names) > 3 and all((a[name] == b[name]).all() for name in names)


def test_a_board_learns_what_the_golden_model_does(run, settings_path, url, tmp_path):
    board, golden, figures = (tmp_path / name for name in ("board.npz", "golden.npz", "f.json"))
    code, out, err = run("host", "train", settings_path, "--port", url, "--state", board, "--json", figures)
    assert code == 0, err
    assert "held out:" in out
    assert run("train", settings_path, "--state", golden, "--json", tmp_path / "g.json")[0] == 0
    assert same(board, golden)
    found, expected = (json.loads((tmp_path / name).read_text()) for name in ("f.json", "g.json"))
    assert found["command"] == "host train" and found["port"] == url
    for name in ("test_accuracy", "train_accuracy", "data", "settings"):
        assert found[name] == expected[name]
    assert found["samples_per_second"] > 0
    assert set(found["link"]) == {"resent", "repeated", "damaged", "overflow"}
    assert (found["link"]["damaged"], found["link"]["overflow"]) == (0, False)
    samples = found["data"]["train_samples"] + found["data"]["test_samples"]
    assert found["statistics"]["samples"] == 2 * samples
    assert (tmp_path / "board.toml").exists()


def test_killed_in_an_epoch_it_goes_on_to_the_same_bits(run, settings_path, url, tmp_path):
    """kill -9, and the next process goes on from the checkpoint that the first has left."""
    checkpoint = tmp_path / "c.npz"
    command = ["host", "train", settings_path, "--port", url, "--checkpoint", checkpoint, "--checkpoint-every", "100"]
    command += ["--epochs", "1"]
    with subprocess.Popen([sys.executable, "-m", "bephw", *map(str, command)]) as process:
        while process.poll() is None and not (checkpoint.exists() and '"position"' in under_way(checkpoint)):
            time.sleep(0.01)
        assert process.poll() is None, "it has ended by itself"
        os.kill(process.pid, signal.SIGKILL)
    code, _, err = run(*command, "--resume", "--state", tmp_path / "board.npz")
    assert code == 0, err
    assert run("train", settings_path, "--epochs", 1, "--state", tmp_path / "golden.npz")[0] == 0
    assert same(tmp_path / "board.npz", tmp_path / "golden.npz")


def under_way(checkpoint):
    with np.load(checkpoint) as arrays:
        return str(arrays["under_way"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--resume"], "--resume needs --checkpoint FILE, the file to go on from"),
        (["--checkpoint-every", 5], "--checkpoint-every needs --checkpoint FILE, the file to write"),
        (["--set", "hardware.rows=3"], "the board has another trainer: its rows must be 3, not 2"),
        (["--set", "learning.bits=7"], "the board has another trainer: its bits must be 7, not 8"),
        (["--set", "learning.reinforcement=bernoulli"], "learning.reinforcement must be events in hardware, not bern"),
        (["--baud", 5], "board.baud: must be at least 300, not 5"),
    ],
)
def test_what_is_wrong_is_one_line(run, settings_path, url, options, message):
    code, out, err = run("host", "train", settings_path, "--port", url, *options)
    assert (code, out) == (2, "")
    assert message in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("port", "message"),
    [
        ("/dev/no_such_port", "it is not there: is the board plugged in?"),
        ("socket://localhost:1", "nobody listens there, or another host is connected (Connection refused)"),
        ("nonsense://x", "invalid URL, protocol 'nonsense' not known"),
    ],
)
def test_a_port_that_cannot_be_opened(run, settings_path, port, message):
    code, out, err = run("host", "train", settings_path, "--port", port)
    assert (code, out) == (2, "")
    assert err.startswith(f"bephw: error: port {port} cannot be opened: {message}") and err.count("\n") == 1
