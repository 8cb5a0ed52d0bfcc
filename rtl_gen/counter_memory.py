"""Hidden weights: a memory of saturating up/down counters with a read-modify-write pipeline."""

from collections.abc import Sequence
from itertools import pairwise

from amaranth.hdl import *
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.sample_memory import ReaderSignature
from bephw.rtl_gen.storage import WideMemory, block_memory
from bephw.shape import LayerShape

__all__ = ["CounterMemory", "Operation", "operation_layout"]


class Operation(enum.Enum, shape=3):
    """What happens to the counters of a word."""

    NOTHING = 0  # only the sample's end
    UPDATE = 1  # every lane: up where the input equals the desired bit, else down; the signs go to the live plane
    REFRESH = 2  # no change; the signs go to the live plane
    REINFORCE = 3  # one lane: one step away from zero
    FETCH = 4  # no change; the word stays in the result register
    STORE = 5  # the word becomes what the result register holds


def operation_layout(shape: LayerShape) -> data.StructLayout:
    """An operation on one word: the `chunk`-th of plane word `column_word` of its row, at `plane` in `bank`. `end`: the
    sample's last one."""
    return data.StructLayout(
        {
            "kind": Operation,
            "end": 1,
            "word": range(shape.counter_words),
            "lane": range(shape.update_columns),
            "desired": 1,
            "chunk": range(shape.chunks),
            "column_word": range(shape.words),
            "plane": range(shape.groups * shape.words),
            "bank": range(shape.rows),
        }
    )


STAGES = ("address", "reading", "word", "near", "total", "result")


