"""Counts of agreement with constant words, against counting bit by bit."""

import numpy as np
import pytest
from amaranth.back import rtlil

from bephw.rtl_gen.inference.match_counts import MatchCounts


@pytest.mark.parametrize(
    ("rows", "columns"), [(1, 1), (3, 2), (5, 3), (4, 7), (9, 8), (6, 17), (12, 32), (5, 63), (3, 130)]
)
@pytest.mark.parametrize("kind", ["random", "complements", "lopsided"])
def test_counts_of_every_row_each_cycle(bench, rows, columns, kind):
    generator = np.random.default_rng(rows * columns)
    words = generator.integers(0, 2, (rows, columns)).astype(np.uint8)
    if kind == "complements":
        words[rows // 2 :] = 1 - words[: rows - rows // 2]
    if kind == "lopsided":
        words &= generator.integers(0, 2, (rows, columns)).astype(np.uint8)
    words[0] = 1
    dut = MatchCounts(words)
    latency = MatchCounts.latency(columns)
    b = bench(dut)
    sent = []

    def step(counts):
        if len(sent) > latency:
            assert counts == list((words == sent[-latency - 1]).sum(axis=1))
        bits = generator.choice([words[generator.integers(rows)], 1 - words[0], generator.integers(0, 2, columns)])
        sent.append(bits)
        return [(dut.bits, sum(int(bit) << index for index, bit in enumerate(bits)))]

    b.watch([dut.counts], step)
    b.run(100)
    assert len(sent) > 90


def registers(words):
    text = rtlil.convert(MatchCounts(words), name="top", emit_src=False)
    return text.count("cell $dff ")


def test_rows_share_what_they_have_in_common():
    """Twenty equal rows, or ten and their complements, take hardly more registers than one or two."""
    word = np.random.default_rng(0).integers(0, 2, (1, 20)).astype(np.uint8)
    one = registers(word)
    assert one > 10
    assert registers(np.tile(word, (20, 1))) - one < 60  # a constant and the place at the end: three for each row
    assert registers(np.tile(np.vstack((word, 1 - word)), (10, 1))) - one < 60


def test_the_same_words_make_the_same_verilog():
    words = np.random.default_rng(2).integers(0, 2, (9, 30)).astype(np.uint8)
    first, second = (rtlil.convert(MatchCounts(words), name="top", emit_src=False) for _ in range(2))
    assert first == second
