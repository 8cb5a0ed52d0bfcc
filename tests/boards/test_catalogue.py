"""bephw.boards.catalogue: complete and consistent descriptions."""

import pytest

from bephw.boards import board, boards
from bephw.boards.bitstream.clocks import actual_clock_mhz
from bephw.boards.catalogue import board_for
from bephw.errors import BephwError
from bephw.settings import Settings
from bephw.toolchain import TOOLS

NAMES = [entry.name for entry in boards()]


@pytest.mark.parametrize("entry", boards(), ids=lambda entry: entry.name)
def test_board(entry):
    assert board(entry.name) is entry
    assert actual_clock_mhz(entry, entry.default_clock_mhz) == entry.default_clock_mhz
    assert set(entry.tools) <= set(TOOLS)
    assert all(width * depth <= entry.bram_bits for width, depth in entry.bram_shapes)
    platform = entry.platform()
    assert platform.lookup(entry.crystal).clock.frequency == entry.crystal_mhz * 1e6
    platform.lookup("uart", entry.uart)
    for light in entry.lights:
        platform.lookup(light.resource, light.number)


def test_names_differ():
    assert len(set(NAMES)) == len(NAMES)


def test_memory():
    found = {name: board(name).memory_kbit for name in ("icebreaker", "ice40-hx8k-b-evn", "ulx3s-85f", "tang-nano-9k")}
    assert found == {"icebreaker": 120 + 1024, "ice40-hx8k-b-evn": 128, "ulx3s-85f": 3744, "tang-nano-9k": 468}


def test_unknown_board():
    with pytest.raises(BephwError, match=r"board\.name must be one of icestick, .*, ulx3s-85f, .*, not 'arty'"):
        board("arty")


@pytest.mark.parametrize("name", ["ulx3s-45f", "tinyfpga-bx", "ice40-hx8k-b-evn"])
def test_a_clock_that_no_pll_makes(name):
    with pytest.raises(BephwError, match=r"board\.clock_mhz: the PLL cannot make 999 MHz"):
        actual_clock_mhz(board(name), 999)


def test_a_chip_without_pll():
    assert actual_clock_mhz(board("nandland-go"), 25) == 25
    with pytest.raises(BephwError, match=r"board\.clock_mhz must be 25 on nandland-go, whose chip has no PLL, not 50"):
        actual_clock_mhz(board("nandland-go"), 50)


def test_the_board_that_settings_name():
    def asked(**choices):
        return Settings.build(network={"sizes": [4, 2], "classes": 2}, board={"name": "icebreaker", **choices})

    assert board_for(asked()) is board("icebreaker")
    moved = board_for(asked(uart_pins=["pmod_0:3", "pmod_0:2"]))
    assert (moved.name, moved.uart_pins) == ("icebreaker", ("pmod_0:3", "pmod_0:2"))
