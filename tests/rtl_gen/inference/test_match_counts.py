"""Counts of agreement with constant words, against counting bit by bit."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.match_counts import MatchCounts


@pytest.mark.parametrize(
    ("rows", "columns"), [(1, 1), (3, 2), (5, 3), (4, 7), (9, 8), (6, 17), (12, 32), (5, 63), (3, 130)]
)
def test_counts_of_every_row_each_cycle(bench, rows, columns):
    generator = np.random.default_rng(rows * columns)
    words = generator.integers(0, 2, (rows, columns)).astype(np.uint8)
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


def test_rows_share_what_they_have_in_common():
    """Twenty equal rows take no more registers than one."""
    from amaranth.back import rtlil

    def registers(rows):
        words = np.ones((rows, 20), np.uint8)
        text = rtlil.convert(MatchCounts(words), name="top", emit_src=False)
        return text.count("cell $dff ")

    assert registers(20) == registers(1) > 0
