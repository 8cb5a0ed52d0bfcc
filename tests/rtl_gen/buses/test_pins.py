# amaranth: UnusedElaboratable=no
"""Names of ports."""

import pytest

from bephw.errors import BephwError
from bephw.rtl_gen.buses.inference import StreamInference
from bephw.rtl_gen.buses.names import BUSES, clocking
from bephw.rtl_gen.buses.trainer import BusTrainer
from bephw.rtl_gen.verilog import emit, emit_inference
from bephw.settings import Settings

SETTINGS = Settings.build(network={"sizes": [6, 4], "classes": 3}, hardware={"stream_width": 3})
AXI4_LITE = (
    *("awaddr", "awprot", "awvalid", "awready", "wdata", "wstrb", "wvalid", "wready", "bresp", "bvalid", "bready"),
    *("araddr", "arprot", "arvalid", "arready", "rdata", "rresp", "rvalid", "rready"),
)
WISHBONE = ("cyc_i", "stb_i", "we_i", "adr_i", "sel_i", "dat_i", "dat_o", "ack_o", "err_o", "stall_o")


def header(text, name):
    """Ports in the order in which the module lists them."""
    start = text.index(f"\nmodule {name}(") + len(f"\nmodule {name}(")
    return [port.strip() for port in text[start : text.index(")", start)].split(",")]


@pytest.mark.parametrize(
    ("bus", "registers"),
    [("axi4-lite", [f"s_axi_{part}" for part in AXI4_LITE]), ("wishbone", [f"wb_{part}" for part in WISHBONE])],
)
def test_ports_of_a_trainer(bus, registers):
    names = header(emit(SETTINGS, name="named", bus=bus), "named")
    assert names[: 2 + len(registers)] == [clocking(bus).clock, clocking(bus).reset, *registers]
    assert set(names[2 + len(registers) :]) == {
        f"{stream}_{part}"
        for stream in ("s_axis_samples", "m_axis_predictions", "s_axis_load", "m_axis_dump")
        for part in ("tdata", "tuser", "tlast", "tvalid", "tready")
        if part != "tuser" or stream.endswith("s")
    }


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: emit(SETTINGS, bus="apb"), "bus must be one of native, wishbone, axi4-lite, not 'apb'"),
        (lambda: BusTrainer(SETTINGS, bus="native"), "bus must be axi4-lite or wishbone, not 'native'"),
        (
            lambda: emit_inference(SETTINGS, None, bus="wishbone"),
            "bus of inference, which has no registers, must be native or axi4-lite, not 'wishbone'",
        ),
        (
            lambda: StreamInference(SETTINGS, None, "dense"),
            "style of inference must be unrolled or folded, not 'dense'",
        ),
    ],
)
def test_buses_that_there_are_not(make, rule):
    with pytest.raises(BephwError) as caught:
        make()
    assert str(caught.value) == rule


def test_every_bus_has_its_reset():
    for bus in BUSES:
        pins = clocking(bus)
        assert pins.reset_level(True) != pins.reset_level(False)
        assert pins.reset_level(True) == (pins.active == "high") == (not pins.reset.endswith("n"))
