"""Hidden weights: a memory of saturating up/down counters with a read-modify-write pipeline."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import saturating_step
from bephw.rtl_gen.sample_memory import ReaderSignature
from bephw.rtl_gen.storage import block_memory
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
    """An operation on one word: the `chunk`-th of plane word `column_word` of its row, at `plane` in `bank`."""
    return data.StructLayout(
        {
            "kind": Operation,
            "word": range(shape.counter_words),
            "lane": range(shape.update_columns),
            "desired": 1,
            "value": bits,
            "chunk": range(shape.chunks),
            "column_word": range(shape.words),
            "plane": range(shape.groups * shape.words),
            "bank": range(shape.rows),
        }
    )


class CounterMemory(wiring.Component):
    """`shape.counter_words` words of `update_columns` counters of `bits` bits, two's complement.

    Operations are issued in order, one a cycle, but one whose word another is about to change waits. `inputs` reads
    the activations of its plane word. Complete 3 cycles after issue, 4 after it was taken. `settled`: all that were
    taken have been issued; `idle`: and completed.

    UPDATE and REFRESH walk a row in order: with the last chunk of a plane word, `sign_write` is high and
    `sign_data` is the word of signs. DUMP shows the counter in `dumped` while `dump_valid`. `idle`: nothing is on
    its way.
    """

    def __init__(self, shape: LayerShape, bits: int, init: Sequence[int] = (), *, single_port: bool = False) -> None:
        self._shape = shape
        self._bits = bits
        self._init = init
        self._single_port = single_port
        super().__init__(
            {
                "operations": In(stream.Signature(operation_layout(shape, bits))),
                "inputs": Out(ReaderSignature(shape.columns, shape.words)),
                "sign_write": Out(1),
                "sign_bank": Out(range(shape.rows)),
                "sign_plane": Out(range(shape.groups * shape.words)),
                "sign_data": Out(shape.columns),
                "dump_valid": Out(1),
                "dumped": Out(signed(bits)),
                "settled": Out(1),
                "idle": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, layout = self._shape, operation_layout(self._shape, self._bits)
        m.submodules.memory = memory = block_memory(
            shape.update_columns * self._bits,
            shape.counter_words,
            () if self._single_port else self._init,
            huge=self._single_port,
        )
        read, write = memory.read_port(), memory.write_port()

        # Stages: reading, read, stepped; an operation moves on every cycle.
        valid = [Signal(name=f"valid_{stage}") for stage in range(3)]
        stages = [Signal(layout, name=f"operation_{stage}") for stage in range(3)]
        changes = [
            v & (s.kind != Operation.REFRESH) & (s.kind != Operation.DUMP) for v, s in zip(valid, stages, strict=True)
        ]
        waiting, issue = self._take(m, stages, changes)
        m.d.comb += self.idle.eq(self.settled & ~Cat(valid).any())
        m.d.sync += [
            Cat(valid).eq(Cat(issue, valid[:-1])),
            *(later.eq(earlier) for later, earlier in zip(stages, [waiting, *stages], strict=False)),
        ]
        self._address(m, read, write, waiting.word, stages[2].word, changes[2])

        before, up = self._direct(m, read.data, stages[0])
        after = self._step(m, before, up, stages[1])
        m.d.comb += [
            write.data.eq(Cat(after)),
            self.dump_valid.eq(valid[2] & (stages[2].kind == Operation.DUMP)),
            self.dumped.eq(Array(after)[stages[2].lane]),
        ]
        self._collect_signs(m, after, valid[2], stages[2])
        return m

    def _take(self, m, stages, changes):
        """Hold the next operation until its word is not about to change, and a single port is free for reading."""
        waiting, held = Signal(operation_layout(self._shape, self._bits)), Signal()
        blocked = Cat(
            change & (stage.word == waiting.word) for change, stage in zip(changes, stages, strict=True)
        ).any()
        if self._single_port:
            blocked = blocked | changes[2]
        issue = held & ~blocked
        m.d.comb += [
            self.operations.ready.eq(~held | ~blocked),
            self.settled.eq(~held),
            self.inputs.index.eq(waiting.column_word),
            self.inputs.read.eq(1),
        ]
        with m.If(self.operations.ready):
            m.d.sync += [waiting.eq(self.operations.payload), held.eq(self.operations.valid)]
        return waiting, issue

    def _address(self, m, read, write, read_word, write_word, writing):
        """Two ports, or one address for both directions, as Yosys wants it for a single-port RAM."""
        m.d.comb += write.en.eq(writing)
        if self._single_port:
            m.d.comb += [
                write.addr.eq(Mux(writing, write_word, read_word)),
                read.addr.eq(write.addr),
                read.en.eq(~writing),
            ]
        else:
            m.d.comb += [write.addr.eq(write_word), read.addr.eq(read_word), read.en.eq(1)]

    def _direct(self, m, word, operation):
        """Register the word, with a counter to LOAD in its place, and which way an UPDATE takes each counter."""
        width = self._shape.update_columns
        inputs = self.inputs.data.word_select(operation.chunk, width)
        up = Signal(width)
        m.d.sync += up.eq(~(inputs ^ operation.desired.replicate(width)))
        before = []
        for lane in range(width):
            counter = Signal(self._bits, name=f"before_{lane}")
            load = (operation.kind == Operation.LOAD) & (operation.lane == lane)
            m.d.sync += counter.eq(Mux(load, operation.value, word.word_select(lane, self._bits)))
            before.append(counter)
        return before, up

    def _step(self, m, before, up, operation):
        """The counters after the operation, registered."""
        after = []
        update, reinforce = operation.kind == Operation.UPDATE, operation.kind == Operation.REINFORCE
        for lane, counter in enumerate(before):
            stay, direction = Signal(name=f"stay_{lane}"), Signal(name=f"up_{lane}")
            m.d.comb += [
                stay.eq(~(update | (reinforce & (operation.lane == lane)))),
                direction.eq(Mux(update, up[lane], ~counter[-1])),
            ]
            result = Signal(self._bits, name=f"after_{lane}")
            m.d.sync += result.eq(saturating_step(counter, direction, stay))
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
