"""A trainer that learns nothing, with the ports and the transfer protocol of the real one: to test the bench."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.registers.csr import CsrSignature, RegisterFile
from bephw.rtl_gen.registers.map import Command, Transfer, register_map
from bephw.shape import ceil_div

SETTLING = 20  # cycles for which it is busy after a command


class StandIn(wiring.Component):
    """Predicts the label it is told; "teaches" where it learns and the last word's bit 0 is set.

    `samples.ready` depends on `predictions.ready` within the cycle, so a bench that samples too early loses beats.
    One memory holds all elements. After `deaf_after` samples no further one is accepted.
    """

    def __init__(self, settings, deaf_after=2**16 - 1):
        self._settings = settings
        self._deaf_after = deaf_after
        width, classes = settings.hardware.stream_width, settings.network.classes
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(width, classes))),
                "predictions": Out(stream.Signature(prediction_layout(classes))),
                "csr": In(CsrSignature()),
                "load": In(stream.Signature(32)),
                "dump": Out(stream.Signature(32)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        settings = self._settings
        names = register_map(settings)
        kept = {name: 0 for name, entry in names.items() if entry.writable and name not in ("command", "transfer")}
        m.submodules.registers = registers = RegisterFile(names, kept)
        connect(m, flipped(self.csr), registers.csr)
        samples = self._echo(m, registers.control)
        settling = Signal(range(SETTLING + 1), init=SETTLING)
        with m.If(registers.command_written & (self.csr.write_data & Command.END_BATCH).bool()):
            m.d.sync += settling.eq(SETTLING)
        with m.Elif(settling != 0):
            m.d.sync += settling.eq(settling - 1)
        left = self._transfers(m, registers.transfer_written, self.csr.write_data)
        m.d.comb += [registers.status.eq(Cat(settling != 0, left != 0)), registers.samples.eq(samples)]
        return m

    def _echo(self, m, learn):
        words = ceil_div(self._settings.network.sizes[0], self._settings.hardware.stream_width)
        word, samples = Signal(range(words + 1)), Signal(16)
        out = self.predictions
        accepted = self.samples.valid & self.samples.ready
        m.d.comb += self.samples.ready.eq((~out.valid | out.ready) & (samples != self._deaf_after))
        with m.If(out.ready):
            m.d.sync += out.valid.eq(0)
        with m.If(accepted):
            m.d.sync += word.eq(word + 1)
            with m.If(word == words - 1):
                m.d.sync += [
                    word.eq(0),
                    samples.eq(samples + 1),
                    out.valid.eq(1),
                    out.payload.label.eq(self.samples.payload.label),
                    out.payload.taught.eq(self.samples.payload.data[0] & learn),
                ]
        return samples

    def _transfers(self, m, start, command):
        """Elements of all spaces one behind the other; returns how many are still to be moved."""
        sizes = self._settings.network.sizes
        shapes = [*zip(sizes[1:], sizes[:-1], strict=True), (self._settings.network.classes, sizes[-1])]
        counts = [rows * columns for rows, columns in shapes]
        memory = Array(Signal(signed(self._settings.learning.bits), name=f"element_{i}") for i in range(sum(counts)))
        at, left, dumping = Signal(range(sum(counts) + 1)), Signal(range(max(counts) + 1)), Signal()
        m.d.comb += [
            self.load.ready.eq((left != 0) & ~dumping),
            self.dump.valid.eq((left != 0) & dumping),
            self.dump.payload.eq(memory[at]),
        ]
        with m.If(start):
            m.d.sync += dumping.eq((command & Transfer.DUMP).bool())
            for space, count in enumerate(counts):
                with m.If(command[:16] == space):
                    m.d.sync += [at.eq(sum(counts[:space])), left.eq(count)]
        with m.If(self.load.valid & self.load.ready):
            m.d.sync += memory[at].eq(self.load.payload)
        with m.If((self.load.valid & self.load.ready) | (self.dump.valid & self.dump.ready)):
            m.d.sync += [at.eq(at + 1), left.eq(left - 1)]
        return left
