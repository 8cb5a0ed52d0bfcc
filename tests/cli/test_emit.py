"""Verilog and manifest: the manifest says what the Verilog is."""

import hashlib
import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    """Folder with trainer.v and trainer.json."""
    from bephw.cli import main

    folder = tmp_path_factory.mktemp("emit")
    path = folder / "settings.toml"
    path.write_text("[network]\nsizes = [12, 6, 4]\nclasses = 3\n[hardware]\ncolumns = 4\nstream_width = 5\n")
    assert main(["emit", str(path), "--output", str(folder), "--name", "trainer"]) == 0
    return folder


def test_manifest(emitted):
    manifest = json.loads((emitted / "trainer.json").read_text())
    verilog = (emitted / "trainer.v").read_bytes()
    assert manifest["verilog_sha256"] == hashlib.sha256(verilog).hexdigest()
    ports = {port["name"]: port for port in manifest["ports"]}
    assert ports["samples__payload"] == {
        "name": "samples__payload",
        "direction": "input",
        "width": 5 + 2,
        "stream": "samples",
        "meaning": "bits 4-0: inputs, the first lowest; bits 6-5: label",
    }
    assert ports["predictions__valid"]["direction"] == "output"
    assert ports["csr__write_data"]["width"] == 32
    assert {"clk", "rst", "load__ready", "dump__payload"} <= set(ports)
    for name, fields in manifest["fields"].items():
        assert sum(field["width"] for field in fields) == ports[name]["width"]
    assert manifest["registers"][0]["name"] == "identity"
    assert [space["shape"] for space in manifest["spaces"]] == [[6, 12], [4, 6], [3, 4]]
    assert manifest["settings"]["network"]["classes"] == 3


@pytest.mark.parametrize("bus", ["wishbone", "axi4-lite"])
def test_a_bus(run, emitted, tmp_path, bus):
    """The head of the Verilog has the command that makes it again."""
    code, _, err = run("emit", emitted / "settings.toml", "--output", tmp_path, "--bus", bus, "--vectors", 0)
    assert code == 0, err
    manifest = json.loads((tmp_path / "bephw_trainer.json").read_text())
    assert manifest["bus"] == bus
    text = (tmp_path / "bephw_trainer.v").read_text()
    assert f"--name bephw_trainer --vectors 0 --bus {bus}\n" in text
    assert ("s_axi_awaddr" in text) == (bus == "axi4-lite")


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (("--bus", "apb"), "Invalid value for '--bus': 'apb' is not one of 'native', 'wishbone', 'axi4-lite'."),
        (
            ("--bus", "wishbone", "--inference", "--state", "missing.npz"),
            "--bus must be native or axi4-lite (AXI4-Stream) with --inference, which has no registers, not wishbone",
        ),
    ],
)
def test_a_bus_that_does_not_go(refuse, emitted, tmp_path, options, rule):
    assert refuse("emit", emitted / "settings.toml", "--output", tmp_path / "o", *options) == rule
    assert not (tmp_path / "o").exists()


def test_same_settings_same_text(emitted, run, tmp_path):
    path = emitted / "settings.toml"
    assert run("emit", path, "--output", tmp_path, "--name", "trainer")[0] == 0
    assert (tmp_path / "trainer.v").read_bytes() == (emitted / "trainer.v").read_bytes()


def test_bad_module_name(refuse, emitted, tmp_path):
    line = refuse("emit", emitted / "settings.toml", "--output", tmp_path, "--name", "no good")
    assert line == "module name must be letters, digits and underscores, not 'no good'"
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def inference(emitted):
    """Settings file and state file."""
    from bephw.cli.options import read_settings
    from bephw.golden.initial import initial_state

    path = emitted / "settings.toml"
    initial_state(read_settings(path, ())).save(emitted / "state.npz")
    return path, emitted / "state.npz"


