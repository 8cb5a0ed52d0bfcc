"""bephw.boards.catalogue: complete and consistent descriptions."""

import pytest

from bephw.boards import board, boards
from bephw.boards.bitstream.clocks import actual_clock_mhz
from bephw.errors import BephwError
from bephw.toolchain import TOOLS


@pytest.mark.parametrize("entry", boards(), ids=lambda entry: entry.name)
def test_board(entry):
    assert board(entry.name) is entry
    assert actual_clock_mhz(entry, entry.default_clock_mhz) == entry.default_clock_mhz
    assert set(entry.tools) <= set(TOOLS)
    assert all(width * depth <= entry.bram_bits for width, depth in entry.bram_shapes)
    platform = entry.platform()
    assert platform.device in entry.device.replace("LFE5U-85F-6", "LFE5U-85F")
    assert platform.lookup(entry.crystal).clock.frequency == entry.crystal_mhz * 1e6
    for index in range(entry.leds):
        platform.lookup("led", index)


def test_memory():
    assert {entry.name: entry.memory_kbit for entry in boards()} == {"icebreaker": 120 + 1024, "ulx3s-85f": 3744}


def test_unknown_board():
    with pytest.raises(BephwError, match=r"board\.name must be one of icebreaker, ulx3s-85f, not 'arty'"):
        board("arty")
