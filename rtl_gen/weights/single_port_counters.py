"""Hidden weights in a memory with a single port."""

from amaranth.hdl import *
from amaranth.lib import wiring

from bephw.rtl_gen.parts.layouts import record_index
from bephw.rtl_gen.parts.storage import block_memory
from bephw.rtl_gen.weights.counter_memory import (
    Operation,
    accesses,
    changes,
    counter_memory_signature,
    in_burst,
    sign_padding,
)
from bephw.rtl_gen.weights.counter_step import CounterStep, at_limit
from bephw.shape import LayerShape

__all__ = ["SinglePortCounterMemory"]


class SinglePortCounterMemory(wiring.Component):
    """As `CounterMemory`, with the same ports, but an operation takes 2 cycles, in which it stays on offer: in the
    first the RAM reads, and so does `inputs`; in the second, in which it is taken, the RAM writes.

    The port is in use in both, so a pipeline would gain nothing, and no operation meets another on its way. The signs
    of a plane word show, and `sample_done` and `inputs.done` pulse, when the operation is taken; a `shift` moves the
    result register at once. Counters start somewhere: the RAM of this kind has no initial content.
    """

    def __init__(self, shape: LayerShape, bits: int) -> None:
        self._shape = shape
        self._bits = bits
        self._middle = 1 << (bits - 1)  # counters lie here as `CounterMemory` has them
        super().__init__(counter_memory_signature(shape, bits))

    def elaborate(self, platform):
        m = Module()
        operation, second = self.operations.payload, Signal()
        m.d.sync += second.eq(self.operations.valid & ~second)
        m.d.comb += [
            self.operations.ready.eq(second),
            self.inputs.read.eq(1),
            self.inputs.index.eq(record_index(self._shape, operation.column_word, self._shape.words, operation)),
            self.inputs.done.eq(second & operation.end),
            self.sample_done.eq(self.inputs.done),
            self.idle.eq(~self.operations.valid & ~second),
        ]
        before, written = self._access(m, operation, second)
        after = self._step(m, operation, second, before)
        m.d.comb += written.eq(Cat(after))
        self._collect_signs(m, operation, second, after)
        return m

    def _access(self, m, operation, second):
        """The RAM; returns the counters that were read, and what is written."""
        width = self._shape.update_columns * self._bits
        m.submodules.memory = memory = block_memory(width, self._shape.counter_words, huge=True)
        read, write, written = memory.read_port(), memory.write_port(), Signal(width)
        m.d.comb += [
            write.en.eq(second & changes(operation)),
            write.addr.eq(operation.word),
            write.data.eq(written),
            read.addr.eq(operation.word),
            read.en.eq(~second),
        ]
        return [read.data.word_select(lane, self._bits) for lane in range(self._shape.update_columns)], written

    def _step(self, m, operation, second, before):
        """A step up or down, but not beyond the limits; what comes of it also goes to the result register."""
        lanes = self._shape.update_columns
        inputs = self.inputs.data.word_select(operation.chunk, lanes)
        update, reinforce, keeps = Signal(), Signal(), Signal()
        m.d.comb += [
            update.eq(operation.kind == Operation.UPDATE),
            reinforce.eq(operation.kind == Operation.REINFORCE),
            keeps.eq(~self.shift & (operation.kind != Operation.STORE)),
        ]
        result = [Signal(self._bits, name=f"result_{lane}") for lane in range(lanes)]
        after = []
        for lane, (counter, other) in enumerate(zip(before, [*result[1:], self.value ^ self._middle], strict=True)):
            m.submodules[f"step_{lane}"] = step = CounterStep(self._bits)
            up, burst = Signal(name=f"up_{lane}"), in_burst(self._shape, operation.lane, lane)
            m.d.comb += [
                up.eq(Mux(reinforce, counter[-1], ~(inputs[lane] ^ operation.desired))),
                step.counter.eq(counter),
                step.moves.eq((update | (reinforce & burst)) & ~(at_limit(m, counter) & (up == counter[-1]))),
                step.down.eq(step.moves & ~up),
                step.keeps.eq(keeps),
                step.other.eq(other),
            ]
            with m.If(self.shift | (second & accesses(operation))):
                m.d.sync += result[lane].eq(step.result)
            after.append(step.result)
        m.d.comb += self.counter.eq(result[0] ^ self._middle)
        return after

    def _collect_signs(self, m, operation, second, after):
        """The signs of the chunks before the last wait for it. Lanes beyond the inputs show a 1."""
        shape, shown, signs = self._shape, Signal(), Cat(counter[-1] for counter in after)
        collected = Signal((shape.chunks - 1) * shape.update_columns, reset_less=True)
        last_word = operation.column_word == shape.words - 1
        m.d.comb += [
            shown.eq(second & ((operation.kind == Operation.UPDATE) | (operation.kind == Operation.REFRESH))),
            self.sign_write.eq(shown & (operation.chunk == shape.chunks - 1)),
            self.sign_bank.eq(operation.bank),
            self.sign_address.eq(operation.plane),
            self.sign_data.eq(Cat(collected, signs) | Mux(last_word, sign_padding(shape), 0)),
        ]
        with m.If(shown):
            m.d.sync += collected.eq(Cat(collected, signs)[len(signs) :])
