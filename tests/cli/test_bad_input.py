"""Every kind of bad input is one clear line and exit code 2, before anything heavy starts."""

import json

import numpy as np
import pytest

COMMANDS = ("train", "emit", "sim", "build")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("gamma = 3", "gama = 3", ("learning.gama", "unknown key")),
        ("[learning]", "[lerning]", ("lerning", "unknown key")),
        ("[64, 6]", "[64, 0]", ("sizes[1]", "1 to 65535", "not 0")),
        ("[64, 6]", "[-1, 6]", ("sizes[0]", "not -1")),
        ("[64, 6]", "[64]", ("network.sizes", "at least 2")),
        ("gamma = 3", "gamma = 4", ("learning.gamma[0]", "must divide the layer's 6 outputs", "not 4")),
        ("gamma = 3", "bits = 1", ("learning.bits", "2", "not 1")),
        ("gamma = 3", "bits = 17", ("learning.bits", "16", "not 17")),
        ("rows = 2", "rows = [7, 1]", ("hardware.rows[0]", "1 to 6", "not 7")),
        ("columns = 4", "columns = 65", ("hardware.columns", "1 to 64", "not 65")),
        ("classes = 10", "classes = 1", ("network.classes", "not 1")),
        ("classes = 10", "classes = ", ("not valid TOML",)),
    ],
)
def test_settings(refuse, settings_file, command, old, new, words):
    line = refuse(command, settings_file(old, new))
    for word in words:
        assert word in line


def test_missing_settings_file(refuse, tmp_path):
    for command in COMMANDS:
        assert refuse(command, tmp_path / "no.toml").endswith("no.toml: cannot be read: No such file or directory")


def test_changes_on_the_command_line(refuse, settings_file):
    assert refuse("train", settings_file(), "--set", "learning.bits=99").startswith("settings: learning.bits")
    assert refuse("train", settings_file(), "--set", "bits") == "--set must be KEY=VALUE, not 'bits'"
    assert "unknown key" in refuse("train", settings_file(), "--set", "learning.nothing=1")


def test_reinforcement_that_hardware_does_not_have(refuse, settings_file):
    for command in ("emit", "sim", "build"):
        line = refuse(command, settings_file("nu = 0.5", 'reinforcement = "bernoulli"'))
        assert line == "learning.reinforcement must be events in hardware, not bernoulli"


@pytest.mark.parametrize("command", [("emit",), ("sim",), ("build",)])
def test_a_lag_that_hardware_does_not_have(refuse, settings_file, monkeypatch, command):
    name, *options = command
    if name != "sim":  # It looks for its tools first.
        monkeypatch.setenv("PATH", "")
    line = refuse(name, settings_file("nu = 0.5", "lag = 1"), *options, "--set", "hardware.renewal=sweep")
    assert line == "hardware.renewal must be copy with learning.lag 1, not sweep"


def test_a_lag_with_the_average_on_the_board(refuse, settings_file):
    line = refuse("sim", settings_file("nu = 0.5", "lag = 1\naverage = 2"), "--average")
    assert line.startswith("learning.lag must be 0 for the average of the weights (--average), not 1")


def test_bursts_that_nobody_has(refuse, settings_file):
    for command in ("emit", "sim", "build", "plan", "train"):
        line = refuse(command, settings_file("nu = 0.5", "burst = 3"))
        assert line.endswith("learning.burst must be 1, 2, 4, 8 or 16, not 3")


def test_labels_outside_the_classes(refuse, settings_file):
    for command in ("train", "sim"):
        line = refuse(command, settings_file("classes = 10", "classes = 5"))
        assert line.startswith("digits: y_train: label of sample ")
        assert "must be 0 to 4" in line


def test_inputs_that_the_encoder_does_not_give(refuse, settings_file):
    line = refuse("train", settings_file("[64, 6]", "[100, 6]"))
    assert line.startswith("network.sizes[0] must be 64,")
    assert line.endswith("not 100")


def test_unknown_board(refuse, settings_file):
    line = refuse("build", settings_file(), "--board", "nonsense")
    assert line == "board.name must be one that `bephw boards` lists, not 'nonsense'"


def test_network_too_big_for_the_board(refuse, settings_file, tmp_path):
    path = settings_file("[64, 6]", "[4096, 4098]")
    line = refuse("build", path, "--board", "icebreaker", "--output", tmp_path / "out")
    assert "icebreaker" in line


