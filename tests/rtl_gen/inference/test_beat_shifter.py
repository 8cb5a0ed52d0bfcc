"""Results of row groups, and the beats that come of them."""

import pytest

from bephw.rtl_gen.inference.beat_shifter import BeatShifter
from bephw.shape import LayerShape


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("pause", [0, 3])
@pytest.mark.parametrize(
    ("outputs", "rows", "words"), [(1, 1, 1), (5, 5, 1), (7, 3, 2), (12, 5, 2), (13, 5, 3), (9, 4, 9)]
)
def test_beats_of_every_output(bench, outputs, rows, words, width, pause):
    shape = LayerShape(0, words, outputs, rows, 1, 1)
    dut = BeatShifter(shape, width)
    b = bench(dut, seed=outputs)
    samples = [[b.random.getrandbits(width) for _ in range(outputs)] for _ in range(8)]
    loads = [
        (sample[group * rows : (group + 1) * rows], group == shape.groups - 1)
        for sample in samples
        for group in range(shape.groups)
    ]
    found, cycles, loaded = [], [], []

    async def load(ctx):
        for results, _ in loads:
            noise = b.random.getrandbits(rows * width)
            known = sum(value << index * width for index, value in enumerate(results))
            mask = (1 << len(results) * width) - 1
            ctx.set(dut.results, known | noise & ~mask)
            ctx.set(dut.load, 1)
            loaded.append(b.cycle)
            await ctx.tick()
            ctx.set(dut.load, 0)
            await b.wait(ctx, shape.beats - 1 + (b.random.randrange(pause) if pause else 0))

    def look(beat):
        if beat["valid"]:
            found.append(beat)
            cycles.append(b.cycle)

    b.process(load)
    b.watch([dut.beats], look)
    b.run(lambda: len(found) == len(samples) * shape.scan_beats, rest=10)
    assert len(found) == len(samples) * shape.scan_beats
    assert cycles[0] == loaded[0] + 1
    for number, beat in enumerate(found):
        sample, index = divmod(number, shape.scan_beats)
        assert beat["last"] == (index == shape.scan_beats - 1)
        for place, output in enumerate(shape.all_beats()[index]):
            assert beat["data"] >> place * width & ((1 << width) - 1) == samples[sample][output]
