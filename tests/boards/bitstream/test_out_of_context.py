"""out_of_context: a small component measured on every part; what is measured is the component alone."""

import pytest
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.bitstream.out_of_context import PARTS, out_of_context
from bephw.errors import BephwError
from bephw.rtl_gen.parts.storage import block_memory
from bephw.toolchain import find


class Sums(wiring.Component):
    """Reads 36 bits, registers them, and registers the sum of two halves."""

    write: In(36)
    there: In(9)
    here: In(9)
    enable: In(1)
    total: Out(18)

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = block_memory(36, 512)
        read, write = memory.read_port(), memory.write_port()
        word = Signal(36, reset_less=True)
        m.d.comb += [write.addr.eq(self.there), write.data.eq(self.write), write.en.eq(1)]
        m.d.comb += [read.addr.eq(self.here), read.en.eq(self.enable)]
        with m.If(self.enable):
            m.d.sync += word.eq(read.data)
        m.d.sync += self.total.eq(word[:18] + word[18:])
        return m


@pytest.mark.parametrize("part", list(PARTS))
def test_a_small_component(part):
    family = PARTS[part].family
    if find("yosys") is None or find(f"nextpnr-{family}") is None:
        pytest.skip("Yosys or nextpnr is not installed")
    lines = []
    found = out_of_context(Sums(), part, on_line=lines.append)
    moved = {"ecp5": 36, "ice40": 0}[family]
    assert (found.ram_registers, found.ffs) == (moved, 18 + 36 - moved)
    assert 15 <= found.luts <= 60
    assert found.brams == {"ecp5": 1, "ice40": 5}[family]
    assert found.fmax_mhz > 50
    assert sum(hop.ns for hop in found.path) == pytest.approx(1000 / found.fmax_mhz, rel=0.01)
    assert all(hop.cell.startswith("component.") for hop in found.path[:1])
    assert any("place and route: nextpnr" in line for line in lines)


def test_an_unknown_part():
    with pytest.raises(BephwError, match=r"part must be one of ecp5, up5k, hx8k, not 'xc7'"):
        out_of_context(None, "xc7")
