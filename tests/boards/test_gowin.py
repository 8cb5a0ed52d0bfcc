"""bephw.boards.gowin: the commands that today's tools take, with the chips' names as they have them."""

import pytest
from amaranth_boards.tang_nano_9k import TangNano9kPlatform

from bephw.boards import board
from bephw.boards.bitstream.flow import prepare
from bephw.boards.bitstream.stages import commands
from bephw.boards.gowin import HimbaechelGowin, with_himbaechel
from bephw.settings import Settings


@pytest.mark.parametrize(
    ("name", "part", "chip"),
    [
        ("tang-nano-9k", "GW1NR-LV9QN88PC6/I5", "GW1N-9C"),
        ("tang-nano-20k", "GW2AR-LV18QN88C8/I7", "GW2A-18C"),
    ],
)
def test_commands(stand_in, name, part, chip):
    settings = Settings.build(network={"sizes": [12, 4], "classes": 3}, board={"name": name, "clock_mhz": 54.0})
    made = commands(prepare(board(name), settings, lambda: stand_in(settings)))
    place, pack = (" ".join(command) for command in made[1:])
    assert f"--device {part} --freq 54.0 --vopt family={chip} --vopt cst=bephw.cst" in place
    assert place.count("--write") == 1
    assert pack.startswith(f"gowin_pack -d {chip} -o bephw.fs") and pack.endswith("placed.json")


def test_a_class_is_adapted_once():
    adapted = with_himbaechel(TangNano9kPlatform)
    assert issubclass(adapted, HimbaechelGowin) and issubclass(adapted, TangNano9kPlatform)
    assert with_himbaechel(adapted) is adapted
