"""What the counts of many words are made of, evaluated in plain Python."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.popcount.count_tree import tree_depth
from bephw.rtl_gen.shared_counts.word_counts import WordCounts, count_levels


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 12), columns=st.integers(1, 40))
@example(seed=0, rows=1, columns=1)
def test_matches_of_every_row(plain, seed, rows, columns):
    words = plain.words(seed, rows, columns)
    found = WordCounts(words)
    for bits in plain.inputs(words, seed, 5):
        for word, row in zip(words, found.rows, strict=True):
            difference = plain.value(row.total, bits) - 2 * (plain.value(row.less, bits) if row.less else 0)
            assert (row.offset - difference if row.negated else row.offset + difference) == (word == bits).sum()


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 24), columns=st.integers(1, 150) | st.integers(500, 520))
def test_no_sum_has_more_levels_than_promised(plain, seed, rows, columns):
    found = WordCounts(plain.words(seed, rows, columns))
    assert max(node.depth for row in found.rows for node in row.key if node) <= count_levels(columns)


def test_rows_have_nothing_of_their_own_that_another_has():
    words = np.random.default_rng(0).integers(0, 2, (3, 30)).astype(np.uint8)
    alone = WordCounts(words)
    found = WordCounts(np.vstack((words, 1 - words, words)))
    assert found.cost == alone.cost
    assert len({row.key for row in found.rows}) == 3


@pytest.mark.parametrize(("rows", "columns", "share"), [(16, 64, 0.65), (63, 192, 0.5), (10, 63, 0.7)])
def test_blocks_cost_less_than_rows_alone(rows, columns, share):
    """Against lanes in trees of their own, a row each: random words, where nothing is alike."""
    words = np.random.default_rng(columns).integers(0, 2, (rows, columns)).astype(np.uint8)
    alone = rows * WordCounts(words[:1]).cost
    assert WordCounts(words).cost < share * alone


def test_the_same_words_are_counted_in_the_same_way(plain):
    first, second = (WordCounts(plain.words(5, 20, 50)) for _ in range(2))
    for left, right in zip(first.rows, second.rows, strict=True):
        assert (left.offset, left.negated) == (right.offset, right.negated)
        assert [node.lanes for node in left.total.nodes()] == [node.lanes for node in right.total.nodes()]


@pytest.mark.parametrize(("columns", "spare"), [(1, 1), (4, 1), (63, 1), (192, 1), (511, 1), (512, 2), (784, 2)])
def test_levels_are_those_of_a_row_alone_and_a_few(columns, spare):
    assert count_levels(columns) == tree_depth(columns) + spare
