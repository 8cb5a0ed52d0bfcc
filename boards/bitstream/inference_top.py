"""A trained network on a board, that classifies what comes by its serial port."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import io
from amaranth.lib.wiring import connect

from bephw.boards.bitstream.clocks import ClockGenerator
from bephw.boards.bitstream.top import clock_and_bit, light_ports
from bephw.boards.definition import Board
from bephw.boards.link.lights import FEWEST_LIGHTS, Lights
from bephw.boards.link.sample_bytes import PredictionBytes, SampleBytes
from bephw.boards.link.uart import Receiver, Transmitter
from bephw.settings import Settings

__all__ = ["IDLE_BYTES", "InferenceTop"]

IDLE_BYTES = 100  # so many bytes' time without one, and the next one begins a sample: 1 ms at a million bits a second
FRAME = 10  # bits on the line for a byte


class InferenceTop(Elaboratable):
    """Inference alone on a board. Samples come as plain bytes, a word of the stream after the other, each in as many
    bytes as it fills (`SampleBytes`); each prediction goes back as a byte, or as many as a label fills.

    After a pause of `IDLE_BYTES` the next byte begins a sample. Samples of a recurrent network have `data.steps` steps.

    Args:
        board: where.
        settings: baud rate and clock come from here.
        network: component with the ports of `InferenceSignature`.

    Raises `BephwError` for a clock or baud rate that the board cannot make.
    """

    def __init__(self, board: Board, settings: Settings, network: Elaboratable) -> None:
        self._board, self._settings, self._network = board, settings, network
        self._clock_mhz, self._bit = clock_and_bit(board, settings)
        self._clocks = ClockGenerator(board, self._clock_mhz)

    def elaborate(self, platform):
        m = Module()
        m.domains += ClockDomain("sync")
        m.submodules.clocks = self._clocks
        network = self._network
        idle = self._idle(m, platform, network)
        m.submodules.network = ResetInserter(idle)(network)
        if self._settings.recurrent:
            m.d.comb += network.steps.eq(self._settings.data.steps)
        self._light(m, platform, network.predictions)
        return m

    def _idle(self, m, platform, network) -> Value:
        """Connects the serial line; high at the end of a long pause, where half a sample is given up."""
        uart = platform.request("uart", self._board.uart, dir="-")
        m.submodules.rx = rx = io.Buffer("i", uart.rx)
        m.submodules.tx = tx = io.Buffer("o", uart.tx)
        m.submodules.receiver = receiver = Receiver(self._bit)
        m.submodules.transmitter = transmitter = Transmitter(self._bit)
        m.submodules.sample_bytes = samples = SampleBytes(len(network.samples.payload.data))
        m.submodules.prediction_bytes = predictions = PredictionBytes(self._settings.network.classes)
        connect(m, receiver.bytes, samples.bytes)
        connect(m, samples.samples, network.samples)
        connect(m, network.predictions, predictions.predictions)
        connect(m, predictions.bytes, transmitter.bytes)
        m.d.comb += [receiver.line.eq(rx.i), tx.o.eq(transmitter.line)]
        pause = Signal(range(IDLE_BYTES * FRAME * self._bit))
        idle = Signal()
        m.d.comb += samples.idle.eq(idle)
        m.d.sync += [pause.eq(pause - (pause != 0)), idle.eq(pause == 1)]
        # Predictions that are still to come are waited for.
        with m.If(receiver.bytes.valid | network.predictions.valid):
            m.d.sync += pause.eq(IDLE_BYTES * FRAME * self._bit - 1)
        return idle

    def _light(self, m, platform, predicted) -> None:
        m.submodules.lights = lights = Lights(max(FEWEST_LIGHTS, len(self._board.lights)), self._clock_mhz)
        m.d.comb += lights.predicted.eq(predicted.valid & predicted.ready)
        for index, port in enumerate(light_ports(platform, self._board.lights)):
            m.submodules[f"led_{index}"] = led = io.Buffer("o", port)
            m.d.comb += led.o.eq(lights.lights[index])
