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


def test_smallest_for_a_speed(run, settings_file):
    code, out, _ = run("plan", settings_file(), "--assume", "--batches", 2, "--samples-per-second", 20_000)
    assert code == 0 and "LUTs" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--maximise", "speed", "--minimise", "area"), "--maximise and --minimise contradict each other: give one"),
        (("--samples-per-second", 0), "samples-per-second: must be above 0, not 0.0"),
        (("--batches", 0), "batches: must be at least 1, not 0"),
        (("--board", "nosuch"), "board.name must be one of icebreaker, ulx3s-85f, not 'nosuch'"),
        (("--picture", "a.gif"), "picture: must end in .svg or .png, not '.gif'"),
    ],
)
def test_bad_input(refuse, settings_file, options, message):
    assert refuse("plan", settings_file(), "--assume", *options) == message


def test_recurrent_networks_are_refused(refuse, tmp_path):
    path = tmp_path / "recurrent.toml"
    path.write_text('[network]\nsizes = [8, 6, 4]\nclasses = 2\n[learning]\nalgorithm = "bep-tt"\n[data]\nsteps = 3\n')
    for options in ((), ("--as-it-is",), ("--assume",)):
        line = refuse("plan", path, *options)
        assert line.startswith("learning.algorithm: recurrent networks (bep-tt) cannot be planned yet")


def test_inputs_left_open_come_from_the_data(run, refuse, settings_file):
    path = settings_file("sizes = [64, 6]", "sizes = [0, 6]")
    code, out, _ = run("plan", path, "--assume", "--batches", 2)
    assert code == 0
    assert "layer 0: 64 x 6" in out
    line = refuse("plan", path, "--assume", "--set", "data.name=npz", "--set", "data.path=no.npz")
    assert line.startswith("network.sizes[0] must be a number, or 0 (as many as the data have) with data that can be")
