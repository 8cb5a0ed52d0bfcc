"""bephw.host.frames: RFC 1662's frames, written out, and found in whatever there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.host.frames import LONGEST, FrameReader, Report, frame, read_report, to_board
from tests.host.model_board import frames_of, line_frame


def test_a_frame_written_out():
    # The check sequence is that of the catalogue of CRCs: CRC-32/ISO-HDLC of "123456789" is CBF43926.
    assert frame(b"123456789") == b"\x7e123456789" + bytes.fromhex("2639f4cb") + b"\x7e"
    assert frame(b"\x7e\x7d")[1:5] == bytes([0x7D, 0x5E, 0x7D, 0x5D])


def test_positions():
    assert frames_of(to_board(0x8102, b"abc")) == [(frame(b"\x01\x02abc")[1:-1], True)]
    assert frames_of(to_board(0x0102, b"", restart=True))[0][0][:2] == b"\x81\x02"


def test_a_report():
    assert read_report(b"\x7f\xff\xc3\x04\x0f\xffab") == Report(0x7FFF, 0x304, 0xFFF, True, True, b"ab")
    assert read_report(b"\x00\x01\x80\x02\x00\x03") == Report(1, 2, 3, True, False, b"")
    assert read_report(b"12345") is None


@given(st.binary(max_size=300))
def test_frames_are_as_the_specification_has_them(body):
    assert frame(body) == line_frame(body)


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=8), st.data())
def test_frames_are_found_however_they_are_cut(bodies, data):
    line = b"".join(map(frame, bodies))
    reader, found = FrameReader(), []
    while line:
        size = data.draw(st.integers(1, len(line)))
        found += reader.feed(line[:size])
        line = line[size:]
    assert (found, reader.damaged) == (bodies, 0)


@given(st.binary(max_size=400), st.binary(min_size=1, max_size=20))
def test_garbage_ends_with_the_next_flag(garbage, body):
    """Whatever came before, a whole frame after it is found."""
    assert list(FrameReader().feed(garbage + frame(body)))[-1:] == [body]


@given(st.binary(min_size=1, max_size=40), st.data())
def test_damage_is_seen(body, data):
    """Up to 32 bits in a row, which the check sequence always finds."""
    line = bytearray(frame(body))
    at = data.draw(st.integers(1, len(line) - 2))
    for index in range(at, min(at + 4, len(line) - 1)):
        line[index] ^= data.draw(st.integers(int(index == at), 255))
    assert body not in list(FrameReader().feed(bytes(line)))


@pytest.mark.parametrize("size", [LONGEST + 1, 10 * LONGEST])
def test_what_is_too_long_is_not_kept(size):
    reader = FrameReader()
    for _ in range(size):
        assert list(reader.feed(b"x")) == []
    assert len(reader._pending) <= LONGEST + 1
    assert (list(reader.feed(frame(b"good"))), reader.damaged) == ([b"good"], 1)