def test_output_that_cannot_be_written(refuse, settings_file, tmp_path):
    (tmp_path / "file").write_text("")
    inside = tmp_path / "file" / "out.json"
    for command in ("train", "emit", "sim", "build"):
        line = refuse(command, settings_file(), "--json", inside)
        assert line == f"folder {inside.parent}: cannot be made: File exists"
    assert refuse("train", settings_file(), "--json", tmp_path) == f"{tmp_path}: is a folder, not a file to write"


def test_training_options(refuse, settings_file, tmp_path):
    assert refuse("train", settings_file(), "--resume").startswith("--resume needs --checkpoint")
    assert refuse("train", settings_file(), "--curve", "x.gif") == "--curve must end in .svg, .png, .html, not 'x.gif'"
    line = refuse("train", settings_file(), "--resume", "--checkpoint", tmp_path / "no.npz")
    assert "no.npz" in line


def test_state_of_another_network(refuse, settings_file, tmp_path):
    path = tmp_path / "state.npz"
    np.savez(path, prototypes=np.zeros((10, 6), np.uint8))
    line = refuse("emit", settings_file(), "--state", path)
    assert line.startswith(f"{path}: ")
    assert "counters_0 is missing" in line


def test_reports_from_other_files(refuse, tmp_path):
    path = tmp_path / "x.json"
    page = ("--output", tmp_path / "page.html")
    assert refuse("report", path, *page) == f"{path}: cannot be read: No such file or directory"
    path.write_text("{")
    assert refuse("report", path, *page).startswith(f"{path}: not valid JSON: ")
    path.write_text("{}")
    assert refuse("report", path, *page).startswith(f"{path}: must be an object with a key 'command'")
    path.write_text('{"command": "train", "epochs": 3}')
    assert refuse("report", path, *page).startswith(f"{path}: ")


def test_missing_tools(refuse, settings_file, monkeypatch):
    from bephw import toolchain

    monkeypatch.setattr(toolchain, "find", lambda name: None)
    for command in ("emit", "sim", "build"):
        line = refuse(command, settings_file(), "--set", "network.sizes=[64, 6]")
        assert "was not found: install it with" in line


@pytest.fixture
def vector(vectors_folder, tmp_path):
    """A vector file with arrays changed (or, for None, left out)."""

    def write(**changes):
        with np.load(vectors_folder / "mlp_one_layer.npz") as file:
            arrays = {name: file[name] for name in file.files}
        for name, change in changes.items():
            arrays[name] = change(arrays[name]) if change else None
        path = tmp_path / "changed.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return path

    return write


@pytest.mark.parametrize("name", ["meta", "x", "y", "prototypes", "counters_0", "prediction", "final_0", "generator"])
def test_vectors_with_missing_arrays(refuse, vector, name):
    line = refuse("check", vector(**{name: None}))
    assert name in line


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("x", lambda array: array[:, :-1]),
        ("x", lambda array: array + 1),
        ("y", lambda array: array[:-1]),
        ("y", lambda array: array.astype(float)),
        ("prototypes", lambda array: array[:-1]),
        ("counters_0", lambda array: array.T),
        ("final_0", lambda array: array[:-1]),
        ("taught", lambda array: array[:-1]),
        ("meta", lambda array: np.array("{")),
    ],
)
def test_vectors_with_misshapen_arrays(refuse, vector, name, change):
    line = refuse("check", vector(**{name: change}))
    assert name in line


def test_vectors_of_other_algorithms_and_other_files(refuse, vectors_folder, tmp_path):
    with np.load(vectors_folder / "lbes_two_layers.npz") as arrays:
        for missing in ("prototypes_0", "prototypes_1"):
            np.savez(tmp_path / "one.npz", **{name: arrays[name] for name in arrays.files if name != missing})
            assert f"{missing} is missing" in refuse("check", tmp_path / "one.npz", "--rtl")
    assert "cannot be read" in refuse("check", tmp_path / "no.npz")
    (tmp_path / "text.npz").write_text("x")
    assert "not a whole .npz file" in refuse("check", tmp_path / "text.npz")


def test_folding_of_check(refuse, vectors_folder):
    vector = vectors_folder / "mlp_one_layer.npz"
    assert refuse("check", vector, "--rtl", "--rows", "0") == "hardware.rows: must be at least 1, not 0"
    assert "--simulator" in refuse("check", vector, "--rtl", "--simulator", "nonsense")


RECURRENT = """
network = { sizes = [3, 6, 4], classes = 2 }
learning = { algorithm = "bep-tt" }
hardware = { columns = 4 }
data = { name = "npz", path = "PATH", window = 3, encoder = { kind = "none" } }
"""


