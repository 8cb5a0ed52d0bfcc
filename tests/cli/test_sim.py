"""The emitted Verilog against the golden model from the command line; and a fault that must be seen."""

import json

import numpy as np
import pytest

from bephw.flow import cosimulation
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.settings import Settings
from bephw.toolchain import find

KEYS = {"samples", "mismatches", "cycles", "cycles_per_sample", "lanes", "efficiency"}


def test_everything_equal(run, settings_file, workdir, tmp_path):
    figures = tmp_path / "sim.json"
    code, out, err = run(
        *("sim", settings_file(), "--epochs", 2, "--samples", 60, "--held-out", 20),
        *("--workdir", workdir, "--json", figures),
    )
    assert code == 0, out + err
    assert "mismatches: 0" in out
    document = json.loads(figures.read_text())
    assert document.keys() >= KEYS
    assert document["samples"] == 120
    assert document["mismatches"] == 0
    assert document["cycles_per_sample"] == document["cycles"] / 120
    work = 64 * 6 + 6 * 10
    assert document["efficiency"] == work / (document["lanes"] * document["cycles_per_sample"])
    assert document["inference_samples"] == 20
    compared = {row["what"]: row["values"] for row in document["compared"]}
    assert compared["predictions while learning"] == 120
    assert compared["predictions of held-out samples"] == 20
    assert compared["counters 0"] == 64 * 6
    assert compared["generator"] == compared["accumulator"] == 1


def test_the_average_of_the_weights(run, settings_file, workdir, tmp_path):
    figures = tmp_path / "sim.json"
    averaged = ("--set", "learning.average=2", "--average")
    code, out, err = run(
        *("sim", settings_file(), *averaged, "--epochs", 2, "--samples", 30, "--held-out", 20),
        *("--workdir", workdir, "--json", figures),
    )
    assert code == 0, out + err
    assert "with their average" in out
    document = json.loads(figures.read_text())
    compared = {row["what"]: row["values"] for row in document["compared"]}
    assert compared["predictions with the average"] == 2 * 20
    assert compared["average of weights 0"] == 64 * 6
    assert document["inference_samples"] == 20
    assert document["average_accuracy"] == document["average_accuracies"][1]


def test_an_average_that_is_not_kept(run, settings_file, workdir, monkeypatch):
    """What the golden model averages differently is told, and fails."""
    honest = cosimulation.WeightAverage.add

    def wrong(average, state):
        honest(average, state)
        average.weights[0][1, 2] += 1
        return average

    monkeypatch.setattr(cosimulation.WeightAverage, "add", wrong)
    code, out, _ = run(
        *("sim", settings_file(), "--set", "learning.average=2", "--average", "--samples", 10, "--held-out", 2),
        *("--workdir", workdir),
    )
    assert code == 1
    assert "average of weights 0[1, 2]: must be " in out


def test_an_average_needs_a_memory(refuse, settings_file, tmp_path):
    line = refuse("sim", settings_file(), "--average", "--workdir", tmp_path / "work")
    assert line.startswith("learning.average must be given for the average of the weights (--average): ")
    line = refuse("sim", settings_file(), "--average", "--inference", "folded", "--state", "s.npz")
    assert line == "--average is for training: leave it out with --inference"


SERIES = """
network = { sizes = [0, 9, 6], classes = 0 }
learning = { algorithm = "bep-tt" }
hardware = { rows = [4, 2, 2], columns = [5, 3, 3], stream_width = 2 }
"""


def test_inference_of_a_recurrent_network(run, refuse, tmp_path):
    """From the data to predictions of the emitted Verilog, with everything that can be left open."""
    generator = np.random.default_rng(0)
    x = generator.integers(0, 2, (60, 6, 3))
    y = x[:, 0, 0] + x[:, 5, 1]
    np.savez(tmp_path / "series.npz", x_train=x[:40], y_train=y[:40], x_test=x[40:], y_test=y[40:])
    path, state, figures = tmp_path / "series.toml", tmp_path / "state.npz", tmp_path / "sim.json"
    path.write_text(
        f'{SERIES}data = {{ name = "npz", path = "{tmp_path}/series.npz", encoder = {{ kind = "none" }} }}\n'
    )
    assert run("train", path, "--epochs", 2, "--state", state)[0] == 0
    more = ("--set", "data.steps=9")
    for options in ((), more):
        code, out, err = run(
            *("sim", path, *options, "--inference", "folded", "--state", state),
            *("--workdir", tmp_path / "work", "--json", figures, "--simulator", simulator_at_hand()),
        )
        assert code == 0, out + err
        document = json.loads(figures.read_text())
        assert document["compared"] == [{"what": "predictions of held-out samples", "values": 20, "mismatches": 0}]
        most = document["latency"] + 20 * document["interval"]
        assert 20 * document["interval"] <= 20 * document["inference_cycles_per_sample"] <= most
    assert run("emit", path, "--inference", "folded", "--state", state, "--output", tmp_path / "out")[0] == 0
    manifest = json.loads((tmp_path / "out" / "bephw_inference.json").read_text())
    assert manifest["settings"]["data"]["steps"] == manifest["streams"]["samples"]["most_steps"] == 6
    for command in ("emit", "sim"):
        line = refuse(command, path, "--inference", "unrolled", "--state", state)
        assert line.startswith("inference must be folded for a recurrent network")
    line = refuse("sim", path, "--set", "data.steps=4", "--inference", "folded", "--state", state)
    assert line.startswith("data.steps must be at least 6")


