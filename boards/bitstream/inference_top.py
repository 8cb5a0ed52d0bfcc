"""A trained network on a board, that classifies what comes by its serial port."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import io

from bephw.boards.bitstream.clocks import ClockGenerator
from bephw.boards.bitstream.top import clock_and_bit, light_ports
from bephw.boards.definition import Board
from bephw.boards.link.inference_bridge import InferenceBridge
from bephw.boards.link.lights import FEWEST_LIGHTS, Lights
from bephw.settings import Settings

__all__ = ["InferenceTop"]


class InferenceTop(Elaboratable):
    """Inference alone on a board, reached by its serial port as `InferenceBridge` says. Samples of a recurrent network
    have `data.steps` steps.

    Args:
        board: where.
        settings: baud rate and clock come from here.
        network: component with the ports of `InferenceSignature`.

    Raises `BephwError` for a clock or baud rate that the board cannot make.
    """

    def __init__(self, board: Board, settings: Settings, network: Elaboratable) -> None:
        self._board = board
        self._clock_mhz, bit = clock_and_bit(board, settings)
        self._clocks = ClockGenerator(board, self._clock_mhz)
        steps = settings.data.steps if settings.recurrent else None
        self._bridge = InferenceBridge(network, settings.network.classes, bit, steps)

    def elaborate(self, platform):
        m = Module()
        m.domains += ClockDomain("sync")
        m.submodules.clocks = self._clocks
        m.submodules.bridge = bridge = self._bridge
        uart = platform.request("uart", self._board.uart, dir="-")
        m.submodules.rx = rx = io.Buffer("i", uart.rx)
        m.submodules.tx = tx = io.Buffer("o", uart.tx)
        m.submodules.lights = lights = Lights(max(FEWEST_LIGHTS, len(self._board.lights)), self._clock_mhz)
        m.d.comb += [bridge.receive.eq(rx.i), tx.o.eq(bridge.transmit), lights.predicted.eq(bridge.predicted)]
        for index, port in enumerate(light_ports(platform, self._board.lights)):
            m.submodules[f"led_{index}"] = led = io.Buffer("o", port)
            m.d.comb += led.o.eq(lights.lights[index])
        return m
