"""bephw build: what it says of a bitstream."""

import pytest

from bephw.cli.build import print_build

BUILD = {
    "board": "ulx3s-25f",
    "device": "LFE5U-25F",
    "luts": 4649,
    "luts_available": 24288,
    "ffs": 3662,
    "brams": 9,
    "brams_available": 56,
    "fmax_mhz": 104.82,
    "clock_mhz": 50.0,
    "memory_fmax_mhz": None,
    "memory_clock_mhz": None,
    "bitstream": "b.bit",
    "seconds": 180.2,
}


def words(capsys):
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_the_clock_that_is_asked_for(capsys):
    print_build(BUILD)
    said = words(capsys)
    assert "highest clock 104.82 MHz clock asked for 50 MHz, met" in said
    assert "memory" not in said


@pytest.mark.parametrize(("reached", "verdict"), [(134.7, "met"), (125.4, "MISSED")])
def test_the_clock_of_a_stores_memory_is_told_by_itself(capsys, reached, verdict):
    print_build({**BUILD, "memory_fmax_mhz": reached, "memory_clock_mhz": 133.35})
    said = words(capsys)
    assert "clock asked for 50 MHz, met" in said
    assert f"highest clock, memory {reached:.2f} MHz asked for 133.35 MHz, {verdict}" in said