@pytest.mark.parametrize("engine", [pytest.param("cocotb", marks=pytest.mark.slow), "fast"])
def test_a_difference_is_told_and_fails(run, settings_file, tmp_path, monkeypatch, engine):
    honest = cosimulation.expected

    def wrong(*arguments, **options):
        golden = honest(*arguments, **options)
        golden.prediction[7] = (golden.prediction[7] + 1) % 10
        golden.end.counters[0][2, 3] += 1
        return golden

    monkeypatch.setattr(cosimulation, "expected", wrong)
    code, out, _ = run(
        "sim", settings_file(), "--engine", engine, "--samples", 10, "--held-out", 0, "--workdir", tmp_path / "work"
    )
    assert code == 1
    assert "mismatches: 2" in out
    assert "predictions while learning[7]: must be " in out
    assert "counters 0[2, 3]: must be " in out


@pytest.fixture
def state_file(settings_file, tmp_path):
    """A fresh network of the settings."""
    from bephw.cli.options import read_settings

    path = tmp_path / "state.npz"
    initial_state(read_settings(settings_file())).save(path)
    return path


@pytest.mark.parametrize("style", ["unrolled", "folded"])
def test_inference_alone(run, settings_file, state_file, workdir, tmp_path, style):
    figures = tmp_path / "sim.json"
    code, out, err = run(
        *("sim", settings_file(), "--inference", style, "--state", state_file, "--held-out", 40),
        *("--workdir", workdir, "--json", figures),
    )
    assert code == 0, out + err
    assert "mismatches: 0" in out
    document = json.loads(figures.read_text())
    assert document["inference"] == style
    assert document["inference_samples"] == 40
    assert document["compared"] == [{"what": "predictions of held-out samples", "values": 40, "mismatches": 0}]
    cycles = document["latency"] + 39 * document["interval"]
    assert cycles <= 40 * document["inference_cycles_per_sample"] <= cycles + 5


def test_a_wrong_prediction_is_told_and_fails(run, settings_file, state_file, workdir, monkeypatch):
    honest = GoldenModel.predict

    def wrong(model, x):
        prediction, logits = honest(model, x)
        prediction[3] = (prediction[3] + 1) % 10
        return prediction, logits

    monkeypatch.setattr(GoldenModel, "predict", wrong)
    code, out, _ = run(
        *("sim", settings_file(), "--inference", "folded", "--state", state_file, "--held-out", 5),
        *("--workdir", workdir),
    )
    assert code == 1
    assert "mismatches: 1" in out
    assert "predictions of held-out samples[3]: must be " in out


def test_inference_and_state_go_together(refuse, settings_file, state_file):
    assert refuse("sim", settings_file(), "--state", state_file) == "--inference and --state must be given together"


def test_waves_are_recorded(run, settings_file, tmp_path):
    """And the folders may have any names."""
    folder = tmp_path / "a b ü"
    waves = folder / "new" / "waves.vcd"
    code, out, err = run(
        *("sim", settings_file(), "--samples", 3, "--held-out", 2, "--workdir", folder / "work"),
        *("--simulator", simulator_at_hand(), "--waves", waves),
    )
    assert code == 0, out + err
    text = waves.read_text()
    assert "$enddefinitions" in text
    assert all(f" {name}" in text for name in ("samples__payload", "predictions__valid", "csr__address", "layer_0"))


def simulator_at_hand():
    """Icarus, which starts at once, where it is installed."""
    return "icarus" if find("iverilog") else "verilator"


