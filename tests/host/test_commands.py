"""bephw.host.commands: the bytes, written out."""

import numpy as np
import pytest

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


@pytest.mark.parametrize("steps", [None, 1, 3])
@pytest.mark.parametrize(
    ("inputs", "width"), [(8, 8), (9, 8), (1, 1), (3, 8), (20, 7), (17, 32), (64, 16), (13, 13), (50, 33)]
)
def test_words_of_any_width(inputs, width, steps):
    """As docs/ports.md has them: input k is bit k mod width of word k div width, and padding is 0."""
    shape = (4, inputs) if steps is None else (4, steps, inputs)
    x = np.random.default_rng(inputs).integers(0, 2, shape, np.uint8)
    size = -(-width // 8)
    found = commands.stream_words(x, width, size)
    expected = [
        [
            sum(int(bit) << index for index, bit in enumerate(step[at : at + width]))
            for step in sample.reshape(-1, inputs)
            for at in range(0, inputs, width)
        ]
        for sample in x
    ]
    assert [[int.from_bytes(word.tobytes(), "little") for word in sample] for sample in found] == expected
