"""bephw.boards.link.protocol: the bytes, written out."""

import numpy as np
import pytest

from bephw.boards.link import protocol
from bephw.boards.link.protocol import Operation, Prediction
from bephw.settings import Settings


def test_commands():
    assert protocol.encode_write(0x123, -2) == bytes([1, 0x23, 0x01, 0xFE, 0xFF, 0xFF, 0xFF])
    assert protocol.encode_read(7) == bytes([2, 7, 0])
    assert protocol.encode_sample([1, 0, 0, 0, 0, 0, 0, 1, 1], 258) == bytes([3, 2, 1, 0x81, 0x01])
    steps = [[1, 0, 0, 0, 0, 0, 0, 1, 1], [0, 1, 0, 0, 0, 0, 0, 0, 0]]
    assert protocol.encode_sample(steps, 258) == bytes([3, 2, 1, 0x81, 0x01, 0x02, 0x00])
    assert protocol.encode_load([-1, 127]) == bytes([4, 2, 0, 0xFF, 0xFF, 0x7F, 0x00])
    assert protocol.encode_dump(300) == bytes([5, 44, 1])


def test_replies():
    assert protocol.decode_value(bytes([2, 4, 3, 2, 1])) == 0x01020304
    assert protocol.decode_prediction(bytes([0x83, 9, 0])) == Prediction(9, True)
    assert protocol.decode_prediction(bytes([0x03, 0, 1])) == Prediction(256, False)
    assert protocol.decode_elements(bytes([5, 0x80, 0xFF, 5, 0])).tolist() == [-128, 5]


@pytest.mark.parametrize(("first", "length"), [(1, 1), (2, 5), (3, 3), (0x83, 3), (4, 1), (5, 21)])
def test_reply_lengths(first, length):
    assert protocol.reply_bytes(first, elements=10) == length


def test_the_buffer_holds_any_command():
    for inputs in (1, 784, 5000, 65535):
        settings = Settings.build(network={"sizes": [inputs, 4], "classes": 2})
        sample = protocol.encode_sample(np.zeros(inputs), 1)
        assert len(sample) == protocol.sample_bytes(settings)
        assert protocol.receive_bytes(settings) >= 2 * len(sample)
        assert protocol.receive_bytes(settings) >= len(protocol.encode_load([0] * protocol.LOAD_BLOCK))


@pytest.mark.parametrize(("inputs", "steps"), [(1, 1), (9, 7), (500, 40)])
def test_the_buffer_holds_a_series(inputs, steps):
    settings = Settings.build(
        network={"sizes": [inputs, 4, 4], "classes": 2}, learning={"algorithm": "bep-tt"}, data={"steps": steps}
    )
    sample = protocol.encode_sample(np.zeros((steps, inputs)), 1)
    assert len(sample) == protocol.sample_bytes(settings)
    assert protocol.receive_bytes(settings) >= 2 * len(sample)


def test_operations_do_not_use_the_taught_bit():
    assert all(operation < protocol.TAUGHT for operation in Operation)
