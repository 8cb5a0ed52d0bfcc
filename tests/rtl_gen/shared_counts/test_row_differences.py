"""Sums in registers against counting bit by bit."""

import pytest
from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.shared_counts.row_differences import RowDifferences
from bephw.rtl_gen.shared_counts.word_counts import WordCounts, count_levels


class Differences(wiring.Component):
    """`RowDifferences` of some words; `ready[row]` is the cycle in which a row's is there."""

    def __init__(self, words):
        rows, columns = words.shape
        self.plan = WordCounts(words)
        self.ready = []
        layout = data.ArrayLayout(signed(columns.bit_length() + 1), rows)
        super().__init__({"bits": In(columns), "differences": Out(layout)})

    def elaborate(self, platform):
        m = Module()
        found = RowDifferences(m, self.bits, self.plan)
        for row in range(len(self.plan.rows)):
            difference, ready = found.of(row)
            m.d.comb += self.differences[row].eq(difference)
            self.ready.append(ready)
        return m


@pytest.mark.parametrize(
    ("seed", "rows", "columns"), [(0, 1, 1), (1, 4, 2), (2, 6, 9), (3, 7, 24), (4, 9, 33), (5, 5, 70)]
)
def test_what_a_row_has_but_for_a_constant(bench, plain, seed, rows, columns):
    words = plain.words(seed, rows, columns)
    inputs = plain.inputs(words, seed)
    dut = Differences(words)
    b = bench(dut)
    seen = []

    def step(differences):
        seen.append(differences)
        bits = inputs[(len(seen) - 1) % len(inputs)]
        return [(dut.bits, sum(int(bit) << place for place, bit in enumerate(bits)))]

    b.watch([dut.differences], step)
    b.run(len(inputs) + count_levels(columns) + 4)
    assert max(dut.ready) <= count_levels(columns) + 1
    for row, (count, ready) in enumerate(zip(dut.plan.rows, dut.ready, strict=True)):
        for number, bits in enumerate(inputs):
            # Bits that are set after look number n are seen in look n + 1, and their counts `ready` cycles later.
            difference = seen[number + 1 + ready][row]
            matches = count.offset + (-difference if count.negated else difference)
            assert matches == (words[row] == bits).sum()
