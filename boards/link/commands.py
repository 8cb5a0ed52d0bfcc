"""Commands of the host: bytes to register accesses, samples and transfers."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.link.protocol import PAGE, REPLY_POSITIONS, TAG, UNITS, Operation, Target
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY, CsrSignature
from bephw.shape import ceil_div

__all__ = ["CommandReader"]

HELD = 32  # bits: a register's
WAIT = READ_LATENCY + WRITE_LATENCY + 1
"""Cycles from a command to the register that it reads: whatever was set or written before it has been done."""


class CommandReader(wiring.Component):
    """Carries out commands, one after the other, as their bytes arrive, and answers them.

    A command that the trainer is not ready for holds `bytes` up; nothing is dropped. Predictions go between replies,
    never into one. `again` asks for the replies from `following` on to be sent once more, until `again_ready`.

    Args:
        sample: layout of the trainer's sample stream.
        prediction: layout of its prediction stream.
        element: bytes in an element of the state.
        pages: in the identity block, whose byte at `identity_address` is on `identity` a cycle later. A page's bytes
            are stored from its end.
    """

    def __init__(self, sample: data.StructLayout, prediction: data.StructLayout, element: int, pages: int) -> None:
        self._sample = sample
        self._prediction = prediction
        self._element = element
        self._pages = pages
        super().__init__(
            {
                "bytes": In(stream.Signature(8)),
                "replies": Out(stream.Signature(8, always_ready=True)),
                "again": Out(1),
                "again_ready": In(1),
                "following": Out(range(REPLY_POSITIONS)),
                "identity_address": Out(range(pages * PAGE)),
                "identity": In(8),
                "csr": Out(CsrSignature()),
                "samples": Out(stream.Signature(sample)),
                "predictions": In(stream.Signature(prediction)),
                "load": Out(stream.Signature(32)),
                "dump": In(stream.Signature(32)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        byte = self.bytes.payload
        operation, count, left = Signal(3), Signal(range(UNITS)), Signal(range(max(WAIT, *self._unit_bytes().values())))
        held = Signal(HELD)
        replying, reply = Signal(), stream.Signature(8, always_ready=True).create()
        self._send_replies(m, replying, reply)
        number = self._connect_operands(m, held, count)
        with m.FSM():
            with m.State("OPERATION"):
                m.d.comb += self.bytes.ready.eq(1)
                m.d.sync += [operation.eq(byte), count.eq(byte[3:])]
                with m.If(self.bytes.valid):
                    self._begin(m, byte[:3], left)
            with m.State("UNIT"):
                self._take_unit(m, operation, count, left, held, number)
            with m.State("WAIT"):
                m.d.comb += [replying.eq(1), reply.payload.eq(TAG), reply.valid.eq(left == 0)]
                m.d.sync += [held.eq(self.csr.read_data), left.eq(left - 1)]
                with m.If(left == 0):
                    m.d.sync += left.eq(0)
                    m.next = "REPLY"
            with m.State("REPLY"):
                m.d.comb += replying.eq(1)
                self._reply(m, operation, count, left, held, reply)
        return m

    def _unit_bytes(self):
        """Of the operations that have units to take."""
        return {
            Operation.SET: 2,
            Operation.WRITE: 4,
            Operation.WORDS: ceil_div(Signal(self._sample).data.shape().width, 8),
            Operation.LOAD: self._element,
        }

    def _begin(self, m, operation, left):
        """`left` is one less than there are."""
        with m.Switch(operation):
            for taking, size in self._unit_bytes().items():
                with m.Case(taking):
                    m.d.sync += left.eq(size - 1)
                    m.next = "UNIT"
            with m.Case(Operation.READ, Operation.DUMP, Operation.IDENTITY):
                m.d.sync += left.eq(WAIT - 1)
                m.next = "WAIT"

    def _connect_operands(self, m, held, count):
        """What is kept of a unit, and its last byte, to wherever it may go; returns what SET sets."""

        def unit(operation):
            return Cat(held[HELD - 8 * (self._unit_bytes()[operation] - 1) :], self.bytes.payload)

        number = unit(Operation.SET)
        m.d.comb += [
            self.csr.write_data.eq(unit(Operation.WRITE)),
            self.following.eq(number),
            self.samples.payload.data.eq(unit(Operation.WORDS)),
            self.load.payload.eq(unit(Operation.LOAD).as_signed()),
            self.identity_address.eq(Cat(count, self.csr.address)),
        ]
        return number

    def _take_unit(self, m, operation, count, left, held, number):
        """All bytes of a unit but the last are kept; with the last one it is used."""
        sizes = self._unit_bytes()
        last, whole, used = Signal(), left == 0, Signal()
        m.d.comb += last.eq(self.bytes.valid & whole)
        repeats, size = Signal(), Signal.like(left)
        with m.Switch(operation):
            with m.Case(Operation.SET):
                m.d.comb += used.eq(1)
                with m.If(count == Target.REPLIES):
                    m.d.comb += [self.again.eq(last), used.eq(self.again_ready)]
                with m.If(last & (count == Target.ADDRESS)):
                    m.d.sync += self.csr.address.eq(number)
                with m.If(last & (count == Target.LABEL)):
                    m.d.sync += self.samples.payload.label.eq(number)
            with m.Case(Operation.WRITE):
                m.d.comb += [self.csr.write.eq(last), used.eq(1)]
            with m.Case(Operation.WORDS):
                m.d.comb += [self.samples.valid.eq(last), used.eq(self.samples.ready)]
                m.d.comb += [repeats.eq(1), size.eq(sizes[Operation.WORDS])]
            with m.Case(Operation.LOAD):
                m.d.comb += [self.load.valid.eq(last), used.eq(self.load.ready)]
                m.d.comb += [repeats.eq(1), size.eq(sizes[Operation.LOAD])]
        m.d.comb += self.bytes.ready.eq(~whole | used)
        with m.If(self.bytes.valid & ~whole):
            m.d.sync += [held.eq(Cat(held[8:], self.bytes.payload)), left.eq(left - 1)]
        with m.If(last & used):
            m.d.sync += [left.eq(size - 1), count.eq(count - 1)]
            with m.If(~repeats | (count == 0)):
                m.next = "OPERATION"

    def _reply(self, m, operation, count, left, held, reply):
        """So many bytes of a register or of the identity block, or elements of the state. Of an element, or of the
        identity block, whose memory takes a cycle, a byte takes two cycles."""
        second, done = left[0], Signal()
        m.d.comb += [
            # Where nothing is meant, a byte is 0, as the tag is.
            reply.payload.eq(held[:8]),
            done.eq(reply.valid),
        ]
        with m.Switch(operation):
            with m.Case(Operation.READ):
                m.d.comb += reply.valid.eq(1)
            with m.Case(Operation.IDENTITY):
                m.d.comb += [reply.payload.eq(self.identity), reply.valid.eq(second)]
                m.d.sync += left.eq(~second)
            with m.Case(Operation.DUMP):
                ends = C(1) if self._element == 1 else second
                m.d.comb += [
                    reply.payload.eq(self.dump.payload.word_select(second if self._element > 1 else 0, 8)),
                    reply.valid.eq(self.dump.valid),
                    self.dump.ready.eq(ends),
                    done.eq(self.dump.valid & ends),
                ]
                if self._element > 1:
                    with m.If(self.dump.valid):
                        m.d.sync += left.eq(~second)
        with m.If(reply.valid):
            m.d.sync += held.eq(held >> 8)
        with m.If(done):
            m.d.sync += count.eq(count - 1)
            with m.If(count == 0):
                m.next = "OPERATION"

    def _send_replies(self, m, replying, reply):
        """Replies, and predictions as whole bytes, of which the first has bit 0 set."""
        marked = Cat(C(1, 1), self.predictions.payload)
        size = ceil_div(len(marked), 8)
        part = Signal(range(size))
        # One that has begun goes on: no reply comes as soon as that.
        goes = self.predictions.valid & (~replying | (part != 0))
        m.d.comb += [
            self.replies.valid.eq(goes | reply.valid),
            self.replies.payload.eq(Mux(reply.valid | replying, reply.payload, marked.word_select(part, 8))),
            self.predictions.ready.eq(goes & (part == size - 1)),
        ]
        with m.If(goes):
            m.d.sync += part.eq(Mux(part == size - 1, 0, part + 1))
