"""Components that are emitted once: one module of all that are equal, and the same design as without it."""

import json
import re

import pytest
from amaranth.back import rtlil
from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.emitted_once import Definitions, emitted_once
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.toolchain import run_yosys


@emitted_once
class Inverter(wiring.Component):
    """`pair.high` is the complement of `value`; `pair.nothing` has no bits. No clock."""

    def __init__(self, width: int) -> None:
        super().__init__({"value": In(width), "pair": Out(data.StructLayout({"nothing": 0, "high": width}))})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.pair.high.eq(~self.value)
        return m


@emitted_once
class Counter(wiring.Component):
    """Counts in `steps`, one after the other, from `start` on, down."""

    def __init__(self, width: int, steps: list[int], *, start: int = 0) -> None:
        self._width = width
        self._steps = steps
        self._start = start
        super().__init__({"count": Out(width)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.inverter = inverter = Inverter(self._width)
        count, step = Signal(self._width, init=self._start), Signal(range(len(self._steps)))
        m.d.sync += [count.eq(count + Array(self._steps)[step]), step.eq(step + 1)]
        m.d.comb += [inverter.value.eq(count), self.count.eq(inverter.pair.high)]
        return m


class Top(wiring.Component):
    """Components by name, with their outputs side by side."""

    def __init__(self, parts) -> None:
        self._parts = parts
        super().__init__({"counts": Out(sum(len(part.count) for part in parts.values()))})

    def elaborate(self, platform):
        m = Module()
        for name, part in self._parts.items():
            m.submodules[name] = part
        m.d.comb += self.counts.eq(Cat(part.count for part in self._parts.values()))
        return m


def parts():
    """Two that are equal, however they are made; one of another start; one of other steps."""
    return {
        "first": Counter(4, [1, 3]),
        "second": Counter(width=4, steps=[1, 3], start=0),
        "third": Counter(4, [1, 3], start=2),
        "fourth": Counter(4, [1, 2]),
    }


def modules(netlist):
    return re.findall(r"^module \\(\S+)$", netlist, re.MULTILINE)


def instances(netlist):
    """Name and module of every cell that is one of the design's own."""
    return {name: module for module, name in re.findall(r"^  cell \\(\S+) \\(\S+)$", netlist, re.MULTILINE)}


def test_equal_components_have_one_module():
    netlist = Definitions().netlist(Top(parts()), "its_name")
    counters = [f"its_name.Counter_{number}" for number in range(3)]
    assert sorted(modules(netlist)) == sorted(["its_name", "its_name.Inverter_0", *counters])
    assert instances(netlist) == {
        "first": counters[0],
        "second": counters[0],
        "third": counters[1],
        "fourth": counters[2],
        "inverter": "its_name.Inverter_0",
    }


def test_the_top_module_comes_first_and_is_the_only_one():
    netlist = Definitions().netlist(Top(parts()), "its_name")
    assert modules(netlist)[0] == "its_name"
    assert netlist.count("attribute \\top 1") == 1


def test_a_module_has_a_clock_and_a_reset_only_where_it_uses_them():
    netlist = Definitions().netlist(Top(parts()), "its_name")
    ports = {}
    for text in netlist.split("\nmodule \\")[1:]:
        name, *lines = text.split("\n")
        ports[name] = {line.split("\\")[1] for line in lines if re.match(r"  wire .*(in|out)put ", line)}
    assert ports["its_name.Counter_0"] == {"clk", "rst", "count"}
    assert ports["its_name.Inverter_0"] == {"value", "pair"}


def test_a_component_by_itself_is_a_design():
    netlist = Definitions().netlist(Counter(4, [1, 3]), "its_name")
    assert modules(netlist) == ["its_name", "its_name.Inverter_0"]


def test_elsewhere_every_component_is_elaborated_by_itself():
    assert len(modules(rtlil.convert(Top(parts()), name="its_name"))) == 9


def test_arguments_have_to_be_hashable():
    with pytest.raises(TypeError, match="unhashable type: 'dict'"):
        Definitions().netlist(Top({"part": Counter(4, {0: 1})}), "its_name")


def test_proven_equal(tmp_path):
    """Whatever happens, signal by signal: with one module of all that are equal, and with a module each."""
    (tmp_path / "once.il").write_text(Definitions().netlist(Top(parts()), "once"))
    (tmp_path / "each.il").write_text(rtlil.convert(Top(parts()), name="each", emit_src=False))
    run_yosys(
        """
        read_rtlil once.il
        read_rtlil each.il
        proc
        flatten once each
        opt_clean once each
        equiv_make once each both
        hierarchy -top both
        equiv_simple
        equiv_induct
        equiv_status -assert
        """,
        cwd=tmp_path,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"learning.burst": 4, "learning.lag": 1, "hardware.samples": 2, "hardware.slots": 4},
        pytest.param({"learning.algorithm": "bep-tt", "data.steps": 3}, marks=pytest.mark.slow),
    ],
)
def test_a_trainer_is_made_of_the_same_cells(tmp_path, changes):
    """Once both are flat, and constants have gone wherever they go: equally many of every kind and width."""
    settings = Settings.build(network={"sizes": [8, 6, 4], "classes": 3}, learning={"gamma": 2}).replace(changes)
    once, each = Definitions().netlist(Trainer(settings), "top"), rtlil.convert(Trainer(settings), name="top")
    assert len(once) < len(each)
    assert _cells(once, tmp_path) == _cells(each, tmp_path)


def _cells(netlist, folder):
    (folder / "top.il").write_text(netlist)
    run_yosys("read_rtlil top.il; proc; flatten; opt -full -purge; tee -q -o cells.json stat -json -width", cwd=folder)
    design = json.loads((folder / "cells.json").read_text())["design"]
    return {name: design[name] for name in ("num_cells_by_type", "num_memory_bits", "num_port_bits")}
