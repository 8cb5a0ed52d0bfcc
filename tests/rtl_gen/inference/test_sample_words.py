"""The first stage: which words are let in, and when."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.sample_words import SampleWords


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize(
    ("inputs", "width", "slots", "interval"), [(1, 1, 1, 1), (7, 3, 2, 3), (7, 8, 3, 5), (12, 4, 2, 9)]
)
def test_samples_in_words(bench, inputs, width, slots, interval, stall):
    """Every sample is done some cycles after its last word; never are more than `slots` inside."""
    dut = SampleWords(inputs, width, slots, interval)
    b = bench(dut, seed=inputs)
    words = -(-inputs // width)
    bits = [b.random.getrandbits(words * width) for _ in range(15)]
    beats = [{"data": sample >> word * width & ((1 << width) - 1)} for sample in bits for word in range(words)]
    source = b.source(dut.samples, beats, stall)
    found, done = [], []

    def step(beat):
        if beat["valid"]:
            found.append(beat)
        inside = sum(one["last"] for one in found) - len(done)
        is_done = inside > 0 and b.random.random() < 0.4
        done.extend([b.cycle] * is_done)
        assert -(-len(found) // words) - len(done) <= slots
        return [(dut.done, is_done)]

    b.watch([dut.beats], step)
    b.run(lambda: source.exhausted and len(done) == len(bits), rest=5)
    mask = (1 << min(width, inputs)) - 1
    assert [beat["data"] for beat in found] == [beat["data"] & mask for beat in beats]
    assert [beat["last"] for beat in found] == ([0] * (words - 1) + [1]) * len(bits)
    assert min(np.diff(source.taken[::words])) >= interval
