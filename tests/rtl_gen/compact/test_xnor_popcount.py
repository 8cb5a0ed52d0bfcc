"""XNOR-popcount against counting lane by lane."""

import pytest

from bephw.rtl_gen.compact.xnor_popcount import XnorPopcount


def agreements(weights, activations, lanes):
    return sum((weights >> lane) & 1 == (activations >> lane) & 1 for lane in range(lanes))


@pytest.mark.parametrize(
    ("columns", "valid_in_last"), [(1, 1), (4, 1), (5, 5), (16, 9), (17, 3), (17, 17), (33, 32), (48, 1), (56, 40)]
)
def test_counts_agreeing_lanes(bench, columns, valid_in_last):
    dut = XnorPopcount(columns, valid_in_last)
    b = bench(dut, seed=columns)
    latency = XnorPopcount.latency(columns)
    assert latency == (2 if columns <= 16 else 3)
    expected = []

    def step(enable, weights, activations, last, count):
        if len(expected) >= latency:
            assert count == expected[-latency]
        if enable:
            expected.append(agreements(weights, activations, valid_in_last if last else columns))
        words = b.random.getrandbits(columns), b.random.getrandbits(columns)
        weights, activations = b.random.choice([words, (words[0], words[0]), (words[0], ~words[0])])
        return [
            (dut.enable, b.random.random() < 0.7),
            (dut.weights, weights),
            (dut.activations, activations & ((1 << columns) - 1)),
            (dut.last, b.random.randrange(2)),
        ]

    b.watch([dut.enable, dut.weights, dut.activations, dut.last, dut.count], step)
    b.run(300)
    assert len(expected) > 150
