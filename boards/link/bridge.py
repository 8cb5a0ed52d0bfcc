"""A serial line to a trainer."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.boards.link.commands import CommandReader, steps_register
from bephw.boards.link.protocol import receive_bytes
from bephw.boards.link.receive_buffer import ReceiveBuffer
from bephw.boards.link.replies import ReplySender
from bephw.boards.link.uart import Receiver, Transmitter
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.registers.csr import CsrSignature
from bephw.settings import Settings

__all__ = ["UartBridge"]


class UartBridge(wiring.Component):
    """Speaks protocol.py on a serial line of `clocks` clock cycles a bit, and drives a `Trainer`'s ports.

    Received bytes wait in a buffer of `receive_bytes(settings)`, so that none is lost while the trainer is busy, if
    the host keeps the protocol's rule.
    """

    def __init__(self, settings: Settings, clocks: int) -> None:
        self._settings = settings
        self._clocks = clocks
        classes = settings.network.classes
        self._sample = sample_layout(settings.hardware.stream_width, classes)
        self._prediction = prediction_layout(classes, len(settings.classifier_shapes))
        super().__init__(
            {
                "receive": In(1, init=1),
                "transmit": Out(1, init=1),
                "samples": Out(stream.Signature(self._sample)),
                "predictions": In(stream.Signature(self._prediction)),
                "csr": Out(CsrSignature()),
                "load": Out(stream.Signature(32)),
                "dump": In(stream.Signature(32)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = Receiver(self._clocks)
        m.submodules.transmitter = transmitter = Transmitter(self._clocks)
        m.submodules.received = received = ReceiveBuffer(receive_bytes(self._settings))
        m.submodules.commands = commands = CommandReader(
            self._settings.network.sizes[0], self._sample, steps_register(self._settings)
        )
        m.submodules.replies = replies = ReplySender(self._prediction)
        m.d.comb += [
            receiver.line.eq(self.receive),
            self.transmit.eq(transmitter.line),
        ]
        connect(m, receiver.bytes, received.received)
        connect(m, received.bytes, commands.bytes)
        connect(m, commands.answers, replies.answers)
        connect(m, replies.bytes, transmitter.bytes)
        for name in ("samples", "csr", "load", "dump"):
            connect(m, getattr(commands, name), flipped(getattr(self, name)))
        connect(m, flipped(self.predictions), replies.predictions)
        return m
