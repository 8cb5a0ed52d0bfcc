"""The queue at the end: nothing is lost, and no more are let in than it has places."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.prediction_queue import PredictionQueue


@pytest.mark.parametrize("stall", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("depth", "interval"), [(5, 1), (9, 4), (3, 20)])
def test_labels_in_order(bench, depth, interval, stall):
    """In front of it a pipeline of `depth` cycles, which takes a sample every `interval`."""
    places = PredictionQueue.places_needed(depth + PredictionQueue.LATENCY, interval)
    dut = PredictionQueue(10, places)
    b = bench(dut, seed=depth)
    sink = b.sink(dut.predictions, stall)
    inside, entered = [None] * depth, []

    async def pipeline(ctx):
        wait = 0
        while True:
            enters = bool(ctx.get(dut.room)) and wait == 0
            inside.append(b.random.randrange(10) if enters else None)
            wait = interval - 1 if enters else max(wait - 1, 0)
            label_in, label = inside[-1], inside.pop(0)
            ctx.set(dut.entered, enters)
            ctx.set(dut.present, label is not None)
            ctx.set(dut.label, label or 0)
            await ctx.tick()
            entered.extend([(b.cycle, label_in)] * enters)
            assert len(entered) - len(sink.beats) <= places + PredictionQueue.BEHIND

    b.process(pipeline)
    b.run(400)
    labels = [beat["label"] for beat in sink.beats]
    assert labels == [label for _, label in entered][: len(labels)]
    assert len(labels) >= len(entered) - places - PredictionQueue.BEHIND
    if not stall:
        cycles = [cycle for cycle, _ in entered]
        assert set(np.diff(cycles)) == {interval}
        assert [seen - cycle for seen, cycle in zip(sink.cycles, cycles, strict=False)] == [
            depth + PredictionQueue.LATENCY
        ] * len(labels)
