"""Inference behind a serial line, as plain bytes."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect

from bephw.boards.link.sample_bytes import PredictionBytes, SampleBytes
from bephw.boards.link.uart import Receiver, Transmitter

__all__ = ["IDLE_BYTES", "InferenceBridge"]

IDLE_BYTES = 100  # so many bytes' time without one, and the next one begins a sample: 1 ms at a million bits a second
FRAME = 10  # bits on the line for a byte


class InferenceBridge(wiring.Component):
    """Samples come as plain bytes on line `receive`, a word of the stream after the other, each in as many bytes as it
    fills (`SampleBytes`); each prediction goes back on `transmit` as a byte, or as many as a label fills.

    After a pause of `IDLE_BYTES`, in which nothing comes and no prediction waits, the next byte begins a sample.
    `predicted` is high for a cycle for each prediction.

    Args:
        network: component with the ports of `InferenceSignature`.
        classes: its number.
        bit: clock cycles of a bit on the line.
        steps: of every sample of a recurrent network.
    """

    def __init__(self, network: wiring.Component, classes: int, bit: int, steps: int | None = None) -> None:
        self._network, self._classes, self._bit, self._steps = network, classes, bit, steps
        super().__init__({"receive": In(1, init=1), "transmit": Out(1, init=1), "predicted": Out(1)})

    def elaborate(self, platform):
        m = Module()
        network = self._network
        m.submodules.receiver = receiver = Receiver(self._bit)
        m.submodules.transmitter = transmitter = Transmitter(self._bit)
        m.submodules.sample_bytes = samples = SampleBytes(len(network.samples.payload.data))
        m.submodules.prediction_bytes = predictions = PredictionBytes(self._classes)
        idle = self._pause(m, receiver.bytes.valid | network.predictions.valid)
        m.submodules.network = ResetInserter(idle)(network)  # A word or more of a sample may be in there.
        connect(m, receiver.bytes, samples.bytes)
        connect(m, samples.samples, network.samples)
        connect(m, network.predictions, predictions.predictions)
        connect(m, predictions.bytes, transmitter.bytes)
        m.d.comb += [
            receiver.line.eq(self.receive),
            self.transmit.eq(transmitter.line),
            samples.idle.eq(idle),
            self.predicted.eq(network.predictions.valid & network.predictions.ready),
        ]
        if self._steps is not None:
            m.d.comb += network.steps.eq(self._steps)
        return m

    def _pause(self, m: Module, busy: Value) -> Value:
        """High in the last cycle of a pause."""
        cycles = IDLE_BYTES * FRAME * self._bit
        left, idle = Signal(range(cycles + 1)), Signal()
        m.d.sync += [left.eq(left - (left != 0)), idle.eq((left == 1) & ~busy)]
        with m.If(busy):
            m.d.sync += left.eq(cycles)
        return idle
