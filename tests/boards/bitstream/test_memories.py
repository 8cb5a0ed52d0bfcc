"""Memories: those that the design has, built as Yosys builds them."""

import dataclasses
import random
import re
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.back import rtlil
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from pyosys import libyosys

from bephw.boards.bitstream.memories import Memory, count_rams, memories, rams
from bephw.golden.initial import initial_state
from bephw.netlist import bracket_free, relax_memories
from bephw.rtl_gen.parts.storage import block_memory
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings

LIBRARIES = {
    "ecp5": "-lib +/lattice/lutrams_trellis.txt -lib +/lattice/brams_16kd.txt",
    "gowin": "-lib +/gowin/lutrams.txt -lib +/gowin/brams.txt",
    "ice40": "-lib +/ice40/brams.txt -lib +/ice40/spram.txt -no-auto-huge",
}
CELLS = {
    "__DP16KD_": "block",
    "__PDPW16KD_": "block",
    "__ICE40_RAM4K_": "block",
    "__GOWIN_SP_": "block",
    "__GOWIN_DP_": "block",
    "__GOWIN_SDP_": "block",
    "__GOWIN_LUTRAM_": "lut",
    "__TRELLIS_DPR16X4_": "lut",
    "__ICE40_SPRAM_": "single port",
}


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
        width, depth, fixed = self._memory.width, self._memory.depth, self._memory.fixed
        words = [random.Random(word).getrandbits(width) for word in range(depth * fixed)]
        m.submodules.memory = memory = block_memory(width, depth, words, block=self._memory.block)
        if not fixed:
            write = memory.write_port()
            m.d.comb += [write.en.eq(self.write), write.addr.eq(self.write_address), write.data.eq(self.write_data)]
        for number in range(self._memory.reads):
            read = memory.read_port()
            m.d.comb += [read.en.eq(1), read.addr.eq(getattr(self, f"address_{number}"))]
            m.d.sync += getattr(self, f"data_{number}").eq(read.data)
        return m


def _built_by_yosys(text, family, folder):
    path = folder / "memory.il"
    path.write_text(relax_memories(bracket_free(text)))
    design = libyosys.Design()
    libyosys.run_frontend(str(path), "rtlil", design, "")
    for command in (
        "hierarchy -auto-top",
        "proc",
        "flatten",
        "opt",
        "memory -nomap",
        f"memory_libmap {LIBRARIES[family]}",
        "opt_clean",
    ):
        libyosys.run_pass(command, design)
    counts = Counter()
    for module in design.modules_.values():
        for cell in module.cells_.values():
            counts[CELLS.get(str(cell.type).lstrip("$\\"), "other")] += 1
    return {kind: counts[kind] for kind in ("block", "lut", "single port")}


def _some_memories():
    chance = random.Random(3)
    for family in LIBRARIES:
        for _ in range(12):
            width = chance.choice([chance.randint(1, 80), chance.randint(80, 300), 9, 36, 64])
            depth = chance.choice([chance.randint(2, 80), chance.randint(80, 1000), chance.randint(1000, 9000)])
            yield family, Memory("", width, depth, reads=chance.choice([1, 1, 2, 3]), block=chance.random() < 0.3)
        yield family, Memory("", 4, 320)  # on ECP5 LUT RAM costs as much as block RAM
        for width, depth in ((40, 20), (110, 50), (60, 250), (33, 1000)):
            yield family, Memory("", width, depth, fixed=True)


@pytest.mark.parametrize(("family", "memory"), list(_some_memories()), ids=str)
def test_as_yosys_builds_it(family, memory, tmp_path, capfd):
    built = rams(memory, family)
    want = {kind: built.number if built.kind == kind else 0 for kind in ("block", "lut", "single port")}
    assert _built_by_yosys(rtlil.convert(Single(memory)), family, tmp_path) == want


def _design(sizes, classes, rows, columns, gamma, *, thresholds=False, algorithm="bep", steps=None, lag=0, **hardware):
    return Settings.build(
        network={"sizes": sizes, "classes": classes, "thresholds": thresholds},
        learning={"gamma": gamma, "algorithm": algorithm if steps is None else "bep-tt", "lag": lag},
        hardware={"rows": rows, "columns": columns, **hardware},
        data={} if steps is None else {"steps": steps},
    )


