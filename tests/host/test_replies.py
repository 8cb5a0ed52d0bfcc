"""bephw.host.replies: answers and predictions out of one stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.host.errors import LinkError
from bephw.host.replies import Replies


@given(st.lists(st.one_of(st.integers(0, 2**15 - 1), st.binary(max_size=40)), max_size=20), st.integers(1, 7))
def test_streams_are_divided(content, step):
    replies, stream = Replies(), bytearray()
    replies.prediction_bytes = 2
    whole = bytearray()
    for part in content:
        if isinstance(part, int):
            whole += (part << 1 | 1).to_bytes(2, "little")
        else:
            replies.expect(1 + len(part))
            whole += b"\0" + part
    for at in range(0, len(whole), step):
        stream += whole[at : at + step]
        replies.take(stream)
    assert replies.predictions == [part for part in content if isinstance(part, int)]
    assert list(replies.answers) == [part for part in content if not isinstance(part, int)]
    assert not stream


@pytest.mark.parametrize("stream", [b"\0", b"\2"])
def test_what_nobody_asked_for(stream):
    replies = Replies()
    with pytest.raises(LinkError, match=rf"answers what it was not asked: byte 0x0{stream[0]}"):
        replies.take(bytearray(stream))
