"""Learning from the command line: figures, state, curve, and a break in the middle."""

import json

import numpy as np
import pytest


def test_figures_state_and_curve(run, settings_file, tmp_path):
    figures, state, curve = tmp_path / "out" / "f.json", tmp_path / "state.npz", tmp_path / "curve.svg"
    code, out, _ = run("train", settings_file(), "--json", figures, "--state", state, "--curve", curve)
    assert code == 0
    assert "held out:" in out
    document = json.loads(figures.read_text())
    assert document["command"] == "train"
    assert [epoch["epoch"] for epoch in document["epochs"]] == [1, 2]
    assert document["test_accuracy"] == document["epochs"][-1]["test_accuracy"]
    assert document["samples_per_second"] > 0
    assert document["settings"]["network"]["sizes"] == [64, 6]
    assert document["data"]["name"] == "digits"
    assert np.load(state)["counters_0"].shape == (6, 64)
    assert curve.read_text().lstrip().startswith("<?xml")


@pytest.mark.parametrize("option", ["nu = 0.5", "nu = 0.5\nlag = 1\nburst = 4"])
def test_resumed_training_gives_the_same_bits(run, settings_file, tmp_path, option):
    settings = settings_file("nu = 0.5", option)
    whole, parts, checkpoint = tmp_path / "whole.npz", tmp_path / "parts.npz", tmp_path / "checkpoint.npz"
    assert run("train", settings, "--epochs", 3, "--state", whole)[0] == 0
    assert run("train", settings, "--epochs", 1, "--checkpoint", checkpoint)[0] == 0
    code, _, _ = run("train", settings, "--epochs", 3, "--checkpoint", checkpoint, "--resume", "--state", parts)
    assert code == 0
    with np.load(whole) as first, np.load(parts) as second:
        assert first.files == second.files
        for name in first.files:
            np.testing.assert_array_equal(first[name], second[name])


def test_curve_as_a_page(run, settings_file, tmp_path):
    assert run("train", settings_file(), "--curve", tmp_path / "page.html")[0] == 0
    assert "<!DOCTYPE html>" in (tmp_path / "page.html").read_text()


def test_settings_can_be_changed(run, settings_file, tmp_path):
    figures = tmp_path / "f.json"
    assert run("train", settings_file(), "--set", "learning.epochs=1", "--set", "learning.tie=plus", "--json", figures)
    document = json.loads(figures.read_text())
    assert len(document["epochs"]) == 1
    assert document["settings"]["learning"]["tie"] == "plus"


def test_compiling_is_told_and_is_a_figure_of_its_own(run, settings_file, tmp_path, monkeypatch):
    from numba.core.event import trigger_event

    from bephw.golden.model import GoldenModel

    def compiles(self, x):
        with trigger_event("numba:compile"):
            pass

    monkeypatch.setattr(GoldenModel, "warm_up", compiles)
    _, _, err = run("train", settings_file(), "--epochs", 1, "--json", tmp_path / "f.json")
    assert err.count("compiling, once") == 1
    assert json.loads((tmp_path / "f.json").read_text())["compilation_seconds"] > 0
    monkeypatch.undo()
    _, _, err = run("train", settings_file(), "--epochs", 1)
    assert "compiling" not in err