@pytest.mark.parametrize("inference", [(), ("--inference", "folded")])
def test_names_of_waves_are_checked_before_the_run(refuse, settings_file, state_file, tmp_path, inference):
    options = (*inference, "--state", state_file) if inference else ()
    path = tmp_path / "new" / "waves.gtkw"
    line = refuse("sim", settings_file(), *options, "--waves", path, "--workdir", tmp_path / "work")
    assert line == f"waves {path}: the name must end in .vcd or .fst, which says the format"
    assert not path.parent.exists()
    folder = tmp_path / "folder.vcd"
    folder.mkdir()
    assert str(folder) in refuse("sim", settings_file(), *options, "--waves", folder, "--workdir", tmp_path / "work")
    assert not (tmp_path / "work").exists()


LOCAL = ("--set", "learning.algorithm=lbes", "--set", "network.sizes=[5, 3, 4]", "--set", "learning.average=2")


@pytest.mark.parametrize(
    "style", [(), (*LOCAL, "--average"), ("--inference", "unrolled"), ("--inference", "folded")], ids=str
)
def test_two_classes(run, tmp_path, style):
    """Ports of one bit, on data of one's own."""
    generator = np.random.default_rng(0)
    x = generator.integers(0, 2, (60, 5)).astype(np.uint8)
    y = (x.sum(axis=1) > 2).astype(int)
    np.savez(tmp_path / "two.npz", x_train=x[:50], y_train=y[:50], x_test=x[50:], y_test=y[50:])
    path = tmp_path / "two.toml"
    path.write_text(
        f"network = {{ sizes = [5, 3], classes = 2 }}\nhardware = {{ stream_width = 1 }}\n"
        f'data = {{ name = "npz", path = "{tmp_path}/two.npz", encoder = {{ kind = "none" }} }}\n'
    )
    state = tmp_path / "state.npz"
    initial_state(Settings.from_toml(path)).save(state)
    options = ("--state", state) if "--inference" in style else ("--samples", 20)
    simulator = ("--simulator", simulator_at_hand())
    code, out, err = run("sim", path, *style, *options, *simulator, "--held-out", 5, "--workdir", tmp_path / "work")
    assert code == 0, out + err
    assert "mismatches: 0" in out


@pytest.fixture
def series(tmp_path):
    """A settings file of a recurrent network whose data say how long series are."""
    generator = np.random.default_rng(1)
    x = generator.integers(0, 2, (40, 23))
    np.savez(tmp_path / "series.npz", x_train=x[:30], y_train=x[:30, 0], x_test=x[30:], y_test=x[30:, 0])
    path = tmp_path / "series.toml"
    path.write_text(
        "network = { sizes = [0, 6, 4], classes = 2 }\n"
        'learning = { algorithm = "bep-tt", gamma = 2, batch = 7, nu = 0.4 }\n'
        "hardware = { rows = 4, columns = 5, stream_width = 3 }\n"
        f'data = {{ name = "npz", path = "{tmp_path}/series.npz", window = 4, encoder = {{ kind = "none" }} }}\n'
    )
    return path


@pytest.mark.parametrize(
    ("change", "most"),
    [pytest.param((), 6, marks=pytest.mark.slow), (("--set", "data.steps=9"), 9)],
    ids=["open", "longer"],
)
def test_series(run, series, tmp_path, change, most):
    """As long as the data have them, in hardware for such or for longer ones."""
    figures = tmp_path / "sim.json"
    code, out, err = run(
        *("sim", series, *change, "--samples", 20, "--held-out", 5, "--simulator", simulator_at_hand()),
        *("--workdir", tmp_path / "work", "--json", figures),
    )
    assert code == 0, out + err
    document = json.loads(figures.read_text())
    assert document["mismatches"] == 0
    assert document["settings"]["data"]["steps"] == most
    assert document["data"]["steps"] == 6
    assert document["cycles_per_sample"] >= 6 * 2 * 2
    work = 6 * 6 * (4 + 6) + 4 * 6 + 2 * 4
    assert document["efficiency"] == work / (document["lanes"] * document["cycles_per_sample"])


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (("--bus", "wishbone", "--engine", "fast"), "engine 'fast' drives bus 'native' only, not 'wishbone'"),
        (
            ("--bus", "wishbone", "--inference", "folded", "--state", "missing.npz"),
            "--bus must be native or axi4-lite (AXI4-Stream) with --inference, which has no registers, not wishbone",
        ),
    ],
)
def test_a_bus_that_does_not_go(refuse, settings_file, tmp_path, options, rule):
    assert refuse("sim", settings_file(), *options, "--workdir", tmp_path / "work") == rule
    assert not (tmp_path / "work").exists()
