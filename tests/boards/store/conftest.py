"""Records in plain Python, and components of the store in Amaranth's simulator."""

import pytest

from tests.rtl_gen.conftest import Bench


def record(layout, label, sample):
    """Words of a memory that a sample (words of its stream) lies in, by docs/store.md."""
    bits, at = label, layout.label_chunks * layout.chunk
    for word in sample:
        bits |= word << at
        at += layout.stream_width
    return [bits >> start & (1 << layout.word) - 1 for start in range(0, layout.words * layout.word, layout.word)]


@pytest.fixture
def bench():
    return Bench
