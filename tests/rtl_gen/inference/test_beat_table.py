"""A table of beats against the list it holds."""

import pytest

from bephw.rtl_gen.inference.beat_table import BeatTable


@pytest.mark.parametrize("words", [[3, 1], [7, 0, 5], list(range(13))])
@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_the_word_of_every_beat(bench, words, pause):
    dut = BeatTable(4, words)
    b = bench(dut, seed=len(words))
    cycles, valid, seen = [], False, []

    def step(word):
        nonlocal valid
        cycles.append(valid)
        if len(cycles) > dut.LATENCY and cycles[-1 - dut.LATENCY]:
            assert word == words[len(seen) % len(words)]
            seen.append(word)
        valid = b.random.random() >= pause
        return [(dut.valid, valid)]

    b.watch([dut.word], step)
    b.run(200)
    assert len(seen) > 60
