"""Blocks of rows that resemble each other."""

import numpy as np
import pytest

from bephw.rtl_gen.shared_counts.row_block import RowBlock, distinct_rows, similar_rows


def oriented(words, block):
    """The rows of a block, or their complements."""
    return [words[row] ^ turned for row, turned in zip(block.rows, block.complemented, strict=True)]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_block_knows_where_its_rows_differ(plain, seed, size):
    words = plain.words(seed, 9, 14)
    block = similar_rows(words, range(2, 9), size)
    assert block.rows[0] == 2
    assert len(set(block.rows)) == len(block.rows) == size
    base, *others = oriented(words, block)
    assert np.array_equal(base, words[2])
    for place, row in enumerate(others):
        assert np.array_equal(block.differing >> place & 1, row != base)
        assert 2 * (row != base).sum() <= 14


@pytest.mark.parametrize("seed", range(8))
def test_classes_are_columns_in_which_the_same_rows_differ(plain, seed):
    words = plain.words(seed, 5, 20)
    block = similar_rows(words, range(5), 4)
    classes = block.columns_by_difference()
    assert sorted(column for columns in classes.values() for column in columns) == list(range(20))
    rows = np.array(oriented(words, block))
    for number, columns in classes.items():
        for column in columns:
            assert [number >> place & 1 for place in range(3)] == list(rows[1:, column] != rows[0, column])


def test_the_first_rows_of_a_block_are_a_block(plain):
    words = plain.words(3, 8, 30)
    block = similar_rows(words, range(8), 5)
    shorter, grown = block.first(3), RowBlock.alone(block.rows[0], 30)
    for place in range(2):
        grown = grown.joined_by(block.rows[place + 1], block.complemented[place + 1], block.differing >> place & 1 > 0)
    assert shorter.rows == grown.rows == block.rows[:3]
    assert np.array_equal(shorter.differing, grown.differing)


def test_rows_that_resemble_each_other_come_together():
    """Words 0, 2, 4 and 1, 3, 5 are neighbours, but for few bits; one of them for its complement."""
    generator = np.random.default_rng(1)
    words = np.tile(generator.integers(0, 2, (2, 60)), (3, 1)).astype(np.uint8)
    words ^= (generator.random(words.shape) < 0.05).astype(np.uint8)
    words[4] = 1 - words[4]
    block = similar_rows(words, range(6), 3)
    assert set(block.rows) == {0, 2, 4}
    assert dict(zip(block.rows, block.complemented, strict=True))[4]


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_equal_another_or_its_complement(plain, seed):
    words = plain.words(seed, 10, 4)
    for row, (first, complement) in distinct_rows(words).items():
        assert np.array_equal(words[row], words[first] ^ complement)
        earlier = [words[before] for before in range(row)]
        twins = [np.array_equal(word, words[row]) or np.array_equal(word, 1 - words[row]) for word in earlier]
        assert first == (twins.index(True) if any(twins) else row)
