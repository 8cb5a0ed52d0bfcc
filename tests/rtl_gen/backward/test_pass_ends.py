"""Who passed forward together, against a list of passes."""

import pytest

from bephw.rtl_gen.backward.pass_ends import PassEnds


@pytest.mark.parametrize("channels", [2, 3, 4, 16])
@pytest.mark.parametrize("eager", [0.2, 0.9])
def test_the_last_of_every_pass(bench, channels, eager):
    """Any number starts, as long as there are slots, and any number of those are taken, both in sample order."""
    slots, samples = 3 * channels, 40 * channels
    dut = PassEnds(channels, slots)
    b = bench(dut, channels)
    last = []  # of every sample that has started
    taken, seen = 0, (0, 0)  # samples; what is shown is of those there were in the cycle before

    def mask(numbers):
        return sum(1 << number % channels for number in numbers)

    def act(shown):
        nonlocal taken, seen
        first, behind = seen
        for number in range(first, min(behind, first + channels)):
            assert shown >> number % channels & 1 == last[number]
        count = b.random.randint(0, min(behind - taken, channels)) if b.random.random() < eager else 0
        seen = taken, len(last)
        room = min(slots - len(last) + taken, channels, samples - len(last))
        gone, taken = range(taken, taken + count), taken + count
        begun = range(len(last), len(last) + (b.random.randint(0, room) if b.random.random() < 0.5 else 0))
        last.extend(number == begun.stop - 1 for number in begun)
        return [(dut.started, mask(begun)), (dut.taken, mask(gone))]

    b.watch([dut.last], act)
    b.run(lambda: taken == samples)
