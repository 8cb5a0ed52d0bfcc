"""bephw.host.commands: the bytes, written out."""

import numpy as np

from bephw.host import commands
from bephw.host.commands import Command


def test_registers():
    assert commands.write_register(0x123, -2) == Command(bytes([0x01, 0x23, 0x01, 0x02, 0xFE, 0xFF, 0xFF, 0xFF]))
    assert commands.read_register(7) == Command(bytes([0x01, 7, 0, 0x1B]), 5)
    assert commands.read_page(3) == Command(bytes([0x01, 3, 0, 0xFF]), 33)
    assert commands.repeat_replies(0x1234) == Command(bytes([0x11, 0x34, 0x02]))


def test_samples():
    words = np.arange(40, dtype=np.uint8)[:, None]
    assert list(commands.sample(words, 258, 2)) == [
        Command(bytes([0x09, 2, 1])),
        Command(bytes([0xFC, *range(32)])),
        Command(bytes([0x3C, *range(32, 40)]), 2),
    ]
    wide = np.array([[1, 2], [3, 4]], np.uint8)
    assert list(commands.sample(wide, 0, 1))[1] == Command(bytes([0x0C, 1, 2, 3, 4]), 1)


def test_state():
    elements = np.array([[-1, 127], [-128, 5]], np.int16)
    assert list(commands.load_elements(elements, 1)) == [Command(bytes([0x1D, 0xFF, 0x7F, 0x80, 5]))]
    assert list(commands.load_elements(elements[1], 2)) == [Command(bytes([0x0D, 0x80, 0xFF, 5, 0]))]
    assert list(commands.dump_elements(33, 2)) == [Command(bytes([0xFE]), 65), Command(bytes([0x06]), 3)]
