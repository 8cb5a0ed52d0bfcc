"""The argmax tree against a list's maximum."""

import pytest

from bephw.rtl_gen.inference.argmax_tree import ArgmaxTree


@pytest.mark.parametrize("relaxed", [False, True])
@pytest.mark.parametrize(("count", "levels"), [(2, 1), (3, 2), (4, 2), (5, 3), (10, 4), (17, 5)])
def test_lowest_index_among_the_largest(bench, count, levels, relaxed):
    latency = levels * (2 if relaxed else 1)
    assert ArgmaxTree.latency(count, relaxed=relaxed) == latency
    dut = ArgmaxTree(count, 3, relaxed=relaxed)
    b = bench(dut, seed=count)
    sent = []

    def step(index, value):
        if len(sent) > latency:
            values = sent[-latency - 1]
            assert (value, index) == (max(values), values.index(max(values)))
        top = b.random.choice([0, 1, 7])  # Small numbers, so that many are equal.
        sent.append([b.random.randint(0, top) for _ in range(count)])
        return [(dut.values[place], value) for place, value in enumerate(sent[-1])]

    b.watch([dut.index, dut.value], step)
    b.run(200)
    assert len(sent) > 190