@pytest.mark.parametrize("style", [[], ["unrolled"]])
def test_inference(run, inference, tmp_path, style):
    settings, state = inference
    code, out, _ = run("emit", settings, "--state", state, "--output", tmp_path, "--inference", *style)
    assert code == 0
    assert "bephw_inference.v" in out
    manifest = json.loads((tmp_path / "bephw_inference.json").read_text())
    ports = {port["name"]: port["width"] for port in manifest["ports"]}
    assert ports == {
        "clk": 1,
        "rst": 1,
        "samples__payload": 12,
        "samples__valid": 1,
        "samples__ready": 1,
        "predictions__payload": 2,
        "predictions__valid": 1,
        "predictions__ready": 1,
    }
    assert manifest["fields"]["predictions__payload"] == [{"name": "label", "offset": 0, "width": 2}]
    assert manifest["inference"] == "unrolled"
    assert manifest["interval"] == 1
    assert manifest["latency"] > 5


def test_folded_inference(run, inference, tmp_path):
    """Words of a stream as the trainer's, but without labels."""
    settings, state = inference
    code, _, _ = run("emit", settings, "--state", state, "--output", tmp_path, "--inference", "folded")
    assert code == 0
    manifest = json.loads((tmp_path / "bephw_inference.json").read_text())
    ports = {port["name"]: port["width"] for port in manifest["ports"]}
    assert ports["samples__payload"] == 5
    assert len(ports) == 8
    assert manifest["fields"]["samples__payload"] == [{"name": "data", "offset": 0, "width": 5}]
    assert manifest["inference"] == "folded"
    assert manifest["interval"] == 3 * 6  # words x groups of the first layer
    assert manifest["latency"] > 3 * 6 + 3 * 2


def test_inference_needs_a_trained_state(refuse, inference, tmp_path):
    line = refuse("emit", inference[0], "--output", tmp_path, "--inference", "unrolled")
    assert line == "--state must be given for --inference unrolled: a trained network"
    assert not list(tmp_path.iterdir())


def test_inputs_that_the_data_know(run, settings_file, tmp_path):
    path = settings_file("[64, 6]", "[0, 6]")
    assert run("emit", path, "--output", tmp_path / "open")[0] == 0
    assert run("emit", settings_file(), "--output", tmp_path / "said")[0] == 0
    first, second = (tmp_path / name / "bephw_trainer.v" for name in ("open", "said"))
    assert first.read_text() == second.read_text()
    manifest = json.loads((tmp_path / "open" / "bephw_trainer.json").read_text())
    assert manifest["settings"]["network"]["sizes"] == [64, 6]


def test_inputs_that_the_state_knows(run, refuse, settings_file, tmp_path):
    assert run("train", settings_file(), "--epochs", 1, "--state", tmp_path / "s.npz")[0] == 0
    path = settings_file("[64, 6]", "[0, 6]")
    missing = ("--set", "data.name=npz", "--set", "data.path=no.npz")
    for style in ((), ("--inference",)):
        code, _, err = run("emit", path, *missing, "--state", tmp_path / "s.npz", "--output", tmp_path / "o", *style)
        assert code == 0, err
    assert refuse("emit", path, *missing, "--output", tmp_path / "o").startswith("network.sizes[0] must be a number")


def test_random_samples_where_the_data_do_not_fit(run, emitted, tmp_path):
    path = emitted / "settings.toml"
    code, _, err = run("emit", path, "--output", tmp_path, "--vectors", 3, "--json", tmp_path / "figures.json")
    assert code == 0
    (warning,) = json.loads((tmp_path / "figures.json").read_text())["warnings"]
    assert warning.startswith("vectors and testbench have random samples, as the data set cannot be used: ")
    assert err.splitlines() == [f"bephw: warning: {warning}"]
    assert json.loads((tmp_path / "bephw_trainer.json").read_text())["samples"] == "random samples"
    assert "random samples" in (tmp_path / "bephw_trainer_tb.v").read_text()


def test_named_data_have_to_fit(run, refuse, emitted, tmp_path):
    """They are an error where the settings name them, unless they are not on this machine."""
    path, x = emitted / "settings.toml", np.zeros((8, 63), np.uint8)
    np.savez(tmp_path / "d.npz", x_train=x, y_train=[0, 1] * 4, x_test=x, y_test=[0, 1] * 4)
    data = ("--set", "data.name=npz", "--set", "data.encoder.kind=none", "--set")
    refusal = refuse("emit", path, *data, f"data.path={tmp_path / 'd.npz'}", "--output", tmp_path / "o")
    assert refusal.startswith("network.sizes[0] must be 63, the bits of an encoded sample ")
    assert not (tmp_path / "o").exists()
    code, _, err = run("emit", path, *data, "data.path=no.npz", "--output", tmp_path / "o")
    assert code == 0
    assert "random samples, as the data set cannot be used: no.npz: cannot be read" in err


