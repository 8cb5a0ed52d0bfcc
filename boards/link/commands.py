"""Commands of the host: bytes to register accesses, samples and transfers."""

from __future__ import annotations

from typing import NamedTuple

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.link.protocol import Operation
from bephw.boards.link.replies import answer_layout
from bephw.boards.link.sample_words import SampleWords
from bephw.rtl_gen.registers.csr import READ_LATENCY, CsrSignature
from bephw.rtl_gen.registers.map import register_map
from bephw.settings import Settings

__all__ = ["CommandReader", "StepsRegister", "steps_register"]


class StepsRegister(NamedTuple):
    """A trainer's register of how many steps samples have: its address, and its value at reset, the most."""

    address: int
    most: int


def steps_register(settings: Settings) -> StepsRegister | None:
    """That of a recurrent network's trainer; others have none."""
    if settings.data.steps is None:
        return None
    return StepsRegister(register_map(settings)["steps"].address, settings.data.steps)


class CommandReader(wiring.Component):
    """Carries out the commands of protocol.py, one after the other, as their bytes arrive.

    A command that the trainer is not ready for holds `bytes` up; nothing is dropped.

    Args:
        inputs: input bits of a sample, or of each of its steps.
        sample: layout of the trainer's sample stream.
        steps: where the host says how many steps samples have; None where they have none.
    """

    def __init__(self, inputs: int, sample: data.StructLayout, steps: StepsRegister | None = None) -> None:
        self._inputs = inputs
        self._sample = sample
        self._steps = steps
        super().__init__(
            {
                "bytes": In(stream.Signature(8)),
                "answers": Out(stream.Signature(answer_layout())),
                "csr": Out(CsrSignature()),
                "samples": Out(stream.Signature(sample)),
                "load": Out(stream.Signature(32)),
                "dump": In(stream.Signature(32)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.words = words = SampleWords(self._inputs, len(Signal(self._sample).data))
        operation = Signal(8)
        fields = Signal(48)  # address or label or count, then the value: the first byte ends up lowest
        number, value = fields[:16], fields[16:]

        m.d.comb += [self.csr.address.eq(number), self.csr.write_data.eq(value)]
        self._connect_samples(m, words, number)
        step_ends = words.words.valid & words.words.ready & words.last
        last_step = self._count_steps(m, step_ends)
        # Answers leave through a register, so that a slow way to the serial line ends here.
        with m.If(self.answers.ready):
            m.d.sync += self.answers.valid.eq(0)
        with m.FSM():
            self._receive(m, operation, fields)
            self._access_register(m, operation)
            with m.State("SAMPLE"):
                m.d.comb += [words.bytes.valid.eq(self.bytes.valid), self.bytes.ready.eq(words.bytes.ready)]
                with m.If(step_ends & last_step):
                    m.next = "OPERATION"
            self._load(m, operation, number)
            self._dump(m, operation, number)
        return m

    def _count_steps(self, m, ends):
        """Whether a step that ends is its sample's last: the host's writes say how many there are."""
        if self._steps is None:
            return C(1)
        address, most = self._steps
        steps, step = Signal(range(most + 1), init=most), Signal(range(most))
        last = step == steps - 1
        with m.If(ends):
            m.d.sync += step.eq(Mux(last, 0, step + 1))
        with m.If(self.csr.write & (self.csr.address == address)):
            m.d.sync += steps.eq(self.csr.write_data)
        return last

    @property
    def _taken(self):
        return self.bytes.valid & self.bytes.ready

    @property
    def _may_answer(self):
        return ~self.answers.valid

    def _answer(self, count, *parts, last=1):
        """To be assigned in the clock domain where `_may_answer`."""
        return [
            self.answers.valid.eq(1),
            self.answers.payload.bytes.eq(Cat(*parts)),
            self.answers.payload.count.eq(count),
            self.answers.payload.last.eq(last),
        ]

    def _receive(self, m, operation, fields):
        """The operation, then its fields, then on to what it asks for; unknown operations are skipped."""
        missing, writes = Signal(range(7)), Signal()
        number = fields[:16]
        with m.State("OPERATION"):
            m.d.comb += self.bytes.ready.eq(1)
            with m.If(self._taken):
                m.d.sync += operation.eq(self.bytes.payload)
                m.next = "KNOWN"
        with m.State("KNOWN"):
            m.next = "OPERATION"
            m.d.sync += writes.eq(operation == Operation.WRITE)
            with m.Switch(operation):
                with m.Case(Operation.WRITE):
                    m.d.sync += missing.eq(6)
                    m.next = "FIELDS"
                with m.Case(Operation.READ, Operation.SAMPLE, Operation.LOAD, Operation.DUMP):
                    m.d.sync += missing.eq(2)
                    m.next = "FIELDS"
        with m.State("FIELDS"):
            m.d.comb += self.bytes.ready.eq(missing != 0)
            with m.If(self._taken):
                # Short commands stop early: keep the first field in place whatever follows it.
                m.d.sync += missing.eq(missing - 1)
                with m.If(writes):
                    m.d.sync += fields.eq(Cat(fields[8:], self.bytes.payload))
                with m.Else():
                    m.d.sync += number.eq(Cat(number[8:], self.bytes.payload))
            with m.If(missing == 0), m.Switch(operation[:3]):  # it is one of those below
                with m.Case(Operation.WRITE):
                    m.next = "WRITE"
                with m.Case(Operation.READ):
                    m.next = "READ"
                with m.Case(Operation.SAMPLE):
                    m.next = "SAMPLE"
                with m.Case(Operation.LOAD):
                    m.next = "LOW BYTE"
                with m.Default():
                    m.next = "DUMP NAME"

    def _access_register(self, m, operation):
        waited = Signal(range(READ_LATENCY))
        with m.State("WRITE"), m.If(self._may_answer):
            m.d.sync += self._answer(1, operation)
            m.d.comb += self.csr.write.eq(1)
            m.next = "OPERATION"
        # read_data follows the address, which has been there for a cycle when this state begins.
        with m.State("READ"):
            m.d.sync += waited.eq(waited + 1)
            with m.If(waited == READ_LATENCY - 2):
                m.d.sync += waited.eq(0)
                m.next = "READ VALUE"
        with m.State("READ VALUE"), m.If(self._may_answer):
            m.d.sync += self._answer(5, operation, self.csr.read_data)
            m.next = "OPERATION"

    def _load(self, m, operation, number):
        """`number` elements of two bytes, to the trainer; then the answer."""
        element = Signal(16)
        for state, half, following in (("LOW BYTE", element[:8], "HIGH BYTE"), ("HIGH BYTE", element[8:], "LOAD")):
            with m.State(state):
                m.d.comb += self.bytes.ready.eq(1)
                with m.If(self._taken):
                    m.d.sync += half.eq(self.bytes.payload)
                    m.next = following
        with m.State("LOAD"):
            m.d.comb += [self.load.valid.eq(1), self.load.payload.eq(element.as_signed())]
            with m.If(self.load.ready):
                m.d.sync += number.eq(number - 1)
                m.next = "LOW BYTE"
                with m.If(number == 1):
                    m.next = "LOADED"
        with m.State("LOADED"), m.If(self._may_answer):
            m.d.sync += self._answer(1, operation)
            m.next = "OPERATION"

    def _dump(self, m, operation, number):
        """The answer, then `number` elements of two bytes from the trainer."""
        with m.State("DUMP NAME"), m.If(self._may_answer):
            m.d.sync += self._answer(1, operation, last=0)
            m.next = "DUMP"
        with m.State("DUMP"):
            m.d.comb += self.dump.ready.eq(self._may_answer)
            with m.If(self.dump.valid & self._may_answer):
                m.d.sync += [*self._answer(2, self.dump.payload[:16], last=number == 1), number.eq(number - 1)]
                with m.If(number == 1):
                    m.next = "OPERATION"

    def _connect_samples(self, m, words, label):
        wire = self.samples.payload.label
        m.d.comb += [
            words.bytes.payload.eq(self.bytes.payload),
            self.samples.payload.data.eq(words.words.payload),
            # A label too large for the stream must stay too large: it says that the sample may not teach.
            wire.eq(Mux(label >> len(wire), (1 << len(wire)) - 1, label)),
            self.samples.valid.eq(words.words.valid),
            words.words.ready.eq(self.samples.ready),
        ]
