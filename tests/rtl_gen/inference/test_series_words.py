"""The first stage of a recurrent design: which words are let in, and when."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.series_words import SeriesWords
from bephw.shape import LayerShape

SHAPES = {
    "a word a step": (3, 4, 3),
    "several words a step": (7, 3, 5),
    "one step at most": (7, 3, 1),
    "a wide word of several columns": (9, 12, 4),
}


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize(("inputs", "width", "most"), SHAPES.values(), ids=SHAPES.keys())
def test_steps_in_words(bench, inputs, width, most, stall):
    """Lengths change from sample to sample, and are asked for at first words only."""
    shape = CellShape(LayerShape(0, inputs + 2, 2, 1, 2, 1), inputs, width, most)
    dut = SeriesWords(shape)
    b = bench(dut, seed=inputs)
    lengths = [most, 0, most + 1, *(b.random.randint(1, most) for _ in range(12))]
    lengths = [length if length < 1 << len(dut.steps) else most for length in lengths]
    steps = [min(max(length, 1), most) for length in lengths]
    words = len(shape.divisions)
    source = b.source(dut.samples, [{"data": number % (1 << width)} for number in range(sum(steps) * words)], stall)
    found, begun, ends = [], [], np.cumsum(steps)

    def step(beat, start, room):
        between = len(found) in {0, *(ends * words)}
        assert start == (beat["valid"] and between)
        assert room or not start
        begun.extend([len(found)] * start)
        if beat["valid"]:
            found.append((b.cycle, beat))
        # Only a first word's count matters: in between there is noise.
        at_first = len(found) in {0, *(ends * words)}
        number = int(np.searchsorted(ends * words, len(found), side="right"))
        right = lengths[min(number, len(lengths) - 1)]
        return [
            (dut.room, b.random.random() < 0.6),
            (dut.steps, right if at_first else b.random.getrandbits(len(dut.steps))),
        ]

    b.set(dut.steps, lengths[0])
    b.watch([dut.beats, dut.start, dut.room], step)
    b.run(lambda: source.exhausted, rest=5)
    assert begun == [0, *(ends[:-1] * words)]
    beats = [beat for _, beat in found]
    cycles = np.array([cycle for cycle, _ in found])
    assert [beat["last"] for beat in beats] == ([0] * (words - 1) + [1]) * sum(steps)
    finals = [place + 1 for place, beat in enumerate(beats) if beat["last"] and beat["final"]]
    assert finals == list(ends * words)
    mask = (1 << min(width, inputs)) - 1
    assert [beat["data"] for beat in beats] == [number % (1 << width) & mask for number in range(len(beats))]
    assert min(np.diff(cycles[::words]), default=99) >= shape.beat_spacing
