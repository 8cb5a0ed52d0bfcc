"""Pictures: both formats, same bytes every time, odd figures drawn too."""

import pytest

from bephw.report import accuracy_curves, cycle_bars, picture_bytes, svg_text

EPOCHS = [
    {"epoch": 1, "train_accuracy": 0.5, "test_accuracy": 0.6},
    {"epoch": 2, "train_accuracy": 0.7, "test_accuracy": 0.8},
]


def test_formats():
    assert picture_bytes(accuracy_curves(EPOCHS), ".png").startswith(b"\x89PNG")
    assert b"<svg" in picture_bytes(accuracy_curves(EPOCHS), ".svg")
    with pytest.raises(ValueError, match=r"^suffix must be \.png or \.svg, not \.gif$"):
        picture_bytes(accuracy_curves(EPOCHS), ".gif")


def test_same_bytes_every_time():
    assert svg_text(accuracy_curves(EPOCHS)) == svg_text(accuracy_curves(EPOCHS))


def test_words_stay_text():
    text = svg_text(accuracy_curves(EPOCHS, goal=0.94))
    for word in ("training", "held out", "goal", "epoch"):
        assert f">{word}<" in text


def test_no_held_out_samples_no_curve():
    text = svg_text(accuracy_curves([{**epoch, "test_accuracy": None} for epoch in EPOCHS]))
    assert ">held out<" not in text


def test_bars_carry_their_figures():
    assert ">12.5<" in svg_text(cycle_bars({"forward": 12.5, "update": 3.0}))
    svg_text(cycle_bars({}))
