"""bephw.boards.ecp5.output_registers: what moves, what stays, and that the design does the same as before."""

import copy
import json
import shutil
from pathlib import Path

import pytest
from amaranth.back import rtlil
from amaranth.hdl import *
from amaranth.lib.memory import Memory

from bephw.boards.ecp5.output_registers import use_output_registers
from bephw.errors import BephwError
from bephw.netlist import relax_memories
from bephw.toolchain import run_yosys

CLOCK, ENABLE, OTHER = 2, 3, 4
MODEL = Path(__file__).with_name("dp16kd.v")


def ram(*, width=18, **connections):
    """A block RAM that reads 18 bits at port B (and 18 more at A if wide): nets 100 and on."""
    data = {f"DOB{bit}": [100 + bit] for bit in range(18)}
    if width == 36:
        data |= {f"DOA{bit}": [118 + bit] for bit in range(18)}
    tied = {"OCEA": ["0"], "OCEB": ["1"], "RSTA": ["0"], "RSTB": ["0"]}
    return {
        "type": "DP16KD",
        "parameters": {
            "DATA_WIDTH_A": f"{width:032b}", "DATA_WIDTH_B": f"{width:032b}",
            "REGMODE_A": "NOREG", "REGMODE_B": "NOREG", "CLKAMUX": "CLKA", "CLKBMUX": "CLKB", "GSR": "DISABLED",
        },
        "connections": {"CLKA": [CLOCK], "CLKB": [CLOCK], **tied, **data, **connections},
    }  # fmt: skip


def register(bit, *, enable=None, parameters=(), **connections):
    """A flip-flop on net 100 + bit, its output net 200 + bit."""
    return {
        "type": "TRELLIS_FF",
        "parameters": {"CEMUX": "CE" if enable else "1 ", "GSR": "DISABLED", "REGSET": "RESET", **dict(parameters)},
        "connections": {
            "CLK": [CLOCK], "LSR": ["0"], "DI": [100 + bit], "Q": [200 + bit],
            **({"CE": [enable]} if enable else {}), **connections,
        },
    }  # fmt: skip


def netlist(memory, *registers, **cells):
    named = {f"ff{index}": cell for index, cell in enumerate(registers)}
    return {"modules": {"top": {"ports": {}, "cells": {"ram": memory, **named, **cells}}}}


def cells(design):
    return design["modules"]["top"]["cells"]


@pytest.mark.parametrize(
    ("registers", "enable", "mux"),
    [
        ([register(bit) for bit in range(18)], "1", "OCEB"),
        ([register(bit, enable=ENABLE) for bit in range(18)], ENABLE, "OCEB"),
        ([register(bit, enable=ENABLE, parameters={"CEMUX": "INV"}) for bit in range(18)], ENABLE, "INV"),
        ([register(bit, enable=ENABLE) for bit in (0, 3, 17)], ENABLE, "OCEB"),
    ],
    ids=["no enable", "enable", "inverted enable", "some bits unused"],
)
def test_registers_move(registers, enable, mux):
    design = netlist(ram(), *registers)
    kept = {"type": "LUT4", "connections": {"A": [200], "Z": [300]}}
    cells(design)["after"] = copy.deepcopy(kept)
    assert use_output_registers(design) == len(registers)
    assert list(cells(design)) == ["ram", "after"] and cells(design)["after"] == kept
    moved = cells(design)["ram"]
    assert (moved["parameters"]["REGMODE_A"], moved["parameters"]["REGMODE_B"]) == ("NOREG", "OUTREG")
    assert (moved["connections"]["OCEA"], moved["connections"]["OCEB"]) == (["0"], [enable])
    assert moved["parameters"]["OCEBMUX"] == mux
    for item in registers:
        bit = item["connections"]["DI"][0] - 100
        assert moved["connections"][f"DOB{bit}"] == [200 + bit]


def test_both_halves_of_a_wide_word():
    design = netlist(ram(width=36), *(register(bit, enable=ENABLE) for bit in range(36)))
    assert use_output_registers(design) == 36
    (moved,) = cells(design).values()
    assert (moved["parameters"]["REGMODE_A"], moved["parameters"]["REGMODE_B"]) == ("OUTREG", "OUTREG")
    assert (moved["connections"]["OCEA"], moved["connections"]["OCEB"]) == ([ENABLE], [ENABLE])
    assert (moved["connections"]["DOA17"], moved["connections"]["DOB0"]) == ([235], [200])


def test_the_ports_of_two_read_ports_are_decided_one_by_one():
    both = ram(**{f"DOA{bit}": [118 + bit] for bit in range(18)}, OCEA=["1"])
    design = netlist(both, *(register(bit, enable=ENABLE) for bit in range(18)), register(18, enable=ENABLE))
    cells(design)["user"] = {"type": "LUT4", "connections": {"A": [119], "Z": [300]}}
    assert use_output_registers(design) == 18
    assert cells(design)["ram"]["parameters"]["REGMODE_A"] == "NOREG"
    assert cells(design)["ram"]["connections"]["OCEA"] == ["1"]


def mixed(**changes):
    """Registers of which one is different."""
    return [register(0, enable=ENABLE), register(1, **{"enable": ENABLE, **changes})]


