"""A serial line to a trainer."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.boards.link.commands import CommandReader
from bephw.boards.link.frame_receiver import FrameReceiver
from bephw.boards.link.frame_sender import FrameSender
from bephw.boards.link.identity import stored_identity
from bephw.boards.link.protocol import OPENED, OVERFLOW, PAGE, element_bytes
from bephw.boards.link.receive_window import ReceiveWindow
from bephw.boards.link.reply_window import ReplyWindow
from bephw.boards.link.sizes import LinkSizes
from bephw.boards.link.uart import Receiver, Transmitter
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.parts.storage import block_memory, family
from bephw.rtl_gen.registers.csr import CsrSignature
from bephw.settings import Settings

__all__ = ["UartBridge"]


class UartBridge(wiring.Component):
    """Speaks docs/link.md on a serial line of `clocks` clock cycles a bit, and drives a `Trainer`'s ports.

    `restart`, high for a cycle, is to reset this bridge and the trainer. The identity block says that there is `store`;
    it lies in block RAM, unless it must do with LUTs.
    """

    def __init__(
        self,
        settings: Settings,
        sizes: LinkSizes,
        clocks: int,
        store: list[str | int] | None = None,
        *,
        identity_in_luts: bool = False,
    ) -> None:
        self._settings = settings
        self._sizes = sizes
        self._store = store
        self._identity_in_luts = identity_in_luts
        self._clocks = clocks
        classes = settings.network.classes
        self._sample = sample_layout(settings.hardware.stream_width, classes)
        self._prediction = prediction_layout(classes, len(settings.classifier_shapes))
        super().__init__(
            {
                "receive": In(1, init=1),
                "transmit": Out(1, init=1),
                "restart": Out(1),
                "samples": Out(stream.Signature(self._sample)),
                "predictions": In(stream.Signature(self._prediction)),
                "csr": Out(CsrSignature()),
                "load": Out(stream.Signature(32)),
                "dump": In(stream.Signature(32)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        registered = family(platform) != "ice40"  # there clocks are slow, and a full device has no cells to spare
        block = stored_identity(self._settings, self._sizes, self._store)
        m.submodules.receiver = receiver = Receiver(self._clocks)
        m.submodules.frames = frames = FrameReceiver()
        m.submodules.window = window = ReceiveWindow(self._sizes.window, registered=registered)
        m.submodules.commands = commands = CommandReader(
            self._sample, self._prediction, element_bytes(self._settings), len(block) // PAGE
        )
        m.submodules.replies = replies = ReplyWindow(self._sizes.replies, registered=registered)
        m.submodules.sender = sender = FrameSender()
        m.submodules.transmitter = transmitter = Transmitter(self._clocks)

        m.d.comb += [receiver.line.eq(self.receive), self.transmit.eq(transmitter.line)]
        connect(m, receiver.bytes, frames.received)
        for name in ("byte", "valid", "ends", "good"):
            m.d.comb += getattr(window, name).eq(getattr(frames, name))
        connect(m, window.bytes, commands.bytes)
        connect(m, commands.replies, replies.replies)
        connect(m, sender.bytes, transmitter.bytes)
        m.d.comb += self.restart.eq(window.restart)
        self._identify(m, block, commands)
        self._repeat(m, commands, replies, sender)
        self._report(m, frames, window, replies, sender)
        for name in ("samples", "csr", "load"):
            connect(m, getattr(commands, name), flipped(getattr(self, name)))
        for name in ("predictions", "dump"):
            connect(m, flipped(getattr(self, name)), getattr(commands, name))
        return m

    def _identify(self, m, block, commands):
        m.submodules.identity = identity = block_memory(8, len(block), block, luts=self._identity_in_luts)
        read = identity.read_port()
        m.d.comb += [read.addr.eq(commands.identity_address), read.en.eq(1), commands.identity.eq(read.data)]

    def _repeat(self, m, commands, replies, sender):
        """Replies are sent once more between frames."""
        m.d.comb += [
            commands.again_ready.eq(sender.idle),
            replies.again.eq(commands.again & sender.idle),
            replies.following.eq(commands.following),
        ]

    def _report(self, m, frames, window, replies, sender):
        """A frame to the host for each that ended, and for every quarter of the window that was consumed."""
        due, reported = Signal(init=1), Signal()
        quarter = window.consumed[(self._sizes.window // 4).bit_length() - 1]
        m.d.comb += [
            sender.due.eq(due | (quarter != reported)),
            sender.accepted.eq(window.accepted),
            sender.consumed.eq(
                window.consumed | Mux(window.opened, OPENED, 0) | Mux(window.overflow, OVERFLOW, 0),
            ),
            sender.position.eq(replies.position),
            sender.waiting.eq(replies.waiting),
            sender.reply.eq(replies.byte),
            replies.advance.eq(sender.advance),
        ]
        with m.If(sender.began):
            m.d.sync += [due.eq(0), reported.eq(quarter)]
        with m.If(frames.ends):
            m.d.sync += due.eq(1)
