"""bephw.boards.gatemate: commands, constraints, and buffers that turn what is inverted."""

import pytest
from amaranth.back import rtlil
from amaranth.hdl import *
from amaranth.lib import io

from bephw.boards import board
from bephw.boards.bitstream.flow import prepare
from bephw.boards.bitstream.stages import commands
from bephw.boards.gatemate import CCGM1A1EVBPlatform
from bephw.settings import Settings


def test_commands_and_constraints(stand_in):
    settings = Settings.build(network={"sizes": [12, 4], "classes": 3}, board={"name": "ccgm1a1-evb"})
    files = prepare(board("ccgm1a1-evb"), settings, lambda: stand_in(settings))
    synthesis, place, pack = commands(files)
    assert synthesis[0] == "yosys" and "synth_gatemate -luttree" in files["bephw.ys"]
    assert "--device CCGM1A1 --freq 25.0 --vopt ccf=bephw.ccf --vopt out=bephw.txt" in " ".join(place)
    assert pack == ["gmpack", "bephw.txt", "bephw.bit"]
    assert 'Net "clk10_0__io" Loc = "IO_SB_A8" | SCHMITT_TRIGGER=true;' in files["bephw.ccf"]
    assert 'Net "uart_7__rx__io" Loc = "IO_NB_A0";' in files["bephw.ccf"]
    assert "cell \\CC_PLL " in files["bephw.il"]


@pytest.mark.parametrize(("direction", "cell"), [("i", "CC_IBUF"), ("o", "CC_TOBUF"), ("io", "CC_IOBUF")])
@pytest.mark.parametrize("inverted", [False, True])
def test_buffers(direction, cell, inverted):
    m = Module()
    m.domains.sync = ClockDomain()
    m.submodules.buffer = buffer = io.Buffer(direction, io.SingleEndedPort(IOPort(2, name="pins"), invert=inverted))
    ports = [getattr(buffer, name) for name in ("i", "o", "oe") if hasattr(buffer, name)]
    text = rtlil.convert(m, platform=CCGM1A1EVBPlatform(), ports=ports, emit_src=False)
    assert text.count(f"cell \\{cell} ") == 2
    turned = {"i": 2, "o": 2, "io": 4}[direction] * inverted
    enables = 0 if direction == "i" else 2
    assert text.count("cell $not ") == turned + enables


def test_buffers_that_it_does_not_have():
    m = Module()
    m.domains.sync = ClockDomain()
    m.submodules.buffer = io.FFBuffer("i", io.SingleEndedPort(IOPort(1, name="pin")))
    with pytest.raises(TypeError, match=r"^Unsupported buffer type"):
        rtlil.convert(m, platform=CCGM1A1EVBPlatform(), ports=[])
