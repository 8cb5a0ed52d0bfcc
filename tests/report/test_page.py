"""The page: self-contained, escaped, and only with figures that are there."""

import base64
import re

import pytest

from bephw.errors import BephwError
from bephw.report import render

NETWORK = {"network": {"sizes": [64, 6], "classes": 10}}
TRAIN = {
    "command": "train",
    "settings": NETWORK,
    "data": {"name": "digits"},
    "epochs": [
        {"epoch": 1, "train_accuracy": 0.5, "test_accuracy": 0.6, "taught": 0.9, "rates": [7]},
        {"epoch": 2, "train_accuracy": 0.7, "test_accuracy": 0.8125, "taught": 0.5, "rates": [5]},
    ],
    "train_accuracy": 0.7,
    "test_accuracy": 0.8125,
    "samples_per_second": 12345.6,
    "seconds": 1.5,
}
SIM = {
    "command": "sim",
    "settings": NETWORK,
    "samples": 120,
    "mismatches": 0,
    "cycles": 24_000,
    "cycles_per_sample": 200.0,
    "lanes": 8,
    "efficiency": 0.27,
    "phases": {"forward 0": 96.0, "update 0": 12.5},
    "compared": [{"what": "counters 0", "values": 384, "mismatches": 0}],
}
BUILD = {
    "command": "build",
    "board": "icebreaker",
    "device": "iCE40UP5K",
    "luts": 1000,
    "luts_available": 5280,
    "ffs": 900,
    "brams": 10,
    "brams_available": 30,
    "fmax_mhz": 25.5,
    "clock_mhz": 20.0,
    "meets_timing": True,
    "bitstream": "out.bin",
    "seconds": 60.0,
}
EMIT = {"command": "emit", "name": "bephw_trainer", "verilog": "x.v", "verilog_sha256": "00", "lanes": 8}
DEMO = {
    "command": "demo",
    "version": "0",
    "passed": False,
    "problems": ["a < b & c"],
    "goal": 0.94,
    "train": TRAIN,
    "emit": EMIT,
    "sim": SIM,
    "builds": [BUILD],
    "stages": [{"stage": "learn", "seconds": 2.0}],
    "seconds": 100.0,
}


def test_nothing_is_fetched():
    page = render([DEMO])
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "<script" not in page
    assert "@import" not in page


def test_pictures_are_svg_inside_the_page():
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', render([DEMO]))
    assert len(pictures) == 3
    for picture in pictures:
        assert b"</svg>" in base64.b64decode(picture)


def test_figures_are_in_it():
    page = render([DEMO])
    for text in ("81.25 %", "12,345.60", "24,000", "27.00 %", "counters 0", "25.50", "iCE40UP5K", "forward 0", "yes"):
        assert text in page


def test_a_failure_is_said_and_escaped():
    assert "Not as it must be: a &lt; b &amp; c" in render([DEMO])
    assert "Everything came out as it must." in render([{**DEMO, "passed": True, "problems": []}])


def test_a_missed_clock_stands_out():
    assert "<td>NO</td>" in render([{**BUILD, "meets_timing": False}])


def test_what_was_not_measured_has_no_row():
    page = render([SIM])
    assert "held-out samples classified" not in page
    assert "held-out samples classified" in render([{**SIM, "inference_samples": 5}])


def test_same_figures_same_bytes():
    assert render([DEMO]) == render([DEMO])


def test_missing_key_is_named():
    with pytest.raises(BephwError, match=r"^figures of 'build' lack or misuse the key 'device'$"):
        render([{key: value for key, value in BUILD.items() if key != "device"}])


def test_unknown_commands_are_shown_as_they_are():
    assert "<td>4</td>" in render([{"command": "other", "answer": 4}])
