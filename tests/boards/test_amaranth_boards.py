"""bephw.boards.amaranth_boards: what is read of a platform class, and what is refused."""

import sys
import types

import pytest
from amaranth.build import Attrs, Clock, Connector, Pins, Resource, Subsignal
from amaranth.vendor import LatticeECP5Platform, SiliconBluePlatform

from bephw.boards import board
from bephw.boards.amaranth_boards import SERIAL_LINE, PlatformClass, read_board, with_serial_line
from bephw.boards.definition import Light
from bephw.errors import BephwError


def uart(rx, tx):
    return Resource("uart", 0, Subsignal("rx", Pins(rx, dir="i")), Subsignal("tx", Pins(tx, dir="o")))


def clock(mhz, pin="A1"):
    return Resource("crystal", 0, Pins(pin, dir="i"), Clock(mhz * 1e6))


def colours():
    parts = (Subsignal(name, Pins(pin, dir="o")) for name, pin in (("r", "C1"), ("g", "C2"), ("b", "C3")))
    return Resource("rgb_led", 0, *parts)


@pytest.fixture
def source(monkeypatch):
    """Makes a module with a platform class, and says where it is."""

    def make(*resources, base=LatticeECP5Platform, connectors=(), **attributes):
        chip = {"device": "LFE5U-25F", "package": "BG256", "speed": "6"}
        if base is SiliconBluePlatform:
            chip = {"device": "iCE40UP5K", "package": "SG48"}
        found = {**chip, "default_clk": "crystal", "resources": list(resources), "connectors": list(connectors)}
        module = types.ModuleType("made_boards")
        module.MyPlatform = type("MyPlatform", (base,), {**found, **attributes})
        monkeypatch.setitem(sys.modules, "made_boards", module)
        pins = attributes.get("pins")
        return PlatformClass("mine", "made here", "made_boards", "MyPlatform", uart_pins=pins)

    return make


def test_what_a_class_says(source):
    leds = [Resource("led", number, Pins(f"B{number}", dir="o")) for number in (1, 0)]
    found = read_board(source(clock(40), uart("D1", "D2"), *leds))
    assert (found.device, found.luts, found.brams) == ("LFE5U-25F-6BG256", 24_288, 56)
    assert (found.crystal, found.crystal_mhz, found.default_clock_mhz) == ("crystal", 40, 50)
    assert (found.uart, found.uart_pins) == (0, None)
    assert found.lights == (Light("led", 0), Light("led", 1))


def test_colours_are_lights_where_there_are_no_others(source):
    found = read_board(source(clock(25), uart("D1", "D2"), colours()))
    assert found.lights == tuple(Light("rgb_led", 0, colour) for colour in "rgb")


def test_a_light_on_a_pin_of_the_serial_line_is_left_out(source):
    leds = [Resource("led", number, Pins(f"B{number}", dir="o")) for number in range(2)]
    assert read_board(source(clock(25), uart("D1", "B0"), *leds)).lights == (Light("led", 1),)
    assert read_board(source(clock(25), uart("D1", "C2"), colours())).lights == ()


@pytest.mark.parametrize(("pin", "pll"), [("35", "pad"), ("20", "net")])
def test_what_feeds_the_pll_of_a_up5k(source, pin, pll):
    assert read_board(source(clock(12, pin), uart("2", "3"), base=SiliconBluePlatform)).pll == pll


@pytest.mark.parametrize(
    ("resources", "attributes", "message"),
    [
        ((), {"default_clk": "SB_HFOSC"}, r"made_boards\.MyPlatform: needs a resource with a crystal's clock"),
        ((), {}, r"made_boards\.MyPlatform: has no resource 'crystal' for the clock"),
        ((Resource("crystal", 0, Pins("A1")),), {}, r"resource 'crystal' must have the frequency of its clock"),
        ((clock(25),), {}, r"has no resource 'uart' of number 0, so it needs uart_pins"),
        ((clock(25),), {"device": "LFE5U-99F"}, r"device must be one of iCE40HX1K, .*, not 'LFE5U-99F'"),
        ((clock(25),), {"pins": ("A1", "B1")}, r"board\.uart_pins: pin 'A1' of mine is that of its clock"),
    ],
)
def test_classes_that_are_no_board(source, resources, attributes, message):
    with pytest.raises(BephwError, match=message):
        read_board(source(*resources, **attributes))


def test_a_serial_line_on_a_connector(source):
    connectors = [Connector("edge", 0, "E1 E2 E3"), Connector("pmod", 1, "3 2 1", conn=("edge", 0))]
    led = Resource("led", 0, Pins("E2", dir="o"), Attrs(IO_TYPE="LVCMOS33"))
    plain = read_board(source(clock(25), led, connectors=connectors, pins=("edge_0:1", "pmod_1:1")))
    assert (plain.uart, plain.uart_pins, plain.lights) == (SERIAL_LINE, ("edge_0:1", "pmod_1:1"), (Light("led", 0),))
    line = plain.platform().lookup("uart", SERIAL_LINE)
    assert [part.ios[0].names for part in line.ios] == [["E1"], ["E3"]]
    moved = with_serial_line(read_board(source(clock(25), uart("D1", "D2"), led)), ("E2", "D1"))
    assert moved.lights == ()
    assert [part.ios[0].names for part in moved.platform().lookup("uart", moved.uart).ios] == [["E2"], ["D1"]]


def test_a_serial_line_can_move_again():
    once = with_serial_line(board("icebreaker-bitsy"), ("pmod_2:1", "pmod_2:2"))
    twice = with_serial_line(once, ("pmod_3:1", "pmod_3:2"))
    line = twice.platform().lookup("uart", twice.uart)
    assert [part.ios[0].names for part in line.ios] == [["23"], ["12"]]


@pytest.mark.parametrize(
    ("name", "pins", "message"),
    [
        ("icebreaker", ("pmod_0:5", "pmod_0:1"), "has no pin 'pmod_0:5': its connectors are pmod_0, pmod_1, pmod_2"),
        ("icesugar-nano", ("pmod_7:1", "pmod_0:1"), "has no pin 'pmod_7:1'"),
        ("icebreaker", ("pmod_0:1", "pmod_0:1"), "must be two pins of icebreaker, not 'pmod_0:1' twice"),
        ("icebreaker", ("", "pmod_0:1"), "must be names of pins, not ''"),
        ("icebreaker", ("2", "3 4"), "must be names of pins, not '3 4'"),
        ("icebreaker", ("pmod_0:1", "35"), "pin '35' of icebreaker is that of its clock"),
    ],
)
def test_pins_that_cannot_be(name, pins, message):
    with pytest.raises(BephwError, match=rf"^board\.uart_pins: .*{message}"):
        with_serial_line(board(name), pins)
