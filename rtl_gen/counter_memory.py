"""Hidden weights: a memory of saturating up/down counters with a read-modify-write pipeline."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import saturating_step
from bephw.shape import LayerShape

__all__ = ["CounterMemory", "Operation", "operation_layout"]


class Operation(enum.Enum, shape=3):
    """What happens to the counters of a word."""

    UPDATE = 0  # every lane: up where the input equals the desired bit, else down
    REFRESH = 1  # no change; the signs go to the live plane
    REINFORCE = 2  # one lane: one step away from zero
    LOAD = 3  # one lane: takes `value`
    DUMP = 4  # no change; the lane's counter is shown


def operation_layout(shape: LayerShape, bits: int) -> data.StructLayout:
    """An operation on one word: the `chunk`-th of the plane word at `plane` in `bank`."""
    return data.StructLayout(
        {
            "kind": Operation,
            "word": range(shape.counter_words),
            "lane": range(shape.update_columns),
            "desired": 1,
            "value": bits,
            "chunk": range(shape.chunks),
            "plane": range(shape.groups * shape.words),
            "bank": range(shape.rows),
        }
    )


class CounterMemory(wiring.Component):
    """`shape.counter_words` words of `update_columns` counters of `bits` bits, two's complement.

    An operation is taken where `operations.valid` and `.ready`; `inputs` must show the activations of its plane
    word one cycle later. Three cycles after it was taken it is complete. An operation on a word that another is
    about to change waits; all others follow each other every cycle.

    UPDATE and REFRESH walk a row in order: with the last chunk of a plane word, `sign_write` is high and
    `sign_data` is the word of signs. DUMP shows the counter in `dumped` while `dump_valid`. `idle`: nothing is on
    its way.
    """

    def __init__(self, shape: LayerShape, bits: int, init: Sequence[int] = ()) -> None:
        self._shape = shape
        self._bits = bits
        self._init = init
        super().__init__(
            {
                "operations": In(stream.Signature(operation_layout(shape, bits))),
                "inputs": In(shape.columns),
                "sign_write": Out(1),
                "sign_bank": Out(range(shape.rows)),
                "sign_plane": Out(range(shape.groups * shape.words)),
                "sign_data": Out(shape.columns),
                "dump_valid": Out(1),
                "dumped": Out(signed(bits)),
                "idle": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, layout = self._shape, operation_layout(self._shape, self._bits)
        m.submodules.memory = memory = Memory(
            shape=shape.update_columns * self._bits, depth=shape.counter_words, init=self._init
        )
        read, write = memory.read_port(), memory.write_port()

        # Stages: reading, read, stepped; an operation moves on every cycle.
        valid = [Signal(name=f"valid_{stage}") for stage in range(3)]
        stages = [Signal(layout, name=f"operation_{stage}") for stage in range(3)]
        pending = [stage.word == self.operations.payload.word for stage in stages]
        changes = [
            v & (s.kind != Operation.REFRESH) & (s.kind != Operation.DUMP) for v, s in zip(valid, stages, strict=True)
        ]
        conflict = Cat(c & p for c, p in zip(changes, pending, strict=True)).any()
        taken = self.operations.valid & self.operations.ready
        m.d.comb += [
            self.operations.ready.eq(~conflict),
            read.addr.eq(self.operations.payload.word),
            read.en.eq(taken),
            self.idle.eq(~Cat(valid).any()),
        ]
        m.d.sync += [Cat(valid).eq(Cat(taken, valid[:-1]))]
        m.d.sync += [
            later.eq(earlier) for later, earlier in zip(stages, [self.operations.payload, *stages], strict=False)
        ]

        before, up = self._direct(m, read.data, stages[0])
        after = self._step(m, before, up, stages[1])
        m.d.comb += [
            write.addr.eq(stages[2].word),
            write.data.eq(Cat(after)),
            write.en.eq(changes[2]),
            self.dump_valid.eq(valid[2] & (stages[2].kind == Operation.DUMP)),
            self.dumped.eq(Array(after)[stages[2].lane]),
        ]
        self._collect_signs(m, after, valid[2], stages[2])
        return m

    def _direct(self, m, word, operation):
        """Register the word, and which way an UPDATE takes each of its counters."""
        width, lanes = self._shape.update_columns, range(self._shape.update_columns)
        before = [Signal(self._bits, name=f"before_{lane}") for lane in lanes]
        up = Signal(width)
        inputs = self.inputs.word_select(operation.chunk, width)
        m.d.sync += [Cat(before).eq(word), up.eq(~(inputs ^ operation.desired.replicate(width)))]
        return before, up

    def _step(self, m, before, up, operation):
        """The counters after the operation, registered."""
        after = []
        update, reinforce, load = (
            operation.kind == kind for kind in (Operation.UPDATE, Operation.REINFORCE, Operation.LOAD)
        )
        for lane, counter in enumerate(before):
            chosen = Signal(name=f"chosen_{lane}")
            m.d.comb += chosen.eq(operation.lane == lane)
            hold = ~(update | (reinforce & chosen))
            direction = Mux(update, up[lane], ~counter[-1])
            stepped = saturating_step(counter, direction, hold)
            result = Signal(self._bits, name=f"after_{lane}")
            m.d.sync += result.eq(Mux(load & chosen, operation.value, stepped))
            after.append(result)
        return after

    def _collect_signs(self, m, after, valid, operation):
        """Put the signs of a plane word together, chunk by chunk."""
        shape, width = self._shape, self._shape.update_columns
        signs = Cat(~counter[-1] for counter in after)
        whole = (valid & ((operation.kind == Operation.UPDATE) | (operation.kind == Operation.REFRESH))).bool()
        if shape.chunks > 1:
            collected = Signal(shape.columns - width)
            with m.If(whole):
                m.d.sync += collected.eq(Cat(collected, signs)[width:])
            m.d.comb += self.sign_data.eq(Cat(collected, signs))
        else:
            m.d.comb += self.sign_data.eq(signs)
        m.d.comb += [
            self.sign_write.eq(whole & (operation.chunk == shape.chunks - 1)),
            self.sign_bank.eq(operation.bank),
            self.sign_plane.eq(operation.plane),
        ]
