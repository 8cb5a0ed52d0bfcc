"""The simplified netlist computes what the network does, with nothing that could be left out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.logic_state import LogicLayer, LogicState
from bephw.rtl_gen.logic.netlist import FALSE, TRUE, Gate, Netlist
from bephw.rtl_gen.logic.simplify import simplified
from tests.logic_networks import plain_outputs, random_network


def layer(*gates):
    """Of (gate, a, b)."""
    kinds, a, b = (np.array(column) for column in zip(*gates, strict=True))
    return LogicLayer(a.astype(np.int32), b.astype(np.int32), kinds.astype(np.uint8))


def every_sample(inputs):
    """All of them; and each input as a number with a bit a sample."""
    samples = list(product((0, 1), repeat=inputs))
    return samples, [sum(sample[place] << row for row, sample in enumerate(samples)) for place in range(inputs)]


networks = st.builds(
    random_network,
    seed=st.integers(0, 2**32),
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 12), st.integers(1, 12), st.integers(1, 6).map(lambda n: 2 * n)),
    classes=st.just(2),
    gates=st.sets(st.integers(0, 15), min_size=1).map(sorted),
)


@given(networks)
def test_it_computes_what_the_network_does(network):
    settings, state = network
    netlist = simplified(state, settings.network.sizes[0])
    samples, inputs = every_sample(settings.network.sizes[0])
    outputs = netlist.evaluate(inputs, len(samples))
    for row, sample in enumerate(samples):
        assert [number >> row & 1 for number in outputs] == plain_outputs(state, sample)


@given(networks)
def test_nothing_is_left_that_could_go(network):
    settings, state = network
    netlist = simplified(state, settings.network.sizes[0])
    first = netlist.first_gate
    read = {literal >> 1 for gate in netlist.gates for literal in (gate.a, gate.b)}
    read |= {literal >> 1 for literal in netlist.outputs}
    assert len(set(netlist.gates)) == len(netlist.gates), "two gates alike"
    for node, gate in enumerate(netlist.gates, first):
        assert 0 < gate.a >> 1 < gate.b >> 1 < node, "a constant, a wire, or a gate that reads a later one"
        assert not (gate.xor and (gate.a | gate.b) & 1), "an XOR's inverted inputs are its inverted output"
        assert node in read, "a dead gate"


def test_constants_wires_and_inverters_vanish():
    state = LogicState((layer((0, 0, 1), (15, 0, 1), (3, 0, 1), (12, 0, 1), (5, 0, 1), (10, 0, 1)),))
    assert simplified(state, 2) == Netlist(2, (), (FALSE, TRUE, 2, 3, 4, 5))


def test_constants_fold_through_gates():
    """b AND 1, b AND 0, b XOR 1."""
    state = LogicState((layer((15, 0, 0), (0, 0, 0), (3, 0, 0)), layer((1, 2, 0), (1, 2, 1), (6, 2, 0))))
    assert simplified(state, 1).outputs == (2, FALSE, 3)


def test_the_same_input_twice():
    state = LogicState((layer((6, 0, 0), (9, 0, 0), (1, 0, 0), (14, 0, 0), (2, 0, 0)),))
    assert simplified(state, 1) == Netlist(1, (), (FALSE, TRUE, 2, 3, FALSE))


def test_gates_that_differ_by_inverters_are_one():
    """a AND b; b AND a; NAND; NOT a OR NOT b; and by an inverted a of a layer below: NOT(NOT a) AND b."""
    state = LogicState((layer((3, 0, 0), (12, 0, 0), (3, 1, 1)), layer((1, 0, 2), (1, 2, 0), (14, 0, 2), (4, 1, 2))))
    netlist = simplified(state, 2)
    assert netlist.gates == (Gate(False, 2, 4),)
    assert netlist.outputs == (6, 6, 7, 6)


def test_all_exclusive_ors_of_two_signals_are_one():
    state = LogicState((layer((12, 0, 0), (3, 1, 1)), layer((6, 0, 1), (9, 1, 0), (6, 1, 0))))
    netlist = simplified(state, 2)
    assert netlist.gates == (Gate(True, 2, 4),)
    assert netlist.outputs == (7, 6, 7)


@pytest.mark.parametrize(("gate", "depth"), [(0, 0), (3, 2), (15, 1)])
def test_levels(gate, depth):
    """Gates, not layers: wires and constants take none."""
    state = LogicState((layer((1, 0, 1), (gate, 0, 1)), layer((1, 0, 1), (1, 0, 1))))
    netlist = simplified(state, 2)
    assert netlist.depth == depth == len(netlist.gates)
