"""Where commands write: never over what is not theirs, and into whatever is no file."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest


def test_figures_into_a_pipe_and_through_a_link(run, settings_file, tmp_path):
    pipe, link, got = tmp_path / "pipe", tmp_path / "link.json", []
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "target.json")
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    assert run("train", settings_file(), "--epochs", 1, "--json", pipe)[0] == 0
    reader.join(10)
    assert json.loads(got[0])["command"] == "train"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert run("train", settings_file(), "--epochs", 1, "--json", link)[0] == 0
    assert link.is_symlink()
    assert json.loads((tmp_path / "target.json").read_text())["command"] == "train"


def test_a_state_that_goes_nowhere_has_no_settings_beside(run, settings_file):
    assert run("train", settings_file(), "--epochs", 1, "--state", "/dev/null")[0] == 0
    assert not os.path.exists("/dev/null.toml")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--json", "x", "--curve", "x.svg", "--state", "x"), "--json x: would overwrite --state"),
        (("--state", "x.toml"), "settings of --state x.toml: would overwrite --state"),
        (("--checkpoint", "x", "--state", "./x"), "--state x: would overwrite --checkpoint"),
        (("--json", "settings.toml"), "--json settings.toml: would overwrite SETTINGS"),
        (("--state", "settings.npz"), "settings of --state settings.toml: would overwrite SETTINGS"),
        (("--state", "mine.npz"), "--state mine.npz: its settings would overwrite mine.toml"),
    ],
)
def test_training_writes_nothing_twice(refuse, settings_file, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    settings = settings_file()
    (tmp_path / "mine.toml").write_text("# mine")
    before = sorted(os.listdir())
    assert refuse("train", settings, *options) == f"{message}: choose another name"
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize("command", ["emit", "sim", "build", "plan", "accuracy", "tune", "check", "report", "predict"])
def test_no_command_writes_over_what_it_reads(refuse, settings_file, tmp_path, command):
    path = settings_file()
    read = {"accuracy": "examples/tables/quick.toml", "tune": "examples/searches/quick.toml"}.get(command)
    if read:
        (tmp_path / "settings.toml").write_text(Path(read).read_text())
    content = (tmp_path / "settings.toml").read_bytes()
    others = (path,) if command == "predict" else ()
    option = "--output" if command == "report" else "--json"
    assert f"{option} {path}: would overwrite " in refuse(command, path, *others, option, path)
    assert (tmp_path / "settings.toml").read_bytes() == content


def test_a_checkpoint_is_not_overwritten(run, refuse, settings_file, tmp_path):
    checkpoint = tmp_path / "c.npz"
    assert run("train", settings_file(), "--epochs", 2, "--checkpoint", checkpoint)[0] == 0
    content = checkpoint.read_bytes()
    line = refuse("train", settings_file(), "--epochs", 1, "--checkpoint", checkpoint)
    assert line == (
        f"checkpoint {checkpoint}: is there already: go on from it with resume (--resume); or, to begin afresh, "
        "give another file or delete it"
    )
    assert checkpoint.read_bytes() == content
    assert sorted(os.listdir(tmp_path)) == ["c.npz", "settings.toml"]  # And no lock is left.
    for fresh in (tmp_path / "empty.npz", "/dev/null"):
        if fresh != "/dev/null":
            fresh.touch()
        assert run("train", settings_file(), "--epochs", 1, "--checkpoint", fresh)[0] == 0


def test_one_training_at_a_time_has_a_checkpoint(run, refuse, settings_file, tmp_path):
    from bephw.golden.checkpoint import held

    checkpoint = tmp_path / "c.npz"
    assert run("train", settings_file(), "--epochs", 1, "--checkpoint", checkpoint)[0] == 0
    link = tmp_path / "link.npz"
    link.symlink_to(checkpoint)
    with held(checkpoint, resume=True):
        for name in (checkpoint, link):
            line = refuse("train", settings_file(), "--checkpoint", name, "--resume")
            assert line == (
                f"checkpoint {name}: another training writes it (process {os.getpid()}): "
                "wait for it, or give another file"
            )
    assert run("train", settings_file(), "--checkpoint", checkpoint, "--resume")[0] == 0