DESIGNS = {
    "small": _design((24, 12, 8), 5, (4, 3, 2), (8, 6, 4), 4),
    "single port": _design((24, 12, 8), 5, (4, 3, 2), (8, 6, 4), 4, counter_memory="spram"),
    # Lessons in LUT RAM and in block RAM, open rows in LUT RAM.
    "narrow above": _design((60, 80, 40), 7, (4, 2, 1), (20, 4, 2), 10, renewal="sweep"),
    # Open rows in block RAM.
    "deep": _design((40, 99, 66), 10, (3, 2, 1), (10, 33, 6), 33, slots=12),
    "cheapest": _design((60, 99, 66), 10, (3, 2, 1), (20, 33, 6), 33, sample_memory="auto"),
    "parallel": _design((32, 16), 4, (16, 4), (32, 16), 4),
    # A cell's own lessons in shift registers, for a column word holds inputs and states; then in LUT RAM.
    "recurrent": _design((10, 24, 12), 4, (4, 3, 2), (8, 6, 4), (6, 3), steps=5),
    "recurrent, samples together": _design(
        (10, 24, 12), 4, (4, 3, 2), (8, 6, 4), (6, 3), steps=5, samples=(2, 4), slots=8
    ),
    "deep recurrent": _design((8, 32, 16), 4, 2, 8, (8, 4), steps=6, slots=3, sample_memory="auto"),
    "thresholds": _design((50, 72), 10, (3, 1), (10, 9), 12, thresholds=True),
    # Four samples on a word of weights, then two.
    "samples": _design((60, 40, 24), 7, (4, 2, 1), (20, 8, 6), 8, samples=(4, 2), sample_memory="auto"),
    "lag": _design((60, 40, 24), 7, (4, 2, 1), (20, 8, 6), 8, lag=1),
    "local": _design((20, 12, 6, 8), 5, (2, 1, 1, 1), (5, 6, 3, 4), 2, algorithm="lbes"),
}


def _emitted(settings, family):
    state = None
    if settings.network.thresholds:
        state = initial_state(settings.replace({"network.thresholds": False}))
        random = np.random.default_rng(5)
        thresholds = (random.integers(-s.inputs, s.inputs, s.outputs, np.int32) for s in settings.shapes)
        state = dataclasses.replace(state, thresholds=tuple(thresholds))
    return rtlil.convert(Trainer(settings, state), platform=SimpleNamespace(family=family.upper()), emit_src=False)


# Each design for the family whose kinds of RAM it shows: Amaranth and Yosys take seconds.
BUILT = [
    *(
        ("ecp5", name)
        for name in (
            "small",
            "narrow above",
            "deep",
            "cheapest",
            "thresholds",
            "deep recurrent",
            "recurrent, samples together",
            "local",
            "samples",
            "lag",
        )
    ),
    *(("ice40", name) for name in ("single port", "narrow above", "deep", "parallel", "recurrent")),
]
SLOW = [
    *(("ecp5", name) for name in ("small", "deep", "cheapest", "local", "samples", "deep recurrent")),
    ("ecp5", "recurrent, samples together"),
    *(("ice40", name) for name in ("narrow above", "deep", "parallel")),
]


@pytest.mark.parametrize(
    ("family", "name"), [pytest.param(*case, marks=pytest.mark.slow) if case in SLOW else case for case in BUILT]
)
def test_all_memories_of_the_design_and_the_rams_they_become(name, family, tmp_path, capfd):
    settings = DESIGNS[name]
    emitted = _emitted(settings, family)
    found = re.findall(r"((?:\s*attribute .*\n)*)\s*memory width (\d+) size (\d+)", emitted)
    have = Counter((int(width), int(depth), '"block"' in attributes) for attributes, width, depth in found)
    listed = Counter()
    for memory in memories(settings, family):
        listed[memory.width, memory.depth, memory.block] += memory.count
    assert have == listed
    counts = count_rams(settings, family)
    del counts["flip-flops"]
    # RAMs of bits that nobody reads are there until they are mapped.
    counts["lut"] += sum(memory.unread // 4 for memory in memories(settings, family)) * (family == "ecp5")
    assert _built_by_yosys(emitted, family, tmp_path) == counts
