"""`bephw plan`: what it prints and writes, and what it refuses."""

import json

import pytest

from bephw.settings import Settings


def test_plan_is_a_settings_file(run, settings_file, tmp_path):
    output, figures, picture = tmp_path / "new.toml", tmp_path / "plan.json", tmp_path / "plan.svg"
    options = ("--assume", "--batches", 2, "-o", output, "--json", figures, "--picture", picture)
    code, out, _ = run("plan", settings_file(), "--board", "icebreaker", *options)
    assert code == 0
    assert "bound" in out and "next" in out and "training samples a second" in out
    planned, shown = Settings.from_toml(output), json.loads(figures.read_text())
    assert planned.board.name == "icebreaker"
    assert planned.lanes == shown["lanes"]
    assert planned.network == Settings.from_toml(settings_file()).network
    assert shown["luts"] <= shown["luts_available"] and shown["brams"] <= shown["brams_available"]
    assert "<svg" in picture.read_text()


def test_measured_sparsity(run, settings_file, data_folder, tmp_path):
    figures = tmp_path / "plan.json"
    code, _, _ = run("plan", settings_file(), "--as-it-is", "--batches", 2, "--json", figures)
    shown = json.loads(figures.read_text())
    assert code == 0
    assert shown["settings"]["hardware"]["rows"] == 2
    fresh, trained = (shown["states"][state]["sparsity"] for state in ("fresh", "trained"))
    assert 0 < trained["teaching"] <= fresh["teaching"] <= 1


def test_several_samples_and_a_lag(run, refuse, settings_file, tmp_path):
    """As they are, they are foreseen; else they are chosen, whatever the settings say of them."""
    path, figures = settings_file("nu = 0.5", "lag = 1"), tmp_path / "plan.json"
    sweep = ("--set", "hardware.renewal=sweep")
    several = ("--set", "hardware.samples=2", "--set", "hardware.sample_memory=auto", "--json", figures)
    code, out, _ = run("plan", path, "--assume", "--batches", 2, "--as-it-is", *several)
    assert code == 0
    as_it_is = json.loads(figures.read_text())
    assert as_it_is["settings"]["hardware"]["samples"] == 2
    assert as_it_is["luts"] > 0 and as_it_is["fmax_mhz"] > 0
    assert "samples at a time" in out and "auto, copy" in out
    assert refuse("plan", path, "--assume", "--as-it-is", *sweep).startswith("hardware.renewal must be copy with")
    code, _, _ = run("plan", path, "--assume", "--batches", 2, "--minimise", "area", *sweep, *several)
    assert code == 0
    chosen = json.loads(figures.read_text())["settings"]["hardware"]
    assert (chosen["samples"], chosen["sample_memory"], chosen["renewal"]) == (1, "block", "copy")


def test_smallest_for_a_speed(run, settings_file):
    code, out, _ = run("plan", settings_file(), "--assume", "--batches", 2, "--samples-per-second", 20_000)
    assert code == 0 and "LUTs" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--maximise", "speed", "--minimise", "area"), "--maximise and --minimise contradict each other: give one"),
        (("--samples-per-second", 0), "samples-per-second: must be above 0, not 0.0"),
        (("--batches", 0), "batches: must be at least 1, not 0"),
        (("--board", "nosuch"), "board.name must be one that `bephw boards` lists, not 'nosuch'"),
        (("--picture", "a.gif"), "picture: must end in .svg or .png, not '.gif'"),
    ],
)
def test_bad_input(refuse, settings_file, options, message):
    assert refuse("plan", settings_file(), "--assume", *options) == message


def test_recurrent_networks(run, refuse, tmp_path):
    path, json_path = tmp_path / "recurrent.toml", tmp_path / "plan.json"
    text = '[network]\nsizes = [0, 6, 4]\nclasses = 10\n[learning]\nalgorithm = "bep-tt"\ngamma = 2\nbatch = 5\n'
    text += "[hardware]\nprofile = false\n"
    path.write_text(text + "[data]\nwindow = 8\n")
    code, out, _ = run("plan", path, "--board", "icebreaker", "--minimise", "area", "--batches", 2, "--json", json_path)
    assert code == 0
    assert "layer 0: 14 x 6, 8 steps" in out
    figures = json.loads(json_path.read_text())
    assert figures["settings"]["data"]["steps"] == 8
    for state in figures["states"].values():
        assert state["busy"]["credit_0"] > 0
        assert state["cycles_per_sample"] > figures["inference_cycles_per_sample"] > state["busy"]["forward_0"]
    path.write_text(text + "[data]\nsteps = 3\n")
    assert refuse("plan", path).startswith("data.window: required for recurrent networks")


def test_inputs_left_open_come_from_the_data(run, refuse, settings_file):
    path = settings_file("sizes = [64, 6]", "sizes = [0, 6]")
    code, out, _ = run("plan", path, "--assume", "--batches", 2)
    assert code == 0
    assert "layer 0: 64 x 6" in out
    line = refuse("plan", path, "--assume", "--set", "data.name=npz", "--set", "data.path=no.npz")
    assert line.startswith("network.sizes[0] must be a number, or 0 (as many as the data have) with data that can be")
