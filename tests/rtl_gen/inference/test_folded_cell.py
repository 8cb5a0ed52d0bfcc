"""A folded cell against plain integers: last states, latency, and no step before its state is back."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.folded_cell import FoldedCell, cell_weights
from bephw.rtl_gen.inference.layer import least_matches

CELLS = {
    "smallest": ([1, 1, 1], 1, 1, 1, 3),
    "nothing divides": ([7, 13, 2], 4, 5, 3, 6),
    "all at once": ([5, 9, 2], 9, 14, 5, 4),
    "words of the state while the one before is read": ([4, 12, 2], 2, 4, 4, 5),
    "no other sample needed": ([30, 6, 2], 6, 3, 30, 4),
    "one step": ([6, 5, 2], 2, 4, 6, 1),
    "the stream decides": ([18, 3, 2], 3, 9, 1, 4),
}


def test_weights_move_to_where_words_begin():
    shape = CellShape.of(_settings([3, 2, 1], 1, 2, 1, 1))
    weights = np.array([[0, 0, 0, 0, 0], [1, 0, 1, 0, 1]])
    assert cell_weights(weights, shape).tolist() == [[0, 0, 0, 1, 0, 0], [1, 0, 1, 1, 0, 1]]


def _settings(sizes, rows, columns, width, steps, thresholds=False, channels=1):
    from bephw.settings import Settings

    return Settings.build(
        network={"sizes": sizes, "classes": 2, "thresholds": thresholds},
        learning={"algorithm": "bep-tt"},
        hardware={
            "rows": [rows, 1, 1],
            "columns": [columns, 1, 1],
            "stream_width": width,
            "samples": channels,
            "slots": channels,
        },
        data={"steps": steps},
    )


@pytest.mark.parametrize(("sizes", "rows", "columns", "width", "steps"), CELLS.values(), ids=CELLS.keys())
@pytest.mark.parametrize(("alone", "channels"), [(True, 1), (False, 1), (True, 3), (False, 3)])
def test_last_states(bench, inference, sizes, rows, columns, width, steps, alone, channels):
    """Samples of random lengths, alone or as fast as there are slots; `room` comes and goes. They end in order."""
    thresholds = alone
    settings = _settings(sizes, rows, columns, width, steps, thresholds, channels)
    generator = np.random.default_rng(len(CELLS) + rows)
    state = inference.random_state(settings, generator)
    shape, inputs = CellShape.of(settings), sum(sizes[:2])
    slots = shape.in_turn + 1
    least = least_matches(inputs, state.thresholds[0] if thresholds else [0] * sizes[1])
    dut = FoldedCell(shape, (state.counters[0] >= 0).astype(np.uint8), least, slots)
    b = bench(dut, seed=columns)
    lengths = [steps, *generator.integers(1, steps + 1, 9)]
    samples = [generator.integers(0, 2, (1, length, sizes[0])).astype(np.uint8) for length in lengths]
    expected = [inference.states(state, x)[0] > 0 for x in samples]
    beats = [
        (number, step, place)
        for number, length in enumerate(lengths)
        for step in range(length)
        for place in range(len(shape.divisions))
    ]
    found, began, wait = [[] for _ in range(channels)], [], [0]
    done, started = [0] * channels, [0] * channels

    def act(is_done, start, room, *outputs):
        assert start & ~room == 0
        for channel, beat in enumerate(outputs):
            if beat["valid"]:
                found[channel].append((b.cycle, beat))
            done[channel] += is_done >> channel & 1
            started[channel] += start >> channel & 1
        assert started == [(sum(started) + channels - 1 - channel) // channels for channel in range(channels)], "order"
        ended = sum(one["last"] for beats in found for _, one in beats)
        rooms = sum((alone or b.random.random() < 0.2) << channel for channel in range(channels))
        sets = [(dut.inputs.valid, 0), (dut.room, rooms)]
        wait[0] -= 1
        if not beats or wait[0] > 0:
            return sets
        number, step, place = beats[0]
        inside = number - ended if alone else (number // channels - done[number % channels]) / slots
        if (step, place) == (0, 0) and inside >= 1:
            return sets
        beats.pop(0)
        last = place == len(shape.divisions) - 1
        if last:
            wait[0] = shape.beat_spacing - len(shape.divisions) + 1
            if step == 0:
                began.append(b.cycle + 1)
        bits = samples[number][0, step, shape.divisions[place].start : shape.divisions[place].stop]
        data = sum(int(bit) << index for index, bit in enumerate(bits))
        final = int(last and step == lengths[number] - 1)
        return [*sets, (dut.inputs, {"valid": 1, "data": data, "last": int(last), "final": final})]

    b.watch([dut.done, dut.start, dut.room, *dut.outputs], act)
    b.run(lambda: sum(map(len, found)) == len(samples) * shape.padded.scan_beats, rest=5)
    assert sum(done) == sum(started) == len(samples)
    ends = [0] * len(samples)
    for channel in range(channels):
        for number, (cycle, beat) in enumerate(found[channel]):
            n, index = divmod(number, shape.padded.scan_beats)
            sample = channel + n * channels
            for place, output in enumerate(shape.padded.all_beats()[index]):
                assert beat["data"] >> place & 1 == expected[sample][output], (sample, output)
            assert beat["last"] == (index == shape.padded.scan_beats - 1)
            ends[sample] = cycle
    if alone:
        took = [end - begin for end, begin in zip(ends, began, strict=True)]
        assert took == [shape.latency(int(length)) for length in lengths]
