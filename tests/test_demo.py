"""The demo's judgement, its settings, and its whole way on a smaller network with stand-ins for the boards."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from bephw import demo
from bephw.settings import Settings

TRAIN = {"test_accuracy": 0.95}
SIM = {"mismatches": 0}
BUILD = {"board": "b", "meets_timing": True, "clock_mhz": 20.0, "fmax_mhz": 25.0}
LINKED = {"board": "b", "samples": 400, "mismatches": 0, "seconds": 2.0}


class Silent:
    """A `Progress` that remembers."""

    def __init__(self):
        self.ended = []

    def begin(self, stage, total=None):
        pass

    def done_so_far(self, stage, steps):
        pass

    def end(self, stage, note):
        self.ended.append((stage, note))


def test_settings_are_those_of_the_example():
    examples = Path(__file__).resolve().parent.parent / "examples"
    assert demo.demo_settings().to_json() == Settings.from_toml(examples / "digits.toml").to_json()


def test_good_figures_have_no_problems():
    assert demo.judge(TRAIN, SIM, [BUILD], LINKED) == []


@pytest.mark.parametrize(
    ("train", "sim", "build", "problem"),
    [
        ({"test_accuracy": 0.93}, SIM, BUILD, "held-out accuracy must be at least 94%, not 93.00%"),
        (TRAIN, {"mismatches": 2}, BUILD, "hardware and golden model differ in 2 values"),
        (TRAIN, SIM, {**BUILD, "meets_timing": False, "fmax_mhz": 18.5}, "b: 20 MHz asked for, 18.50 MHz reached"),
    ],
)
def test_each_problem_is_told(train, sim, build, problem):
    assert demo.judge(train, sim, [build], LINKED) == [problem]


def test_a_virtual_board_that_differs_is_told():
    problem = "virtual board and golden model differ in 1 value"
    assert demo.judge(TRAIN, SIM, [BUILD], LINKED | {"mismatches": 1}) == [problem]


@dataclass
class Built:
    """What a stand-in for `boards.build` returns: the keys of the real one."""

    board: str
    device: str = "stand-in"
    luts: int = 1
    luts_available: int = 2
    ffs: int = 1
    brams: int = 1
    brams_available: int = 2
    fmax_mhz: float = 10.0
    clock_mhz: float = 20.0
    meets_timing: bool = False
    bitstream: str = "none"
    seconds: float = 0.0


def test_the_whole_way(tmp_path, monkeypatch):
    settings = Settings.build(
        network={"sizes": [64, 6], "classes": 10},
        learning={"gamma": 3, "batch": 20, "epochs": 1},
        hardware={"rows": 6, "columns": 64, "stream_width": 64},
    )
    monkeypatch.setattr(demo.boards, "build", lambda settings, state, output: Built(settings.board.name), raising=False)
    monkeypatch.setattr(demo, "SIMULATED_EPOCHS", 1)
    monkeypatch.setattr(demo, "learn_over_the_link", lambda settings, dataset, batches: LINKED)
    progress = Silent()
    figures = demo.run_demo(tmp_path / "out", progress, settings)
    assert figures["sim"]["mismatches"] == 0
    assert figures["sim"]["inference_samples"] == 359
    assert not figures["passed"]
    assert figures["problems"][-1] == "ulx3s-85f: 20 MHz asked for, 10.00 MHz reached"
    assert json.loads((tmp_path / "out" / "demo.json").read_text()) == figures
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Not as it should be: " in page
    assert "What it gets right, and what wrong" in page
    assert len(progress.ended) == len(figures["stages"]) == 7
