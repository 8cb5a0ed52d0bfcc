"""Proofs of netlists by Yosys: of right ones, of wrong ones, and where the time is over."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.flow import proof as proofs
from bephw.flow.proof import prove
from bephw.rtl_gen.logic.netlist import Netlist
from bephw.toolchain import run_yosys
from tests.logic_networks import random_network

NETWORK = (7, [10, 40, 40, 40, 30], 3)


@pytest.fixture(scope="module")
def network():
    return random_network(*NETWORK)


def test_every_output_is_proved(network, tmp_path):
    proof = prove(*network, tmp_path / "proof")
    assert (proof.outputs, proof.proved, proof.unproved, proof.different) == (30, 30, (), ())
    assert proof.netlist_gates < proof.gates == 150
    log = Path(proof.log).read_text()
    assert "Equivalence successfully proven" in log


def test_the_script_that_is_left_proves_it_again(network, tmp_path):
    prove(*network, tmp_path)
    assert "Equivalence successfully proven" in run_yosys((tmp_path / "prove.ys").read_text(), cwd=tmp_path)


@pytest.mark.parametrize("kind", ["inverted", "constant", "swapped"])
def test_a_wrong_netlist_is_found(network, tmp_path, monkeypatch, kind):
    settings, state = network
    right = proofs.simplified(state, 10)
    outputs = list(right.outputs)
    free = [place for place, literal in enumerate(outputs) if literal > 1]
    wrong = free[3]
    other = next(place for place in free if outputs[place] >> 1 != outputs[wrong] >> 1)
    outputs[wrong] = {"inverted": outputs[wrong] ^ 1, "constant": 0, "swapped": outputs[other]}[kind]
    changed = Netlist(right.inputs, right.gates, tuple(outputs))
    monkeypatch.setattr(proofs, "simplified", lambda *_: changed)
    proof = prove(settings, state, tmp_path)
    assert wrong in proof.unproved
    assert proof.different == (wrong,)


def test_every_gate_that_is_wrong_is_found(network, tmp_path, monkeypatch):
    """One at a time, where that changes any output."""
    settings, state = network
    right = proofs.simplified(state, 10)
    samples, inputs = 1 << 10, [sum((row >> place & 1) << row for row in range(1 << 10)) for place in range(10)]
    expected = right.evaluate(inputs, samples)
    found = 0
    for place in range(0, len(right.gates), 9):
        gate = right.gates[place]
        changes = {"xor": not gate.xor} if place % 2 else {"a": gate.a ^ 1}
        gates = (*right.gates[:place], gate._replace(**changes), *right.gates[place + 1 :])
        changed = Netlist(right.inputs, gates, right.outputs)
        wrong = {
            n
            for n, pair in enumerate(zip(changed.evaluate(inputs, samples), expected, strict=True))
            if pair[0] != pair[1]
        }
        monkeypatch.setattr(proofs, "simplified", lambda *_, changed=changed: changed)
        proof = prove(settings, state, tmp_path)
        assert set(proof.unproved) == set(proof.different) == wrong
        found += bool(wrong)
    assert found > 3


def test_what_the_solver_did_not_come_to_is_compared_on_random_samples(network, tmp_path):
    proof = prove(*network, tmp_path, timeout=0.05)
    assert proof.proved == 0
    assert proof.unproved == tuple(range(30))
    assert proof.different == ()
    assert proof.vectors > 1_000


def test_constants_and_wires(tmp_path):
    """Nothing but inputs and constants is left: no gate, no register."""
    settings, state = random_network(1, [3, 6, 4], 2, gates=(0, 3, 5, 10, 12, 15))
    proof = prove(settings, state, tmp_path)
    assert (proof.proved, proof.netlist_gates) == (4, 0)


def test_one_output_a_class(tmp_path):
    settings, state = random_network(1, [2, 6, 2], 2)
    assert prove(settings, state, tmp_path).proved == 2


def test_a_state_of_other_settings(network, tmp_path):
    settings, state = network
    layer = dataclasses.replace(state.layers[0], gate=np.full(40, 99, np.uint8))
    with pytest.raises(BephwError, match="gate_0 must be 0 to 15, not 99"):
        prove(settings, dataclasses.replace(state, layers=(layer, *state.layers[1:])), tmp_path)
    with pytest.raises(BephwError, match="timeout must be above 0 seconds, not 0"):
        prove(settings, state, tmp_path, timeout=0)
