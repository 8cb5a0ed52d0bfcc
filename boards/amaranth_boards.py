"""Boards from the platform classes of amaranth-boards: what a class says is not written down again."""

from __future__ import annotations

import importlib
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from amaranth.build import Attrs, DiffPairs, Pins, Resource, Subsignal
from amaranth.vendor import GowinPlatform

from bephw.boards.bitstream.clocks import actual_clock_mhz
from bephw.boards.definition import Board, Light
from bephw.boards.devices import device_named
from bephw.boards.gowin import with_himbaechel
from bephw.errors import BephwError

__all__ = ["PlatformClass", "read_board", "with_serial_line"]

UART, LED, RGB_LED, COLOURS = "uart", "led", "rgb_led", "rgb"
SERIAL_LINE = 7
"""Number of the `uart` resource on pins that were asked for, which no board has."""

INTERNAL_OSCILLATORS = ("SB_HFOSC", "OSC")
STANDARDS: Mapping[str, dict[str, str]] = {
    "ice40": {"IO_STANDARD": "SB_LVCMOS"},
    "ecp5": {"IO_TYPE": "LVCMOS33"},
    "gowin": {"IO_TYPE": "LVCMOS33"},
    "gatemate": {},
}
"""Electrical standard of pins on a connector."""

# The UP5K has one PLL, whose input and output share this pin's cell; of other chips the crystals lie elsewhere.
PLL_PADS: dict[tuple[Any, Any], str] = {("iCE40UP5K", "SG48"): "35"}
WITHOUT_PLL = ("VQ100", "CM36")


@dataclass(frozen=True)
class PlatformClass:
    """A board, by its class.

    Attributes:
        name: what users call it.
        description: maker, board and chip.
        module: where the class is.
        platform: the class.
        programmer, by_hand: as in `Board`.
        crystal: resource that brings the clock, where the class names an oscillator inside the chip, or another.
        uart_pins: pins of the serial line, received bits first, on a board without one: of a connector, such as
            "pmod_0:2", or of the chip.
    """

    name: str
    description: str
    module: str
    platform: str
    programmer: tuple[str, ...] = ()
    crystal: str = ""
    uart_pins: tuple[str, str] | None = None
    by_hand: str = ""

    def make(self) -> Any:
        """A fresh platform."""
        found = getattr(importlib.import_module(self.module), self.platform)
        return (with_himbaechel(found) if issubclass(found, GowinPlatform) else found)()


def read_board(source: PlatformClass) -> Board:
    """The board that a class describes.

    Raises `BephwError` where it has no crystal, no serial line and no pins for one, or a chip that is not known.
    """
    platform = source.make()
    name = f"{source.module.rpartition('.')[2]}.{source.platform}"
    family_name, full_name = _chip_names(platform)
    chip = device_named(family_name)
    crystal = source.crystal or platform.default_clk
    if not crystal or crystal in INTERNAL_OSCILLATORS:
        raise BephwError(f"{name}: needs a resource with a crystal's clock: a serial line needs its precision")
    try:
        clock = platform.lookup(crystal)
    except Exception as error:
        raise BephwError(f"{name}: has no resource {crystal!r} for the clock") from error
    if clock.clock is None:
        raise BephwError(f"{name}: resource {crystal!r} must have the frequency of its clock")
    board = Board(
        name=source.name,
        description=source.description,
        device=full_name,
        chip=chip,
        platform=source.make,
        crystal=crystal,
        crystal_mhz=clock.clock.frequency / 1e6,
        default_clock_mhz=0,
        lights=(),
        uart=-1,
        programmer=source.programmer,
        by_hand=source.by_hand,
        pll=_pll(platform, clock),
    )
    board = replace(board, default_clock_mhz=_default_clock(board))
    if source.uart_pins is None and (UART, 0) in platform.resources:
        return replace(board, uart=0, lights=_lights(platform, _pins(platform, platform.lookup(UART, 0))))
    if source.uart_pins is None:
        raise BephwError(f"{name}: has no resource 'uart' of number 0, so it needs uart_pins")
    return with_serial_line(board, source.uart_pins)


