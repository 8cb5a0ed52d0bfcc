"""Networks of logic gates as designs: predictions, latency, a sample a cycle, stalls."""

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.logic_state import LogicLayer, LogicState
from bephw.rtl_gen.designs import make_design, timing, word_width
from bephw.rtl_gen.inference.supported import check_inference
from bephw.rtl_gen.logic.class_counts import counted_literals
from bephw.rtl_gen.logic.inference import LogicInference, pipeline_of
from tests.logic_networks import plain_prediction, random_bits, random_network

CASES = [
    ([1, 2], 2, 2),
    ([3, 4, 4], 2, 1),
    ([7, 20, 20, 30], 3, 2),
    ([12, 40, 40, 40, 50], 5, 3),
    ([9, 60, 90], 10, 9),
]


def job(sizes, classes, levels, seed=0, count=120):
    """Settings, network, beats in, and the beats that must come out."""
    settings, state = random_network(seed, sizes, classes, levels=levels)
    x = random_bits(seed, count, sizes[0])
    beats = [{"data": sum(int(bit) << place for place, bit in enumerate(row))} for row in x]
    return settings, state, beats, [{"label": plain_prediction(settings, state, row)[0]} for row in x]


@pytest.mark.parametrize(("sizes", "classes", "levels"), CASES)
def test_a_sample_every_cycle(bench, sizes, classes, levels):
    settings, state, beats, expected = job(sizes, classes, levels)
    dut = make_design(settings, state, "unrolled")
    assert isinstance(dut, LogicInference)
    assert word_width(settings, "unrolled") == sizes[0]
    b = bench(dut)
    source, sink = b.source(dut.samples, beats), b.sink(dut.predictions)
    b.run(len(beats) + 60)
    assert sink.beats == expected
    assert np.all(np.diff(source.taken) == 1)
    assert np.all(np.diff(sink.cycles) == 1)
    assert sink.cycles[0] - source.taken[0] == timing(settings, state, "unrolled").latency


@pytest.mark.parametrize(("samples", "taken"), [(0.5, 0.0), (0.0, 0.5), (0.4, 0.4), (0.0, 0.95)])
def test_stalls_lose_nothing(bench, samples, taken):
    settings, state, beats, expected = job([12, 40, 40, 50], 5, 1, seed=1)
    dut = LogicInference(settings, state)
    b = bench(dut, seed=int(10 * (samples + taken)))
    source, sink = b.source(dut.samples, beats, samples), b.sink(dut.predictions, taken)
    b.run(600 if taken < 0.9 else 3500)
    assert source.exhausted
    assert sink.beats == expected


@pytest.mark.parametrize(("ones", "label"), [([1, 3, 2], 1), ([2, 2, 2], 0), ([0, 0, 1], 2), ([4, 4, 4], 0)])
def test_constant_outputs_count(bench, ones, label):
    """All gates are constants: so many ones for each of three classes."""
    gates = [15 * (place < count) for count in ones for place in range(4)]
    index = np.zeros(12, np.int32)
    settings, _ = random_network(0, [2, 12], 3)
    dut = LogicInference(settings, LogicState((LogicLayer(index, index, np.array(gates, np.uint8)),)))
    b = bench(dut)
    b.source(dut.samples, [{"data": 1}] * 3)
    sink = b.sink(dut.predictions)
    b.run(40)
    assert sink.beats == [{"label": label}] * 3


def test_constants_that_all_classes_have_do_not_count():
    assert counted_literals([1, 1, 5, 1, 0, 7, 1, 1, 1], 3) == [[5, 1], [7], [1, 1]]


def test_registers_change_the_latency_and_nothing_else():
    settings, state = random_network(2, [12, 40, 40, 40, 40], 4)
    found = {}
    for levels in (1, 2, 4):
        changed = settings.replace({"logic.levels": levels})
        found[levels] = timing(changed, state, "unrolled").latency
        assert timing(changed, state, "unrolled").interval == 1
    depth = pipeline_of(settings, state).netlist.depth
    assert found[1] - found[2] == depth - -(-depth // 2)
    assert found[2] > found[4]


def test_folded_is_refused():
    settings, state = random_network(0, [4, 4], 2)
    with pytest.raises(BephwError, match="inference must be unrolled for a network of gates"):
        check_inference(settings, state, "folded")


def test_state_of_another_network_is_refused():
    settings, _ = random_network(0, [4, 4], 2)
    _, other = random_network(0, [5, 4], 2)
    changed = LogicState((LogicLayer(np.full(4, 4), other.layers[0].index_b, other.layers[0].gate),))
    with pytest.raises(BephwError, match="index_a_0 must be 0 to 3, not 4"):
        check_inference(settings, changed, "unrolled")
