"""Between the link and the trainer: keeps samples, and sends them on again, epoch after epoch."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.boards.store.checksum import WordChecksum
from bephw.boards.store.layout import RecordLayout
from bephw.boards.store.memory_port import MemorySignature
from bephw.boards.store.order_walk import OrderWalk
from bephw.boards.store.packer import RecordPacker
from bephw.boards.store.registers import StoreCommand, kept_values, store_registers
from bephw.boards.store.score import Score
from bephw.boards.store.unpacker import RecordUnpacker
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.programs.parts import capacity
from bephw.rtl_gen.registers.csr import CsrSignature, RegisterFile
from bephw.settings import Settings

__all__ = ["SampleStore"]

AHEAD = 4
"""Records that are asked for, at most, beyond those that have passed: hides the latency of the memory."""


class SampleStore(wiring.Component):
    """What docs/store.md says, with a memory of `depth` words behind `memory`.

    Idle, it passes everything on between the link (`samples`, `predictions`, `csr`) and the trainer (`feed`, `results`,
    `registers`). While it loads, samples go into the memory; while it runs an epoch, they come from there, and
    predictions end here.
    """

    def __init__(self, settings: Settings, layout: RecordLayout, depth: int) -> None:
        self._layout = layout
        self._depth = depth
        self._capacity = capacity(settings)
        self._classes = classes = settings.network.classes
        self._registers, self._values = store_registers(depth, settings), kept_values(settings)
        samples = stream.Signature(sample_layout(layout.stream_width, classes))
        predictions = stream.Signature(prediction_layout(classes, len(settings.classifier_shapes)))
        super().__init__(
            {
                "samples": In(samples),
                "predictions": Out(predictions),
                "csr": In(CsrSignature()),
                "feed": Out(samples),
                "results": In(predictions),
                "registers": Out(CsrSignature()),
                "memory": Out(MemorySignature(layout.word, depth)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        layout = self._layout
        m.submodules.registers = registers = RegisterFile(self._registers, self._values)
        m.submodules.walk = walk = OrderWalk(self._depth)
        m.submodules.packer = packer = RecordPacker(layout, self._classes)
        m.submodules.unpacker = unpacker = RecordUnpacker(
            layout, self._classes, shorter="store_sent" in self._registers
        )
        m.submodules.checksum = checksum = WordChecksum(layout.word)
        m.submodules.score = score = Score(layout.label, self._capacity)

        modes = {name: Signal(name=name) for name in ("load", "check", "run")}
        starts = self._start(m, registers, walk, modes)
        passed = self._count_passed(m, packer, unpacker, modes)
        waits = self._request(m, walk, passed, modes["load"])
        self._connect_registers(m, registers, unpacker)
        self._connect_memory(m, packer, unpacker, checksum, modes)
        self._connect_trainer(m, packer, unpacker, score, modes)
        self._count(m, registers, checksum, score, waits, starts, modes["check"], modes["run"])
        with m.If(~starts & ~waits & checksum.idle & ~score.waiting):
            m.d.sync += [mode.eq(0) for mode in modes.values()]
        m.d.comb += registers.store_status.eq(Cat(modes.values()).any())
        return m

    def _connect_registers(self, m, registers, unpacker):
        """The trainer's and ours on one bus: what is read is 0 where it is not meant."""
        m.d.comb += registers.store_command.eq(0)
        if "store_sent" in self._registers:
            m.d.comb += unpacker.sent.eq(registers.store_sent)
        for bus in (registers.csr, self.registers):
            m.d.comb += [getattr(bus, name).eq(getattr(self.csr, name)) for name in ("address", "write_data", "write")]
        m.d.comb += self.csr.read_data.eq(registers.csr.read_data | self.registers.read_data)

    def _start(self, m, registers, walk, modes):
        """A command: all records in their own order, or in that of the epoch. Returns whether one begins."""
        begins, number = Signal(), range(self._depth + 1)
        first, stride, end = Signal(number), Signal(number), Signal(number)
        m.d.comb += [
            walk.start.eq(begins),
            walk.size.eq(registers.store_size),
            first.eq(registers.store_first),
            stride.eq(registers.store_stride),
            end.eq(registers.store_end),
        ]
        with m.If(registers.store_command_written):
            m.d.sync += begins.eq(1)
            for mask, mode in zip(
                (StoreCommand.LOAD, StoreCommand.CHECK, StoreCommand.RUN), modes.values(), strict=True
            ):
                m.d.sync += mode.eq((registers.value & mask).bool())
        with m.Else():
            m.d.sync += begins.eq(0)
        m.d.comb += [
            walk.first.eq(Mux(modes["run"], first, 0)),
            walk.stride.eq(Mux(modes["run"], stride, self._layout.words)),
            walk.end.eq(Mux(modes["run"], end, 0)),
        ]
        return registers.store_command_written | begins

    def _request(self, m, walk, passed, write):
        """A run of words for each record. Returns whether any is still to pass."""
        requests, ahead = self.memory.requests, Signal(range(AHEAD + 1))
        room, asked = ahead != AHEAD, Signal()
        m.d.comb += [
            requests.payload.address.eq(walk.addresses.payload),
            requests.payload.write.eq(write),
            requests.valid.eq(walk.addresses.valid & room),
            walk.addresses.ready.eq(requests.ready & room),
            asked.eq(requests.valid & requests.ready),
        ]
        m.d.sync += ahead.eq(ahead + asked - passed)
        return walk.active | (ahead != 0)

    def _count_passed(self, m, packer, unpacker, modes):
        """Whether the last word of a record passes."""
        passed, word = Signal(), Signal(range(self._layout.words))
        read = self.memory.read
        checked = modes["check"] & read.valid & read.ready
        with m.If(checked):
            m.d.sync += word.eq(Mux(word == self._layout.words - 1, 0, word + 1))
        m.d.comb += passed.eq(packer.ends | unpacker.ends | (checked & (word == self._layout.words - 1)))
        return passed

    def _connect_memory(self, m, packer, unpacker, checksum, modes):
        connect(m, packer.words, flipped(self.memory.written))
        read, checks = self.memory.read, modes["check"]
        m.d.comb += [
            unpacker.words.payload.eq(read.payload),
            unpacker.words.valid.eq(read.valid & ~checks),
            checksum.words.payload.eq(read.payload),
            checksum.words.valid.eq(read.valid & checks),
            read.ready.eq(Mux(checks, checksum.words.ready, unpacker.words.ready)),
        ]

    def _connect_trainer(self, m, packer, unpacker, score, modes):
        """Samples and predictions go where the command says."""
        load, run, stored = modes["load"], modes["run"], unpacker.samples
        m.d.comb += [
            packer.samples.payload.eq(self.samples.payload),
            packer.samples.valid.eq(self.samples.valid & load),
            self.feed.payload.eq(Mux(run, stored.payload, self.samples.payload)),
            self.feed.valid.eq(Mux(run, stored.valid & score.room, self.samples.valid & ~load)),
            stored.ready.eq(run & self.feed.ready & score.room),
            self.samples.ready.eq(Mux(load, packer.samples.ready, self.feed.ready & ~run)),
            self.predictions.payload.eq(self.results.payload),
            self.predictions.valid.eq(self.results.valid & ~run),
            self.results.ready.eq(Mux(run, score.ready, self.predictions.ready)),
            score.sent.eq(unpacker.ends),
            score.label.eq(stored.payload.label),
            score.predicted.eq(self.results.valid & score.ready & run),
            score.prediction.eq(self.results.payload.label),
        ]

    def _count(self, m, registers, checksum, score, waits, starts, check, run):
        """What software reads after a command."""
        m.d.comb += [
            checksum.start.eq(starts & check),
            score.clear.eq(starts & run),
            registers.store_checksum.eq(checksum.crc),
            registers.store_correct.eq(score.correct),
        ]
        if "store_waiting" in self._registers:
            with m.If(run & waits & self.feed.ready & ~self.feed.valid):
                m.d.sync += registers.store_waiting.eq(registers.store_waiting + 1)
            with m.If(starts & run):
                m.d.sync += registers.store_waiting.eq(0)