class CounterMemory(wiring.Component):
    """`shape.counter_words` words of `update_columns` counters of `bits` bits, two's complement.

    Operations are issued in order, one a cycle, but one whose word another is about to change waits. An operation
    is issued 2 cycles after it was taken, and then takes 6:

        0  address    the RAM reads; conflicts have been found the cycle before
        1  reading    the RAM's word is there, and so is the plane word of inputs
        2  word       a plain register, which synthesis may move into the RAM; the chunk of the inputs
        3  near       another one, as the way from wide RAMs is long; directions
        4  total      one step up or down, without regard to overflow
        5  result     overflow undone; the RAM writes
           plane      the signs, collected: `sign_write`, when the last chunk of a plane word is in

    With a single port nothing is issued while the RAM writes. `inputs` reads the activations of an UPDATE's plane
    word; `sample_done` pulses when an operation with `end` is issued, `inputs.done` a little earlier, when no input
    of the sample will be read any more. `idle`: nothing is on its way.

    The result register is a shift register for state transfers, by which they do without multiplexers: with `shift`,
    which asks for `idle`, it moves down by a lane, `value` goes in at the top; `counter` is the lowest lane.
    """

    def __init__(self, shape: LayerShape, bits: int, init: Sequence[int] = (), *, single_port: bool = False) -> None:
        self._shape = shape
        self._bits = bits
        self._init = init
        self._single_port = single_port
        super().__init__(
            {
                "operations": In(stream.Signature(operation_layout(shape))),
                "inputs": Out(ReaderSignature(shape.columns, shape.words)),
                "sample_done": Out(1),
                "sign_write": Out(1),
                "sign_bank": Out(range(shape.rows)),
                "sign_address": Out(range(shape.groups * shape.words)),
                "sign_data": Out(shape.columns),
                "shift": In(1),
                "value": In(signed(bits)),
                "counter": Out(signed(bits)),
                "idle": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # What goes to many bits comes from a register.
        reinforce, taken, writing, shown = Signal(), Signal(), Signal(), Signal()
        issue, upcoming, stages, valid = self._advance(m, writing)
        address, reading, word, near, total, result = stages
        m.d.sync += [
            reinforce.eq(word.kind == Operation.REINFORCE),
            taken.eq(valid[3] & (near.kind != Operation.STORE)),
            writing.eq(valid[4] & changes(total)),
            shown.eq(valid[4] & ((total.kind == Operation.UPDATE) | (total.kind == Operation.REFRESH))),
        ]
        before, written = self._access(m, address, result, writing)
        up, go = self._direct(m, issue, reading, word)
        sums, overflows = self._add(m, before, up, go, reinforce)
        after = self._correct(m, sums, overflows, taken)
        self._collect_signs(m, after, result, shown)
        m.d.comb += [
            written.eq(Cat(after)),
            self.counter.eq(after[0]),
            self.idle.eq(~Cat(upcoming, *valid, self.sign_write).any()),
        ]
        return m

    def _advance(self, m, writing):
        """Operations on their way. The one at the address waits while its word is in the hands of an earlier one; which
        of those it is was found out when it came from `upcoming`."""
        layout = operation_layout(self._shape)
        upcoming, upcoming_valid = Signal(layout), Signal()
        stages = [Signal(layout, name=name) for name in STAGES]
        valid = [Signal(name=f"{name}_valid") for name in STAGES]
        conflicts, issue = Signal(len(STAGES) - 1), Signal()
        blocked = conflicts.any()
        if self._single_port:
            blocked = blocked | (valid[0] & writing)
        found = Cat(
            accesses(upcoming) & live & changes(stage) & (stage.word == upcoming.word)
            for stage, live in zip(stages[:-1], valid[:-1], strict=True)
        )
        m.d.comb += [
            issue.eq(~blocked),
            self.operations.ready.eq(issue),
            self.inputs.read.eq(issue),
            self.inputs.index.eq(upcoming.column_word),
            self.inputs.done.eq(issue & upcoming_valid & upcoming.end),
            self.sample_done.eq(issue & valid[0] & stages[0].end),
        ]
        with m.If(issue):
            m.d.sync += [
                upcoming.eq(self.operations.payload),
                upcoming_valid.eq(self.operations.valid),
                stages[0].eq(upcoming),
                valid[0].eq(upcoming_valid),
                conflicts.eq(Mux(upcoming_valid, found, 0)),
            ]
        with m.Else():
            # The one in its way moves on, and is through when it has passed the result.
            m.d.sync += conflicts.eq(conflicts << 1)
        m.d.sync += [
            Cat(valid[1:]).eq(Cat(valid[0] & issue, valid[1:-1])),
            *(later.eq(earlier) for earlier, later in pairwise(stages)),
        ]
        return issue, upcoming_valid, stages, valid

    def _access(self, m, address, result, writing):
        """The RAM with a plain register behind it, and another; returns the counters there, and what is written."""
        shape = self._shape
        word_read, word_written, before, near = (
            Signal(shape.update_columns * self._bits, name=name, reset_less=True)
            for name in ("word_read", "word_written", "before", "near")
        )
        if self._single_port:
            self._access_by_one_port(m, address.word, word_read, result.word, word_written, writing)
        else:
            m.submodules.memory = memory = WideMemory(len(word_read), shape.counter_words, self._init)
            m.d.comb += [
                memory.read_address.eq(address.word),
                word_read.eq(memory.read_data),
                memory.write.eq(writing),
                memory.write_address.eq(result.word),
                memory.write_data.eq(word_written),
            ]
        m.d.sync += [before.eq(word_read), near.eq(before)]
        return [near.word_select(lane, self._bits) for lane in range(shape.update_columns)], word_written

    def _access_by_one_port(self, m, read_address, word_read, write_address, word_written, writing):
        """One address for both directions, as Yosys wants it for a single-port RAM."""
        m.submodules.memory = memory = block_memory(len(word_read), self._shape.counter_words, huge=True)
        read, write = memory.read_port(), memory.write_port()
        m.d.comb += [
            write.en.eq(writing),
            write.addr.eq(Mux(writing, write_address, read_address)),
            write.data.eq(word_written),
            read.addr.eq(write.addr),
            read.en.eq(~writing),
            word_read.eq(read.data),
        ]

    def _direct(self, m, issue, reading, word):
        """Which way an UPDATE takes each counter, and which counters move, when their word is near."""
        width = self._shape.update_columns
        inputs, chunk = Signal(self._shape.columns, reset_less=True), Signal(width)
        up, go = Signal(width), Signal(width)
        update, reinforce = word.kind == Operation.UPDATE, word.kind == Operation.REINFORCE
        with m.If(issue):
            m.d.sync += inputs.eq(self.inputs.data)
        m.d.sync += [
            chunk.eq(inputs.word_select(reading.chunk, width)),
            up.eq(~(chunk ^ word.desired.replicate(width))),
            go.eq(Cat(update | (reinforce & (word.lane == lane)) for lane in range(width))),
        ]
        return up, go

    def _add(self, m, before, up, go, reinforce):
        """The sum, in a register, and whether it overflowed: the step led away from zero and the sign changed."""
        sums, overflows = [], []
        for lane, counter in enumerate(before):
            upward, outward, sign = Signal(name=f"up_{lane}"), Signal(name=f"outward_{lane}"), counter[-1]
            total, was_outward, was_sign = Signal(self._bits, name=f"sum_{lane}"), Signal(), Signal()
            m.d.comb += [upward.eq(Mux(reinforce, ~sign, up[lane])), outward.eq(upward ^ sign)]
            step = Cat(go[lane], (go[lane] & ~upward).replicate(self._bits - 1))
            m.d.sync += [total.eq(counter + step), was_outward.eq(outward), was_sign.eq(sign)]
            sums.append(total)
            overflows.append(was_outward & (total[-1] ^ was_sign))
        return sums, overflows

    def _correct(self, m, sums, overflows, taken):
        """The result register. An overflow went from one end to the other: all bits have changed, and change back."""
        after = [Signal(self._bits, name=f"after_{lane}") for lane in range(len(sums))]
        above = [*after[1:], self.value]
        with m.If(taken | self.shift):
            for result, total, overflow, upper in zip(after, sums, overflows, above, strict=True):
                m.d.sync += result.eq(Mux(self.shift, upper, total ^ overflow.replicate(self._bits)))
        return after

    def _collect_signs(self, m, after, operation, shown):
        """Put the signs of a plane word together, chunk by chunk. Lanes beyond the inputs show a 1."""
        shape, width = self._shape, self._shape.update_columns
        collected, last_word = Signal(shape.columns), Signal()
        padding = (1 << shape.columns) - (1 << (shape.inputs - (shape.words - 1) * shape.columns))
        with m.If(shown):
            m.d.sync += collected.eq(Cat(collected, *(~counter[-1] for counter in after))[width:])
        m.d.sync += [
            self.sign_write.eq(shown & (operation.chunk == shape.chunks - 1)),
            self.sign_bank.eq(operation.bank),
            self.sign_address.eq(operation.plane),
            last_word.eq(operation.column_word == shape.words - 1),
        ]
        m.d.comb += self.sign_data.eq(collected | Mux(last_word, padding, 0))


def accesses(operation) -> Value:
    """Whether the memory matters to it."""
    return operation.kind != Operation.NOTHING


def changes(operation) -> Value:
    """Whether it writes its word."""
    kind = operation.kind
    return (kind == Operation.UPDATE) | (kind == Operation.REINFORCE) | (kind == Operation.STORE)
