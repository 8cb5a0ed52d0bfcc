"""Any trained network is measured by benchmarks/inference.py."""

import sys

import pytest

from bephw.boards.bitstream.out_of_context import Measured
from bephw.errors import BephwError
from bephw.flow.learning import prepare
from bephw.flow.learnt import Learnt
from bephw.golden.classifier import classifier
from bephw.golden.initial import initial_state
from bephw.settings import Settings
from tests.test_benchmarks import REPOSITORY

SETTINGS = Settings.build(
    network={"sizes": [64, 15], "classes": 10},
    learning={"gamma": 5, "nu": 0.5, "batch": 20, "r": 0.5},
    hardware={"rows": 3, "columns": 8},
    data={"name": "digits"},
)
FOUND = Measured(1000, 84000, 500, 0, 4, 208, 0, 0, 0, 200.0, ())


@pytest.fixture
def inference(monkeypatch):
    """The module, without designs and the tools that it gives them to: they are said to have found `FOUND`."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    import inference

    monkeypatch.setattr(inference, "make_design", lambda *arguments: None)
    monkeypatch.setattr(inference, "out_of_context", lambda *arguments, **options: FOUND)
    yield inference
    for name in ("inference", "networks", "array_area", "figures", "fmax", "cases"):
        sys.modules.pop(name, None)


@pytest.fixture
def state(tmp_path):
    """What `bephw train --state` writes, and how much of the held-out data it classifies correctly."""
    settings, dataset = prepare(SETTINGS)
    network, path = initial_state(settings), tmp_path / "learnt.npz"
    Learnt.of(settings, network, dataset).save(path)
    predictions = classifier(settings, network).predict(dataset.x_test)[0]
    return path, (predictions == dataset.y_test).mean()


def measured(inference, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["inference.py", *map(str, arguments)])
    inference.main()


def test_a_trained_state(inference, state, monkeypatch, capsys, tmp_path):
    """In each style that is asked for: cells and clock of the tools, cycles of the design, accuracy of the state."""
    path, accuracy = state
    measured(inference, monkeypatch, "--state", path, "--style", "folded", "--part", "hx8k", "--json", tmp_path)
    (line,) = capsys.readouterr().out.splitlines()
    words = 5 * 8  # 15 rows in threes, of 8 words each
    assert f"64-15-10 folded, {SETTINGS.lanes} lanes, hx8k: 1000 LUTs" in line
    assert f"interval {words}, accuracy {accuracy:.2%}" in line
    assert f"{200 / words:.2f} million samples a second" in line
    assert (tmp_path / "inference_learnt_folded.json").exists()


def test_its_settings_can_be_changed(inference, state, monkeypatch, capsys):
    """Here the folding, and with it the cycles a sample takes."""
    path, _ = state
    measured(inference, monkeypatch, "--state", path, "--style", "folded", "--set", "hardware.rows=5")
    assert f"interval {3 * 8}," in capsys.readouterr().out


def test_a_design_that_is_not_built_says_why(inference, state, monkeypatch, capsys):
    """Its cycles and its accuracy are known all the same."""

    def fails(*arguments, **options):
        raise BephwError("it does not fit")

    monkeypatch.setattr(inference, "make_design", lambda *arguments: None)
    monkeypatch.setattr(inference, "out_of_context", fails)
    path, accuracy = state
    measured(inference, monkeypatch, "--state", path, "--style", "unrolled")
    assert "it does not fit; latency" in (line := capsys.readouterr().out)
    assert f"interval 1, accuracy {accuracy:.2%}" in line
