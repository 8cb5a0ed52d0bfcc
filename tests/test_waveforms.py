"""The pictures of docs/ports.md are of a simulation, and all of them are shown."""

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
WAVEFORMS = runpy.run_path(str(DOCS / "waveforms.py"))
TEXT = (DOCS / "ports.md").read_text(encoding="utf-8")
SCENES = {scene.name: scene for scene in WAVEFORMS["SCENES"]}


def test_every_picture_is_there_and_shown():
    shown = re.findall(r"\(waveforms/(\w+)\.svg\)", TEXT)
    assert sorted(shown) == sorted(SCENES)
    assert sorted(path.stem for path in (DOCS / "waveforms").glob("*.svg")) == sorted(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_scenes_play_and_can_be_drawn(name):
    scene = SCENES[name]
    cycles = WAVEFORMS["play"](scene)
    assert any(cycle != cycles[0] for cycle in cycles)
    figure = WAVEFORMS["draw"](scene, WAVEFORMS["shorten"](cycles, scene.skip))
    assert figure.axes


def test_the_latency_in_the_document():
    cycles = WAVEFORMS["play"](SCENES["sample"])
    words = [at for at, cycle in enumerate(cycles) if cycle["samples__valid"] and cycle["samples__ready"]]
    predicted = next(at for at, cycle in enumerate(cycles) if cycle["predictions__valid"])
    assert len(words) == 2
    assert f"in the small trainer above {predicted - words[-1]} cycles" in TEXT


def test_payloads_stay_while_they_wait():
    """The rule of streams, on the prediction that has to wait."""
    cycles = WAVEFORMS["play"](SCENES["sample"])
    waiting = [cycle["predictions__payload"] for cycle in cycles if cycle["predictions__valid"]]
    assert len(waiting) == 4
    assert len(set(waiting)) == 1
