"""bephw.boards.board_file: a board in one file, and files that are none."""

from pathlib import Path

import pytest

from bephw.boards.bitstream.flow import prepare
from bephw.boards.catalogue import board, board_for
from bephw.boards.definition import Light
from bephw.errors import BephwError
from bephw.settings import Settings

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "boards" / "my_board.py")


def asked(name, **choices):
    return Settings.build(network={"sizes": [12, 4], "classes": 3}, board={"name": name, **choices})


def test_the_example(stand_in):
    found = board(EXAMPLE)
    assert (found.device, found.crystal_mhz, found.uart_pins) == ("LFE5U-25F-6BG256", 50, ("pmod_0:3", "pmod_0:2"))
    assert found.lights == (Light("led", 0), Light("led", 1))
    assert found.programmer == ("-c", "ft232")
    assert found.description == "A 25F with a 50 MHz crystal, two lights and a connector"
    files = prepare(found, asked(EXAMPLE), lambda: stand_in(asked(EXAMPLE)))
    assert 'LOCATE COMP "uart_7__rx__io" SITE "L16"' in files["bephw.lpf"]


def test_pins_of_the_settings_come_first():
    assert board_for(asked(EXAMPLE, uart_pins=["pmod_0:1", "pmod_0:4"])).uart_pins == ("pmod_0:1", "pmod_0:4")


def test_a_file_that_changes_is_read_again(tmp_path):
    path = tmp_path / "mine.py"
    text = Path(EXAMPLE).read_text()
    path.write_text(text)
    assert board(str(path)).crystal_mhz == 50
    path.write_text(text.replace("50e6", "40e6"))
    assert board(str(path)).crystal_mhz == 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"mine\.py: cannot be read: No such file or directory$"),
        ("nonsense(", r"mine\.py: cannot be run: SyntaxError: "),
        ("1 / 0", r"mine\.py: cannot be run: ZeroDivisionError: division by zero$"),
        ("a = 1", r"mine\.py: must define one platform class, not none$"),
        (
            "from amaranth.vendor import *\nclass A(LatticeECP5Platform): pass\nclass B(LatticeECP5Platform): pass\n",
            r"mine\.py: must define one platform class, not A, B$",
        ),
        (
            "from amaranth.vendor import *\nclass A(XilinxPlatform):\n"
            "    device = 'xc7a35t'; package = 'x'; speed = '1'; resources = []; connectors = []\n",
            r"^device must be one of .*, not 'xc7a35t'$",
        ),
    ],
)
def test_files_that_are_no_board(tmp_path, text, message):
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BephwError, match=message) as raised:
        board(str(path))
    assert "\n" not in str(raised.value)
