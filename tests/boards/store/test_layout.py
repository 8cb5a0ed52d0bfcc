"""bephw.boards.store.layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.boards.store.layout import RecordLayout, record_layout
from bephw.settings import Settings


@given(
    word=st.sampled_from([16, 32, 64]),
    stream_width=st.integers(1, 200),
    stream_words=st.integers(1, 50),
    label=st.integers(1, 16),
)
def test_a_record_is_whole_words(word, stream_width, stream_words, label):
    layout = RecordLayout(word, stream_width, stream_words, label)
    assert layout.chunk * layout.word_chunks == word and layout.chunk * layout.stream_chunks == stream_width
    used = layout.used_chunks * layout.chunk
    assert label + stream_words * stream_width <= used < label + layout.chunk + stream_words * stream_width
    assert used + layout.padding_chunks * layout.chunk == layout.words * word
    assert 0 <= layout.padding_chunks < layout.word_chunks


@pytest.mark.parametrize(("steps", "words"), [(None, 3), (4, 12)])
def test_of_settings(steps, words):
    settings = Settings.build(
        network={"sizes": [17, 6, 5], "classes": 9},
        learning={} if steps is None else {"algorithm": "bep-tt"},
        data={} if steps is None else {"steps": steps},
        hardware={"stream_width": 8},
    )
    assert record_layout(settings, 32) == RecordLayout(32, 8, words, 4)
