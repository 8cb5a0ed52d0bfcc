"""`bephw host store`, and `train` on a board with a store."""

import json

import pytest

from bephw.flow.learning import prepare
from bephw.settings import Settings
from tests.cli.host.test_train import same
from tests.host.served import served
from tests.host.storing_board import StoringBoard


@pytest.fixture
def settings_path(settings_file):
    return settings_file("[hardware]", '[board]\nstore = "bram"\n[hardware]')


@pytest.fixture
def settings(settings_path):
    return prepare(Settings.from_toml(settings_path))[0]


@pytest.fixture
def board(settings):
    return StoringBoard(settings, 1438)


def test_shown_then_loaded(run, settings_path, board, url, tmp_path):
    command, file = ("host", "store", settings_path, "--port", url), tmp_path / "s.json"
    for options, holds, shown, loads in (
        ((), False, "no", 0),
        (["--load"], True, "yes", 1),
        (["--load"], True, "yes", 1),
    ):
        code, out, err = run(*command, *options, "--json", file)
        assert code == 0 and "error" not in err
        assert f"has the 1,438 of digits │ {shown}" in out and "bram, 1,438 samples at most" in out
        found = json.loads(file.read_text())
        assert (found["holds"], found["samples"], found["most"], board.loads) == (holds, 1438, 1438, loads)
    assert "bram, 7,190 words of 16 bits" in run("host", "info", "--port", url)[1]


def test_training_from_the_store_gives_the_same_bits(run, settings_path, board, url, tmp_path):
    stored, line, golden = (tmp_path / f"{name}.npz" for name in ("stored", "line", "golden"))
    figures = tmp_path / "f.json"
    code, out, _ = run("host", "train", settings_path, "--port", url, "--state", stored, "--json", figures)
    assert code == 0 and "store: bram, 1,438 of at most 1,438 samples" in out
    found = json.loads(figures.read_text())["store"]
    assert found == {"kind": "bram", "most": 1438, "samples": 1438, "unused": None}
    assert (board.loads, board.runs) == (1, [1438, 1438])
    code, out, _ = run("host", "train", settings_path, "--port", url, "--no-store", "--state", line, "--json", figures)
    assert code == 0 and "store" not in out and len(board.runs) == 2
    assert json.loads(figures.read_text())["store"]["unused"] == "it was not asked for"
    assert run("train", settings_path, "--state", golden)[0] == 0
    assert same(stored, golden) and same(line, golden)


@pytest.mark.parametrize(
    ("room", "options", "reason"),
    [
        (1000, (), "x must have 1 to 1000 samples for this store, not 1438"),
        (1438, ("--set", "learning.order=permutation"), "learning.order must be stride for it, not permutation"),
    ],
)
def test_why_it_is_not_used(run, settings_path, settings, room, options, reason):
    with served(StoringBoard(settings, room)) as url:
        code, _, err = run("host", "train", settings_path, *options, "--epochs", 1, "--port", url)
    assert code == 0
    assert f"bephw: warning: the board's store is not used: {reason}\n" in err


def test_what_cannot_be_loaded(run, settings_path, settings):
    with served(StoringBoard(settings, 1000)) as url:
        code, out, _ = run("host", "store", settings_path, "--port", url)
        assert code == 0 and "no: x must have 1 to 1000 samples for this store, not 1438" in out
        code, _, err = run("host", "store", settings_path, "--port", url, "--load")
    assert (code, err) == (2, "bephw: error: x must have 1 to 1000 samples for this store, not 1438\n")


def test_a_board_without_a_store(run, settings_file):
    from tests.host.learning_board import LearningBoard

    path = settings_file()
    with served(LearningBoard(prepare(Settings.from_toml(path))[0])) as url:
        code, _, err = run("host", "store", path, "--port", url)
    assert code == 2
    assert err == "bephw: error: the board has no store: board.store must be set when it is built, not 'none'\n"