STAY = {
    "a bit goes elsewhere too": (ram(), [*mixed(), {"type": "LUT4", "connections": {"A": [101]}}]),
    "a bit goes to no register": (ram(), [register(0), {"type": "LUT4", "connections": {"A": [101]}}]),
    "a bit has two registers": (ram(), [*mixed(), register(1, enable=ENABLE, Q=[300])]),
    "enables differ": (ram(), mixed(enable=OTHER)),
    "one has no enable": (ram(), mixed(enable=None)),
    "enables differ in sign": (ram(), mixed(parameters={"CEMUX": "INV"})),
    "another clock": (ram(), mixed(CLK=[OTHER])),
    "the other edge": (ram(), mixed(parameters={"CLKMUX": "INV"})),
    "a reset": (ram(), mixed(LSR=[OTHER])),
    "starts at one": (ram(), mixed(parameters={"REGSET": "SET"})),
    "a global reset": (ram(), mixed(parameters={"GSR": "ENABLED"})),
    "the RAM has a reset": (ram(RSTB=[OTHER]), mixed()),
    "wide, the ports' clocks differ": (ram(width=36, CLKA=[OTHER]), mixed()),
}


@pytest.mark.parametrize(("memory", "others"), STAY.values(), ids=STAY)
def test_registers_stay(memory, others):
    design = netlist(memory, *others)
    before = copy.deepcopy(design)
    assert use_output_registers(design) == 0
    assert design == before


def test_registers_stay_where_the_module_shows_the_bit():
    design = netlist(ram(), *mixed())
    design["modules"]["top"]["ports"]["seen"] = {"direction": "output", "bits": [101]}
    assert use_output_registers(design) == 0


def test_a_port_that_has_its_register():
    design = netlist(ram(), *mixed())
    cells(design)["ram"]["parameters"]["REGMODE_B"] = "OUTREG"
    assert use_output_registers(design) == 0


# -- the same behaviour -----------------------------------------------------------------------------


class Reader(Elaboratable):
    """A memory, written and read at random by a generator of its own, and a register behind it."""

    def __init__(self, width, depth, *, enabled, relaxed):
        self.width, self.depth, self.enabled, self.relaxed = width, depth, enabled, relaxed
        self.data, self.domain = Signal(width), ClockDomain("sync", reset_less=True)

    def netlist(self, name):
        return rtlil.convert(self, ports=[self.data, self.domain.clk], name=name)

    def elaborate(self, platform):
        m = Module()
        m.domains += self.domain
        init = [index * 0x9E3779B97F4A7C15 >> 7 & (1 << self.width) - 1 for index in range(self.depth)]
        attributes = {"no_rw_check": 1, "ram_style": "block"} if self.relaxed else {}
        m.submodules.memory = memory = Memory(shape=self.width, depth=self.depth, init=init, attrs=attributes)
        write, read = memory.write_port(), memory.read_port()
        noise = Signal(64, init=0x123456789ABCDEF1)
        m.d.sync += noise.eq(Cat(noise[1:], 0) ^ noise[0].replicate(64) & 0xD800000000000000)
        # Few addresses, so that written words are read again; never one that is being written.
        m.d.comb += [
            write.addr.eq(noise[3:6]), write.data.eq(noise[7:].replicate(2)), write.en.eq(noise[1]),
            read.addr.eq(noise[20:23]), read.en.eq(noise[24] & (read.addr != write.addr)),
        ]  # fmt: skip
        enable = noise[25] if self.enabled else Const(1)
        with m.If(enable):
            m.d.sync += self.data.eq(read.data)
        return m


def synthesised(reader, folder):
    text = relax_memories(reader.netlist("top"))
    (folder / "top.il").write_text(text)
    run_yosys("read_rtlil top.il\nsynth_ecp5 -nowidelut -top top\nwrite_json top.json", cwd=folder)
    return json.loads((folder / "top.json").read_text())


def check_same(design, reader, folder):
    """Simulate a netlist side by side with what it was made from. Raises where they ever differ."""
    design["modules"] = {"gate": design["modules"]["top"]}
    (folder / "gate.json").write_text(json.dumps(design))
    shutil.copy(MODEL, folder)
    (folder / "gold.il").write_text(reader.netlist("gold"))
    run_yosys(
        """
        read_verilog -overwrite +/ecp5/cells_sim.v
        read_verilog -overwrite dp16kd.v
        read_rtlil gold.il
        read_json gate.json
        miter -equiv -make_assert -ignore_gold_x gold gate miter
        hierarchy -top miter
        proc
        memory_nordff
        flatten
        opt_clean
        sim -clock in_clk -n 400 -assert -q
        """,
        cwd=folder,
    )


CASES = [(4, 4096, True), (9, 2048, False), (30, 512, False), (40, 1024, True)]


@pytest.mark.parametrize(("width", "depth", "enabled"), CASES)
def test_the_design_does_the_same(tmp_path, width, depth, enabled):
    design = synthesised(Reader(width, depth, enabled=enabled, relaxed=True), tmp_path)
    assert use_output_registers(design) == width
    check_same(design, Reader(width, depth, enabled=enabled, relaxed=False), tmp_path)


def test_a_wrong_enable_would_be_seen(tmp_path):
    design = synthesised(Reader(36, 512, enabled=True, relaxed=True), tmp_path)
    assert use_output_registers(design) == 36
    for cell in cells(design).values():
        if cell["type"] == "DP16KD":
            cell["connections"]["OCEB"] = ["1"]
            cell["connections"]["OCEA"] = ["1"]
    with pytest.raises(BephwError, match="ssert"):
        check_same(design, Reader(36, 512, enabled=True, relaxed=False), tmp_path)
