"""bephw.boards.ecp5.carry_chains: what becomes of a chain's ends, and that the design does the same as before."""

import copy
import itertools
import json

import pytest
from amaranth.back import rtlil
from amaranth.hdl import *
from hypothesis import given
from hypothesis import strategies as st

from bephw.boards.ecp5.carry_chains import trim_carry_chains
from bephw.errors import BephwError
from bephw.toolchain import run_yosys

# -- a plain model of the primitives: Lattice's, as Yosys has it in cells_sim.v ---------------------------


def value(bit, nets):
    return nets[bit] if isinstance(bit, int) else {"0": 0, "1": 1}.get(bit)


def evaluate(cells, nets):
    """All nets, from those given. None is a carry that nobody drives; it must not matter."""
    nets, waiting = dict(nets), list(cells.values())
    while waiting:
        cell = next(cell for cell in waiting if all(known(bits[0], nets) for bits in inputs(cell)))
        waiting.remove(cell)
        pins = cell["connections"]
        if cell["type"] == "LUT4":
            index = sum(value(pins[pin][0], nets) << place for place, pin in enumerate("ABCD"))
            nets[pins["Z"][0]] = int(cell["parameters"]["INIT"], 2) >> index & 1
            continue
        carry = value(pins["CIN"][0], nets)
        for half in "01":
            table = int(cell["parameters"][f"INIT{half}"], 2)
            index = sum(value(pins[pin + half][0], nets) << place for place, pin in enumerate("ABCD"))
            passes = table >> index & 1
            put(nets, pins["S" + half], None if carry is None else passes ^ carry)
            carry = carry if passes else table >> (index & 3) & 1
        put(nets, pins["COUT"], carry)
    return nets


def put(nets, bits, driven):
    if isinstance(bits[0], int):
        nets[bits[0]] = driven


def inputs(cell):
    outputs = {"LUT4": {"Z"}, "CCU2C": {"S0", "S1", "COUT"}}[cell["type"]]
    return [bits for pin, bits in cell["connections"].items() if pin not in outputs]


def known(bit, nets):
    return not isinstance(bit, int) or bit in nets


# -- chains at random -----------------------------------------------------------------------------------

SOURCES = list(range(2, 8))
TABLES = [0x96AA, 0x0000, 0xFFFF, 0x6996, 0x66F8, 0x000A, 0x5A3C]


@st.composite
def chains(draw):
    """A chain of cells over six nets and constants, and the nets that others read."""
    length = draw(st.integers(1, 4))
    cells, fresh = {}, itertools.count(100)
    carry = draw(st.sampled_from(["0", "1"]))
    few = draw(st.booleans())
    for index in range(length):
        pins = {"CIN": [carry]}
        for half in "01":
            sources = SOURCES[:2] if few and not index else SOURCES
            pins |= {pin + half: [draw(st.sampled_from([*sources, "0", "1"]))] for pin in "ABCD"}
            pins["S" + half] = [next(fresh)]
        pins["COUT"] = [next(fresh)]
        carry = pins["COUT"][0]
        tables = {f"INIT{half}": f"{draw(st.sampled_from(TABLES) | st.integers(0, 0xFFFF)):016b}" for half in "01"}
        parameters = {"INJECT1_0": "NO", "INJECT1_1": "NO", **tables}
        cells[f"cell_{index}"] = {"type": "CCU2C", "parameters": parameters, "connections": pins}
    outputs = [bit for cell in cells.values() for pin in ("S0", "S1", "COUT") for bit in cell["connections"][pin]]
    return cells, draw(st.lists(st.sampled_from(outputs), unique=True))


def module(cells, read):
    ports = {"in": {"direction": "input", "bits": SOURCES}, "out": {"direction": "output", "bits": read}}
    return {"modules": {"top": {"ports": ports, "cells": cells}}}


@given(chains())
def test_what_is_read_is_the_same(chain):
    cells, read = chain
    before = copy.deepcopy(cells)
    assert trim_carry_chains(module(cells, read)) >= 0
    for values in itertools.product((0, 1), repeat=len(SOURCES)):
        nets = dict(zip(SOURCES, values, strict=True))
        expected, found = evaluate(before, nets), evaluate(cells, nets)
        assert [found[bit] for bit in read] == [expected[bit] for bit in read]


# -- what is saved ----------------------------------------------------------------------------------------