@pytest.mark.parametrize("command", ["emit", "build", "sim", "train"])
@pytest.mark.parametrize(
    ("sizes", "data", "rule"),
    [
        ("[3, 5, 4]", {"steps": 4}, "data.steps must be at least 5 (as many as the samples of s.npz have), not 4"),
        ("[0, 5, 4]", {"steps": 4}, "data.steps must be at least 5 (as many as the samples of s.npz have), not 4"),
        (
            "[3, 5, 4]",
            {"steps": 4, "window": 3},
            "data.steps must be at least 5 (as many as the samples of s.npz have), not 4",
        ),
        (
            "[4, 5, 4]",
            {"steps": 5},
            "network.sizes[0] must be 3, the bits of an encoded step (s.npz, encoder none), not 4",
        ),
        ("[3, 5, 4]", {"steps": 0}, "data.steps: must be at least 1, not 0"),
        ("[3, 5, 4]", {"steps": -1}, "data.steps: must be at least 1, not -1"),
        ("[3, 5, 4]", {"steps": 2.5}, "data.steps: must be an integer, not 2.5"),
    ],
)
def test_series_that_do_not_fit(refuse, tmp_path, monkeypatch, command, sizes, data, rule):
    """One line, before any tool runs."""
    monkeypatch.chdir(tmp_path)
    x = np.zeros((8, 15) if "window" in data else (8, 5, 3), np.uint8)
    np.savez(tmp_path / "s.npz", x_train=x, y_train=[0, 1] * 4, x_test=x, y_test=[0, 1] * 4)
    lines = [f"{name} = {value}" for name, value in data.items()]
    (tmp_path / "s.toml").write_text(
        f'[network]\nsizes = {sizes}\nclasses = 2\n[learning]\nalgorithm = "bep-tt"\n[data]\nname = "npz"\n'
        'path = "s.npz"\nencoder.kind = "none"\n' + "\n".join(lines)
    )
    assert rule in refuse(command, "s.toml")
    assert not list(tmp_path.glob("build/*/*.v"))


def test_no_vectors(run, emitted, tmp_path):
    code, out, err = run("emit", emitted / "settings.toml", "--output", tmp_path, "--vectors", 0)
    assert (code, err) == (0, "")
    assert "testbench" not in out
    assert {path.name for path in tmp_path.iterdir()} == {
        f"bephw_trainer.{ending}" for ending in ("core", "v", "vlt", "json", "rdl", "h")
    }
    assert "_tb.v" not in (tmp_path / "bephw_trainer.v").read_text()


def test_inputs_that_only_the_data_know(run, refuse, settings_file, tmp_path):
    path = settings_file("[64, 6]", "[0, 6]")
    assert run("emit", path, "--output", tmp_path / "out", "--vectors", 0)[0] == 0
    manifest = json.loads((tmp_path / "out" / "bephw_trainer.json").read_text())
    assert manifest["settings"]["network"]["sizes"] == [64, 6]


def test_the_manifest_says_what_labels_stand_for(run, settings_file, tmp_path):
    rows = [f"{i % 7},{i % 3},{('good', 'bad')[i % 2]}" for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,kind", *rows]))
    path = settings_file("columns = 4", f'columns = 4\n[data]\nname = "csv"\npath = "{tmp_path}/t.csv"')
    options = ("--set", "network.sizes=[0, 6]", "--set", "network.classes=0")
    assert run("train", path, *options, "--epochs", 1, "--state", tmp_path / "s.npz")[0] == 0
    for choices in ((), ("--state", tmp_path / "s.npz"), ("--state", tmp_path / "s.npz", "--vectors", 0)):
        assert run("emit", path, *options, *choices, "--output", tmp_path / "out")[0] == 0
        manifest = json.loads((tmp_path / "out" / "bephw_trainer.json").read_text())
        assert manifest["class_names"] == ["bad", "good"]