def with_serial_line(board: Board, pins: tuple[str, str]) -> Board:
    """The board with its serial line on these pins, received bits first: of a connector ("pmod_0:2") or of the chip.

    Raises `BephwError` for pins that it does not have, or that something else needs.
    """
    make = board.platform
    platform = make()
    resolved = [_resolve(board, platform, pin) for pin in pins]
    if resolved[0] == resolved[1]:
        raise BephwError(f"board.uart_pins: must be two pins of {board.name}, not {pins[0]!r} twice")
    crystal = _pins(platform, platform.lookup(board.crystal))
    for pin, asked in zip(resolved, pins, strict=True):
        if pin in crystal:
            raise BephwError(f"board.uart_pins: pin {asked!r} of {board.name} is that of its clock")

    def made() -> Any:
        platform = make()
        platform.resources.pop((UART, SERIAL_LINE), None)  # where it lay before
        receive, transmit = resolved
        platform.add_resources(
            [
                Resource(
                    UART,
                    SERIAL_LINE,
                    Subsignal("rx", Pins(receive, dir="i")),
                    Subsignal("tx", Pins(transmit, dir="o")),
                    Attrs(**STANDARDS[board.family]),
                )
            ]
        )
        return platform

    return replace(board, platform=made, uart=SERIAL_LINE, uart_pins=pins, lights=_lights(platform, set(resolved)))


def _chip_names(platform: Any) -> tuple[str, str]:
    """The name of a platform's chip among `DEVICES`, and in full."""
    if isinstance(platform, GowinPlatform):
        return platform.family, platform.part
    if not hasattr(platform, "package"):
        return platform.device, platform.device
    if hasattr(platform, "speed"):
        return platform.device, f"{platform.device}-{platform.speed}{platform.package}"
    return platform.device, f"{platform.device}-{platform.package}"


def _default_clock(board: Board) -> float:
    """The chip's usual clock, or the next one below that the board can make."""
    for clock in range(board.chip.clock_mhz, 0, -1):
        try:
            if actual_clock_mhz(board, clock) == clock:
                return clock
        except BephwError:
            continue
    return board.crystal_mhz


def _pll(platform: Any, clock: Resource) -> str | None:
    if getattr(platform, "package", None) in WITHOUT_PLL:
        return None
    pad = PLL_PADS.get((getattr(platform, "device", ""), getattr(platform, "package", "")))
    return "pad" if pad is not None and pad in _pins(platform, clock) else "net"


def _lights(platform: Any, taken: set[str]) -> tuple[Light, ...]:
    """All LEDs but those whose pins are taken; where there are none, the colours of the first one that has three."""
    numbers = sorted(number for name, number in platform.resources if name == LED)
    lights = [Light(LED, number) for number in numbers if not _pins(platform, platform.lookup(LED, number)) & taken]
    if not lights and (RGB_LED, 0) in platform.resources:
        parts = [part for part in platform.lookup(RGB_LED, 0).ios if isinstance(part, Subsignal)]
        colours = {part.name: _pins(platform, part) for part in parts}
        if not set().union(*colours.values()) & taken:
            lights = [Light(RGB_LED, 0, colour) for colour in COLOURS if colour in colours]
    return tuple(lights)


def _pins(platform: Any, resource: Resource | Subsignal) -> set[str]:
    """The chip's pins of a resource."""

    def names(item: Any) -> Iterator[str]:
        if isinstance(item, (Resource, Subsignal)):
            for inner in item.ios:
                yield from names(inner)
        elif isinstance(item, DiffPairs):
            yield from names(item.p)
            yield from names(item.n)
        elif isinstance(item, Pins):
            yield from item.map_names(_connector_pins(platform), item)

    return set(names(resource))


def _resolve(board: Board, platform: Any, pin: str) -> str:
    """The chip's pin for a pin of a connector."""
    if not pin or set(pin) & set(string.whitespace):
        raise BephwError(f"board.uart_pins: must be names of pins, not {pin!r}")
    found, known = pin, _connector_pins(platform)
    while ":" in found:
        if found not in known:
            connectors = sorted({name.partition(":")[0] for name in known})
            has = f"its connectors are {', '.join(connectors)}" if connectors else "it has no connectors"
            raise BephwError(f"board.uart_pins: {board.name} has no pin {pin!r}: {has}")
        found = known[found]
    return found


def _connector_pins(platform: Any) -> dict[str, str]:
    """Pins of connectors, such as "pmod_0:2", and what they are of the chip, or of another connector."""
    return {pin: known for connector in platform.connectors.values() for pin, known in connector}