def adder(slots, *, carry="0", table=0x96AA, last_read=False):
    """A counter of some slots, or the sum of two words with C at 0 for every slot (0x96AA)."""
    cells, before = {}, [carry]
    for index in range(-(-slots // 2)):
        pins = {"CIN": before, "COUT": [100 + index], "S0": [200 + 2 * index], "S1": [201 + 2 * index]}
        for half, slot in zip("01", (2 * index, 2 * index + 1), strict=True):
            pins |= {f"A{half}": [10 + slot], f"B{half}": [50 + slot], f"C{half}": ["0"], f"D{half}": ["1"]}
        parameters = dict.fromkeys(("INIT0", "INIT1"), f"{table:016b}") | {"INJECT1_0": "NO", "INJECT1_1": "NO"}
        cells[f"cell_{index}"] = {"type": "CCU2C", "parameters": parameters, "connections": pins}
        before = pins["COUT"]
    read = [200 + slot for slot in range(slots)] + ([before[0]] if last_read else [])
    return module(cells, read)


@pytest.mark.parametrize(
    ("slots", "last_read", "saved", "more"),
    [(8, False, 3, 1), (7, False, 4, 0), (8, True, 1, 1), (7, True, 1, 1), (1, False, 4, 0)],
    ids=["full", "a slot to spare", "full, carry read", "carry read", "one slot"],
)
def test_saved(slots, last_read, saved, more):
    design = adder(slots, last_read=last_read)
    cells = design["modules"]["top"]["cells"]
    before = len(cells)
    assert trim_carry_chains(design) == saved
    assert len(cells) == before + more
    assert cells["cell_0"]["connections"]["CIN"] == ["x"]
    assert (cells[f"cell_{before - 1}"]["connections"]["COUT"] == ["x"]) != last_read


def test_a_carry_from_logic_stays():
    design = adder(8, carry=9)
    assert trim_carry_chains(design) == 2  # the carry out
    assert design["modules"]["top"]["cells"]["cell_0"]["connections"]["CIN"] == [9]


def test_a_lowest_bit_of_many_signals_stays():
    design = adder(8)
    design["modules"]["top"]["cells"]["cell_0"]["connections"] |= {"C0": [90]}
    before = copy.deepcopy(design["modules"]["top"]["cells"]["cell_0"])
    assert trim_carry_chains(design) == 2
    assert design["modules"]["top"]["cells"]["cell_0"] == before


def test_carries_that_are_injected_stay():
    design = adder(8)
    design["modules"]["top"]["cells"]["cell_2"]["parameters"]["INJECT1_0"] = "YES"
    assert trim_carry_chains(design) == 2


def test_a_second_time_nothing_changes():
    design = adder(7)
    trim_carry_chains(design)
    once = copy.deepcopy(design)
    assert trim_carry_chains(design) == 0
    assert design == once


# -- a design of Yosys' own chains -------------------------------------------------------------------------


class Sums(Elaboratable):
    """Sums, differences, counters and comparisons of noise."""

    def __init__(self):
        self.data, self.domain = Signal(40), ClockDomain("sync", reset_less=True)

    def netlist(self, name):
        return rtlil.convert(self, ports=[self.data, self.domain.clk], name=name)

    def elaborate(self, platform):
        m = Module()
        m.domains += self.domain
        noise, count, total = Signal(64, init=0x123456789ABCDEF1), Signal(9), Signal(12)
        m.d.sync += [
            noise.eq(Cat(noise[1:], 0) ^ noise[0].replicate(64) & 0xD800000000000000),
            count.eq(count + 1),
            total.eq(total + noise[:7]),
            self.data.eq(Cat(noise[3:11] + noise[20:27], noise[9:16] - noise[30:38], noise[:10] < noise[40:51], count)),
            self.data[-12:].eq(total),
        ]
        return m


def synthesised(folder):
    (folder / "top.il").write_text(Sums().netlist("top"))
    run_yosys("read_rtlil top.il\nsynth_ecp5 -nowidelut -top top\nwrite_json top.json", cwd=folder)
    return json.loads((folder / "top.json").read_text())


def check_same(design, folder):
    """Simulate a netlist side by side with what it was made from. Raises where they ever differ."""
    design["modules"] = {"gate": design["modules"]["top"]}
    for cell in design["modules"]["gate"]["cells"].values():  # Yosys wants no constant at an output
        for pin, bits in cell["connections"].items():
            if bits == ["x"] and cell["port_directions"][pin] == "output":
                cell["connections"][pin] = []
    (folder / "gate.json").write_text(json.dumps(design))
    (folder / "gold.il").write_text(Sums().netlist("gold"))
    run_yosys(
        """
        read_verilog -overwrite +/ecp5/cells_sim.v
        read_rtlil gold.il
        read_json gate.json
        miter -equiv -make_assert -ignore_gold_x gold gate miter
        hierarchy -top miter
        proc
        flatten
        opt_clean
        sim -clock in_clk -n 400 -assert -q
        """,
        cwd=folder,
    )


def test_the_design_does_the_same(tmp_path):
    design = synthesised(tmp_path)
    assert trim_carry_chains(design) > 10
    check_same(design, tmp_path)


def test_a_wrong_carry_would_be_seen(tmp_path):
    design = synthesised(tmp_path)
    trim_carry_chains(design)
    first = next(
        cell
        for cell in design["modules"]["top"]["cells"].values()
        if cell["type"] == "CCU2C" and cell["connections"]["CIN"] == ["x"]
    )
    first["parameters"]["INIT0"] = f"{int(first['parameters']['INIT0'], 2) ^ 0xF:016b}"
    with pytest.raises(BephwError, match="ssert"):
        check_same(design, tmp_path)
