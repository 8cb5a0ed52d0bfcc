"""Memories: those that the design has, built as Yosys builds them."""

import random
import re
from collections import Counter

import pytest
from amaranth.back import rtlil
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from pyosys import libyosys

from bephw.netlist import relax_memories
from bephw.plan.memories import Memory, memories, rams
from bephw.rtl_gen.storage import block_memory
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings

LIBRARIES = {
    "ecp5": "-lib +/lattice/lutrams_trellis.txt -lib +/lattice/brams_16kd.txt",
    "ice40": "-lib +/ice40/brams.txt -lib +/ice40/spram.txt -no-auto-huge",
}
CELLS = {"__DP16KD_": "block", "__PDPW16KD_": "block", "__ICE40_RAM4K_": "block", "__TRELLIS_DPR16X4_": "lut"}


class Single(wiring.Component):
    """One memory, its data registered."""

    def __init__(self, memory):
        self._memory = memory
        address = range(memory.depth)
        ports = {"write": In(1), "write_address": In(address), "write_data": In(memory.width)}
        for number in range(memory.reads):
            ports |= {f"address_{number}": In(address), f"data_{number}": Out(memory.width)}
        super().__init__(ports)

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = block_memory(self._memory.width, self._memory.depth)
        write = memory.write_port()
        m.d.comb += [write.en.eq(self.write), write.addr.eq(self.write_address), write.data.eq(self.write_data)]
        for number in range(self._memory.reads):
            read = memory.read_port()
            m.d.comb += [read.en.eq(1), read.addr.eq(getattr(self, f"address_{number}"))]
            m.d.sync += getattr(self, f"data_{number}").eq(read.data)
        return m


def _built_by_yosys(memory, family, folder):
    path = folder / "memory.il"
    path.write_text(relax_memories(rtlil.convert(Single(memory))))
    design = libyosys.Design()
    libyosys.run_frontend(str(path), "rtlil", design, "")
    for command in (
        "hierarchy -auto-top",
        "proc",
        "flatten",
        "opt",
        "memory -nomap",
        f"memory_libmap {LIBRARIES[family]}",
    ):
        libyosys.run_pass(command, design)
    counts = Counter()
    for module in design.modules_.values():
        for cell in module.cells_.values():
            counts[CELLS.get(str(cell.type).lstrip("$\\"), "other")] += 1
    return {kind: counts[kind] for kind in ("block", "lut")}


def _some_memories():
    chance = random.Random(3)
    for family in LIBRARIES:
        for _ in range(12):
            width = chance.choice([chance.randint(1, 80), chance.randint(80, 300), 9, 36, 64])
            depth = chance.choice([chance.randint(2, 80), chance.randint(80, 1000), chance.randint(1000, 9000)])
            yield family, Memory("", width, depth, reads=chance.choice([1, 1, 2, 3]))


@pytest.mark.parametrize(("family", "memory"), list(_some_memories()), ids=str)
def test_as_yosys_builds_it(family, memory, tmp_path, capfd):
    built = rams(memory, family)
    want = {kind: built.number if built.kind == kind else 0 for kind in ("block", "lut")}
    assert _built_by_yosys(memory, family, tmp_path) == want


@pytest.mark.parametrize("counter_memory", ["bram", "spram"])
def test_all_memories_of_the_design(counter_memory):
    settings = Settings.build(
        network={"sizes": (24, 12, 8), "classes": 5},
        learning={"gamma": 4},
        hardware={"rows": (4, 3, 2), "columns": (8, 6, 4), "counter_memory": counter_memory},
    )
    text = rtlil.convert(Trainer(settings))
    have = Counter((int(width), int(depth)) for width, depth in re.findall(r"memory width (\d+) size (\d+)", text))
    listed = Counter()
    for memory in memories(settings, "ice40"):
        # Nobody reads the prediction in a decision, so that synthesis drops it.
        width = memory.width + (3 if memory.name == "classifier: decisions" else 0)
        listed[width, memory.depth] += memory.count
    assert have == listed