@pytest.fixture
def series_file(tmp_path):
    """A settings file of a recurrent network for series of 5 steps of 3 bits; with lines replaced, as a function."""
    x = np.random.default_rng(0).integers(0, 2, (12, 15))
    y = np.arange(12) % 2
    np.savez(tmp_path / "series.npz", x_train=x, y_train=y, x_test=x, y_test=y)

    def write(old="", new=""):
        assert old in RECURRENT
        path = tmp_path / "recurrent.toml"
        path.write_text(RECURRENT.replace(old, new, 1).replace("PATH", str(tmp_path / "series.npz")))
        return path

    return write


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("new", "line"),
    [
        ("steps = 0", "data.steps: must be at least 1, not 0"),
        ("steps = 65536", "data.steps: must be at most 65535, not 65536"),
        ("steps = 2.5", "data.steps: must be an integer, not 2.5"),
        ("window = 0", "data.window: must be at least 1, not 0"),
    ],
)
def test_steps_that_cannot_be(refuse, series_file, command, new, line):
    path = series_file("window = 3", new)
    assert refuse(command, path) == f"{path}: {line}"


def test_series_longer_than_steps(refuse, series_file, monkeypatch):
    """And no Verilog is made."""
    from bephw.rtl_gen import conversion

    monkeypatch.setattr(conversion, "convert", lambda *_: pytest.fail("makes Verilog"))
    for window, steps, inputs in ((3, 5, 3), (2, 8, 2)):
        asked = series_file("sizes = [3,", f"sizes = [{inputs},")
        change = ("--set", f"data.window={window}", "--set", f"data.steps={steps - 1}")
        for command in ("train", "sim"):
            line = refuse(command, asked, *change)
            assert line.startswith(f"data.steps must be at least {steps} (as many as the samples of ")
            assert line.endswith(f" have), not {steps - 1}")


def test_steps_that_nobody_knows(refuse, series_file, tmp_path, monkeypatch):
    from bephw import toolchain

    monkeypatch.setattr(toolchain, "find", lambda name: pytest.fail(f"looks for {name}"))
    path = series_file()
    lost = ("--set", "data.path=no.npz")
    for command in ("emit", "build"):
        line = refuse(command, path, *lost, "--output", tmp_path / "out")
        assert line.startswith("data.steps must be given in hardware, or data that can be loaded: ")
        assert line.count("no.npz") == 1
    assert not (tmp_path / "out").exists()


def test_a_perceptrons_state_in_a_recurrent_network(refuse, series_file, tmp_path):
    state = tmp_path / "state.npz"
    counters = {"counters_0": np.zeros((6, 3), np.int16), "counters_1": np.zeros((4, 6), np.int16)}
    generator = {"generator": np.ones(2, np.uint32), "accumulator": np.zeros(2, np.uint32)}
    np.savez(state, **counters, **generator, prototypes=np.zeros((2, 4), np.uint8))
    line = refuse("emit", series_file(), "--state", state, "--output", tmp_path / "out")
    assert line == f"{state}: counters_0 must have shape (6, 9), not (6, 3)"


@pytest.mark.parametrize(
    ("name", "algorithm", "words"),
    [
        ("mlp_two_layers", "bep-tt", "x must have shape"),
        ("bep_tt_small", "bep", "x must have shape"),
        ("mlp_one_layer", "bep-tt", "must have a cell and at least one layer after it"),
    ],
)
def test_vectors_of_the_other_kind_of_network(refuse, vectors_folder, tmp_path, name, algorithm, words):
    with np.load(vectors_folder / f"{name}.npz") as file:
        arrays = {key: file[key] for key in file.files}
    meta = json.loads(arrays["meta"].tolist()) | {"algorithm": algorithm}
    np.savez(tmp_path / "other.npz", **{**arrays, "meta": np.array(json.dumps(meta))})
    line = refuse("check", tmp_path / "other.npz", "--rtl")
    assert line.startswith(f"{tmp_path / 'other.npz'}: ")
    assert words in line


def test_a_vector_without_a_step(refuse, vectors_folder, tmp_path):
    with np.load(vectors_folder / "bep_tt_small.npz") as file:
        arrays = {key: file[key] for key in file.files}
    np.savez(tmp_path / "empty.npz", **{**arrays, "x": arrays["x"][:, :0]})
    assert "with at least one step" in refuse("check", tmp_path / "empty.npz", "--rtl")
