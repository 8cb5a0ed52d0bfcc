"""The first stage: which words are let in, and when."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.sample_words import SampleWords


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize("room", [1.0, 0.3])
@pytest.mark.parametrize(("inputs", "width"), [(1, 1), (7, 3), (7, 8), (12, 4)])
def test_samples_in_words(bench, inputs, width, room, stall):
    """A sample begins only where there is room, and then nothing but its sender makes it wait."""
    dut = SampleWords(inputs, width)
    b = bench(dut, seed=inputs)
    words = -(-inputs // width)
    bits = [b.random.getrandbits(words * width) for _ in range(15)]
    beats = [{"data": sample >> word * width & ((1 << width) - 1)} for sample in bits for word in range(words)]
    source = b.source(dut.samples, beats, stall)
    found, starts = [], []

    def step(beat, start, is_room, ready, valid):
        first = len(found) % words == 0
        assert ready == (is_room if first else 1)
        assert beat["valid"] == (valid and ready)
        assert start == (beat["valid"] and first)
        if beat["valid"]:
            found.append(beat)
            starts.extend([b.cycle] * start)
        return [(dut.room, b.random.random() < room)]

    b.watch([dut.beats, dut.start, dut.room, dut.samples.ready, dut.samples.valid], step)
    b.run(lambda: source.exhausted, rest=5)
    mask = (1 << min(width, inputs)) - 1
    assert [beat["data"] for beat in found] == [beat["data"] & mask for beat in beats]
    assert [beat["last"] for beat in found] == ([0] * (words - 1) + [1]) * len(bits)
    assert starts == source.taken[::words]
    if not stall:
        gaps = [set(np.diff(source.taken[at : at + words])) for at in range(0, len(beats), words)]
        assert all(gap <= {1} for gap in gaps)
