"""Everything on the FPGA: clock, trainer, serial line, lights."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import io
from amaranth.lib.wiring import connect

from bephw.boards.bitstream.clocks import ClockGenerator, actual_clock_mhz
from bephw.boards.bitstream.fit import identity_in_luts, link_sizes
from bephw.boards.definition import Board, Light
from bephw.boards.link.bridge import UartBridge
from bephw.boards.link.lights import FEWEST_LIGHTS, Lights
from bephw.boards.link.uart import clocks_per_bit
from bephw.boards.store.attach import attach_store
from bephw.boards.store.plan import plan_store
from bephw.settings import Settings

__all__ = ["Top", "clock_and_bit"]


def clock_and_bit(board: Board, settings: Settings) -> tuple[float, int]:
    """The trainer's clock in MHz, and its cycles in a bit of the serial line.

    Raises `BephwError` for a clock or baud rate that the board cannot make.
    """
    clock_mhz = actual_clock_mhz(board, settings.board.clock_mhz or board.default_clock_mhz)
    return clock_mhz, clocks_per_bit(clock_mhz, settings.board.baud)


def light_ports(platform, lights: Sequence[Light]) -> list:
    """The platform's ports of lights; each resource is requested once."""
    requested = {}
    for light in lights:
        where = light.resource, light.number
        if where not in requested:
            requested[where] = platform.request(*where, dir="-")
    return [
        getattr(found, light.colour) if light.colour else found
        for light in lights
        for found in [requested[light.resource, light.number]]
    ]


class Top(Elaboratable):
    """A trainer on a board, reached by its serial port, with a store of samples between them where the settings ask.

    Args:
        board: where.
        settings: the link's identity block, baud rate and clock come from here.
        trainer: component with the ports of `bephw.rtl_gen.trainer.Trainer`.

    Raises `BephwError` for a clock or baud rate that the board cannot make, or a store that it has no memory for.
    """

    def __init__(self, board: Board, settings: Settings, trainer: Elaboratable) -> None:
        self._board = board
        self._trainer = trainer
        self._clock_mhz, bit = clock_and_bit(board, settings)
        self._clocks = ClockGenerator(board, self._clock_mhz)
        self._settings = settings
        self._store = plan_store(board, settings)
        description = None if self._store is None else self._store.description
        self._bridge = UartBridge(
            settings,
            link_sizes(board, settings),
            bit,
            description,
            identity_in_luts=identity_in_luts(board, settings),
        )

    def elaborate(self, platform):
        m = Module()
        trainer, bridge = self._trainer, self._bridge
        m.domains += ClockDomain("sync")
        m.submodules.clocks = self._clocks
        m.d.comb += self._clocks.restart.eq(bridge.restart)
        m.submodules.trainer = trainer
        m.submodules.bridge = bridge
        m.submodules.lights = lights = Lights(max(FEWEST_LIGHTS, len(self._board.lights)), self._clock_mhz)
        attach_store(m, bridge, trainer, self._store, self._settings, self._clock_mhz)
        connect(m, bridge.load, trainer.load)
        connect(m, trainer.dump, bridge.dump)

        predicted = trainer.predictions
        m.d.comb += [
            lights.predicted.eq(predicted.valid & predicted.ready),
            lights.taught.eq(predicted.payload.taught.any()),
        ]
        ports = light_ports(platform, self._board.lights)
        for index, port in enumerate(ports):
            m.submodules[f"led_{index}"] = led = io.Buffer("o", port)
            m.d.comb += led.o.eq(lights.lights[index])

        uart = platform.request("uart", self._board.uart, dir="-")
        m.submodules.rx = rx = io.Buffer("i", uart.rx)
        m.submodules.tx = tx = io.Buffer("o", uart.tx)
        m.d.comb += [bridge.receive.eq(rx.i), tx.o.eq(bridge.transmit)]
        return m
