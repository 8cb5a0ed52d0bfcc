"""The pipeline in Amaranth's simulator: the netlist's outputs, as many cycles later as it says."""

import numpy as np
import pytest

from bephw.rtl_gen.logic.gates import PipelinedGates
from bephw.rtl_gen.logic.netlist import Netlist
from bephw.rtl_gen.logic.pipeline import Pipeline
from bephw.rtl_gen.logic.simplify import simplified
from tests.logic_networks import plain_outputs, random_network

CASES = [
    (0, [5, 9, 7, 8], range(16)),
    (1, [3, 12, 12, 12, 12, 12, 6], (1, 2, 6, 7, 9, 14)),
    (2, [30, 40, 40, 40, 20], (1, 3, 3, 3, 6, 7, 12)),
]


@pytest.mark.parametrize("span", [1, 2, 3, 9])
@pytest.mark.parametrize(("seed", "sizes", "gates"), CASES)
def test_outputs_after_the_latency(bench, clocked, seed, sizes, gates, span):
    _, state = random_network(seed, sizes, 2, gates)
    pipeline = Pipeline(simplified(state, sizes[0]), span)
    assert pipeline.latency == -(-pipeline.netlist.depth // span)
    dut = PipelinedGates(pipeline)
    b = bench(dut if pipeline.latency else clocked(dut))
    random, sent = np.random.default_rng(seed), []

    def step(outputs):
        if len(sent) > pipeline.latency:
            expected = plain_outputs(state, sent[-pipeline.latency - 1])
            assert outputs == sum(bit << place for place, bit in enumerate(expected))
        sent.append(random.integers(0, 2, sizes[0]))
        return [(dut.inputs, sum(int(bit) << place for place, bit in enumerate(sent[-1])))]

    b.watch([dut.outputs], step)
    b.run(60)
    assert len(sent) > 50


def test_registers_hold_what_is_read_later():
    """Of the first level: only what the second cycle reads, and outputs to the end."""
    _, state = random_network(1, CASES[1][1], 2, CASES[1][2])
    pipeline = Pipeline(simplified(state, 3), 2)
    levels = pipeline.netlist.levels
    for cycle in range(pipeline.latency):
        for node in pipeline.kept(cycle):
            assert levels[node] <= 2 * (cycle + 1), "held before it is computed"
    last = pipeline.latency - 1
    outputs = {literal >> 1 for literal in pipeline.netlist.outputs} - {0}
    assert set(pipeline.kept(last)) == outputs


def test_outputs_that_are_inputs_and_constants_take_no_cycle():
    assert Pipeline(Netlist(2, (), (0, 1, 2, 5)), 2).latency == 0
