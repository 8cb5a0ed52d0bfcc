"""A matrix that several samples share, against NumPy: results, order, and who passes with whom."""

import numpy as np
import pytest

from bephw.rtl_gen.inference.shared_matrix import SharedMatrix
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.shape import LayerShape

SHAPES = {  # outputs, inputs, rows, columns, width of the inputs' beats
    "smallest": (1, 1, 1, 1, 1),
    "one step": (6, 5, 6, 5, 5),
    "nothing divides": (5, 9, 2, 4, 4),
    "repacked": (7, 12, 3, 5, 3),
    "one group": (4, 10, 4, 3, 10),
}


def beats_of(vector, divisions):
    return [
        {
            "data": sum(int(bit) << place for place, bit in enumerate(vector[bits.start : bits.stop])),
            "last": bits is divisions[-1],
        }
        for bits in divisions
    ]


@pytest.mark.parametrize(("outputs", "inputs", "rows", "columns", "width"), SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize(("sources", "channels"), [(1, 1), (1, 3), (4, 2), (2, 4), (3, 1), (4, 4)])
@pytest.mark.parametrize(("counting", "stall"), [(False, 0.0), (True, 0.6)])
def test_results(bench, outputs, inputs, rows, columns, width, sources, channels, counting, stall):
    """Vectors come as they like, and find room as it happens; each leaves by its channel, in its turn."""
    shape = LayerShape(0, inputs, outputs, rows, columns, 1, samples=channels)
    divisions, count = stream_beats(inputs, width), 16
    generator = np.random.default_rng(outputs + channels)
    weights = generator.integers(0, 2, (outputs, inputs)).astype(np.uint8)
    least = None if counting else [int(value) for value in generator.integers(0, inputs + 2, outputs)]
    dut = SharedMatrix(shape, divisions, weights, least, sources=sources, ahead=3)
    x = generator.integers(0, 2, (count, inputs))
    matches = (weights[None] == x[:, None]).sum(axis=2)
    results = matches if counting else matches >= least
    b = bench(dut, seed=sources)
    for source, flow in enumerate(dut.inputs):
        b.flow_source(flow, [beats_of(vector, divisions) for vector in x[source::sources]], pause=stall)
    sinks = [b.flow_sink(flow, stall=stall) for flow in dut.outputs]
    b.run(lambda: sum(sink.complete for sink in sinks) == count, rest=50)
    each = shape.z_bits if counting else 1
    for channel, sink in enumerate(sinks):
        beats = iter(sink.beats)
        for expected in results[channel::channels]:
            for places in shape.all_beats():
                beat = next(beats)
                found = [beat["data"] >> place * each & ((1 << each) - 1) for place in range(len(places))]
                assert found == list(expected[places.start : places.stop])
        assert not list(beats)
