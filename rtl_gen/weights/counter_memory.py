"""Hidden weights: a memory of saturating up/down counters with a read-modify-write pipeline."""

from collections.abc import Sequence
from itertools import pairwise

from amaranth.hdl import *
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import exact_log2

from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.layouts import record_index, record_words, step_field
from bephw.rtl_gen.parts.storage import WideMemory
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.weights.counter_lane import CounterLane
from bephw.shape import LayerShape, ceil_div

__all__ = [
    "CounterMemory",
    "Operation",
    "accesses",
    "changes",
    "counter_memory_signature",
    "in_burst",
    "operation_layout",
    "sign_padding",
]


class Operation(enum.Enum, shape=3):
    """What happens to the counters of a word."""

    NOTHING = 0  # only the sample's end
    UPDATE = 1  # every lane: up where the input equals the desired bit, else down; the signs go to the live plane
    REFRESH = 2  # no change; the signs go to the live plane
    REINFORCE = 3  # the lanes of a burst, by default one: one step away from zero
    FETCH = 4  # no change; the word stays in the result register
    STORE = 5  # the result register moves down by a lane, `value` goes in at the top, and the word becomes all that


def operation_layout(shape: LayerShape) -> data.StructLayout:
    """An operation on one word: the `chunk`-th of plane word `column_word` of its row, at `plane` in `bank`. `end`: the
    sample's last one. `lane`: where a burst begins. Of a cell, inputs are those of the step `at`."""
    return data.StructLayout(
        {
            "kind": Operation,
            "end": 1,
            "word": range(shape.counter_words),
            "lane": shape.burst_begins,
            "desired": 1,
            "chunk": range(shape.chunks),
            "column_word": range(shape.words),
            "plane": range(shape.groups * shape.words),
            "bank": range(shape.rows),
            **step_field(shape),
        }
    )


def counter_memory_signature(shape: LayerShape, bits: int) -> wiring.Signature:
    """The ports of a counter memory."""
    return wiring.Signature(
        {
            "operations": In(stream.Signature(operation_layout(shape))),
            "inputs": Out(ReaderSignature(shape.columns, record_words(shape, shape.words))),
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


STAGES = ("address", "reading", "word", "near", "result")


class CounterMemory(wiring.Component):
    """`shape.counter_words` words of `update_columns` counters of `bits` bits, two's complement.

    Operations are issued in order, one a cycle, but one whose word another is about to change waits. An operation
    is issued 3 cycles after it was taken, and then takes 5:

        0  address    the RAM reads, and so does `inputs`; conflicts have been found earlier
        1  reading    the RAM's word and the plane word of inputs are there
        2  word       both in plain registers, which synthesis may move into the RAMs
        3  near       another one, as the way from wide RAMs is long; which counters move, which are at a limit
        4  result     a step up or down, but not beyond the limits; the RAM writes
           plane      the signs, collected: `sign_write`, when the last chunk of a plane word is in

    `inputs` reads the activations of an UPDATE's plane word; `sample_done` and `inputs.done` pulse when an operation
    with `end` is issued. `idle`: nothing is on its way. Initial words are zeros where none are given.

    The result register is a shift register for state transfers, by which they do without multiplexers: a cycle after
    `shift`, which asks for `idle`, it moves down by a lane, and the `value` of then goes in at the top; `counter` is
    the lowest lane.
    """

    def __init__(self, shape: LayerShape, bits: int, init: Sequence[int] = ()) -> None:
        self._shape = shape
        self._bits = bits
        self._init = init
        # Counters lie here with the top bit inverted, which is then the visible weight: as offsets from the lowest.
        self._middle = 1 << (bits - 1)
        super().__init__(counter_memory_signature(shape, bits))

    def elaborate(self, platform):
        m = Module()
        waiting, stages, valid, writes = self._advance(m)
        address, reading, word, near, result = stages
        before, at_result, written = self._access(m, address, result, writes[-1])
        chosen, direction = self._choose(m, reading, valid[1]), self._direct(m, word, before)
        after = self._step(m, before, at_result, chosen, direction, valid[2], word)
        self._collect_signs(m, after, result, valid[3], near)
        m.d.comb += [
            written.eq(Cat(after)),
            self.counter.eq(after[0] ^ self._middle),
            self.idle.eq(~Cat(waiting, *valid, self.sign_write).any()),
        ]
        return m

    def _advance(self, m):
        """Operations on their way: `offered`, `upcoming`, then the stages. The one at the address waits while its word
        is in the hands of an earlier one. Which of those it is was found out when it was offered; from then on the
        answers, one for each half of the number, move with the operations."""
        layout = operation_layout(self._shape)
        offered, upcoming = Signal(layout), Signal(layout)
        offered_valid, upcoming_valid, upcoming_writes, upcoming_reads = Signal(), Signal(), Signal(), Signal()
        stages = [Signal(layout, name=name) for name in STAGES]
        valid = [Signal(name=f"{name}_valid") for name in STAGES]
        writes = [Signal(name=f"{name}_writes") for name in STAGES]
        issue = Signal(init=1)
        # Bit i: the operation upcoming has its word in common with the one in stage i, or, where it waits at the
        # address, with the one in stage i + 1.
        common_low, common_high, common, conflicts = (Signal(len(STAGES) - 1) for _ in range(4))
        middle = len(offered.word) // 2
        m.d.comb += [
            common.eq(common_low & common_high),
            self.operations.ready.eq(issue),
            self.inputs.read.eq(issue),
            self.inputs.index.eq(record_index(self._shape, stages[0].column_word, self._shape.words, stages[0])),
            self.inputs.done.eq(issue & valid[0] & stages[0].end),
            self.sample_done.eq(self.inputs.done),
        ]
        ahead = list(zip([upcoming, *stages[:-2]], [upcoming_writes, *writes[:-2]], strict=True))
        with m.If(issue):
            m.d.sync += [
                offered.eq(self.operations.payload),
                offered_valid.eq(self.operations.valid),
                upcoming.eq(offered),
                upcoming_valid.eq(offered_valid),
                upcoming_writes.eq(offered_valid & changes(offered)),
                upcoming_reads.eq(offered_valid & accesses(offered)),
                stages[0].eq(upcoming),
                valid[0].eq(upcoming_valid),
                writes[0].eq(upcoming_writes),
                common_low.eq(Cat(other.word[:middle] == offered.word[:middle] for other, _ in ahead)),
                common_high.eq(Cat(active & (other.word[middle:] == offered.word[middle:]) for other, active in ahead)),
                conflicts.eq(common & upcoming_reads.replicate(len(common))),
                issue.eq(~(upcoming_reads & common.any())),
            ]
        with m.Else():
            # The one at the address and those behind it stay; what is in its way moves on.
            m.d.sync += [
                common_low.eq(Cat(common_low[0], C(0, 1), common_low[1:-1])),
                common_high.eq(Cat(common_high[0], C(0, 1), common_high[1:-1])),
                conflicts.eq(conflicts << 1),
                issue.eq(~conflicts[:-1].any()),
            ]
        m.d.sync += [
            Cat(valid[1:]).eq(Cat(valid[0] & issue, valid[1:-1])),
            Cat(writes[1:]).eq(Cat(writes[0] & issue, writes[1:-1])),
            *(later.eq(earlier) for earlier, later in pairwise(stages)),
        ]
        return Cat(offered_valid, upcoming_valid), stages, valid, writes

    def _access(self, m, address, result, writing):
        """The RAM with a plain register behind it, and another; returns the counters in both, and what is written."""
        shape = self._shape
        word_read, word_written, before, near = (
            Signal(shape.update_columns * self._bits, name=name, reset_less=True)
            for name in ("word_read", "word_written", "before", "near")
        )
        m.submodules.memory = memory = WideMemory(len(word_read), shape.counter_words, self._content())
        m.d.comb += [
            memory.read_address.eq(address.word),
            word_read.eq(memory.read_data),
            memory.write.eq(writing),
            memory.write_address.eq(result.word),
            memory.write_data.eq(word_written),
        ]
        m.d.sync += [before.eq(word_read), near.eq(before)]
        before, near = (
            [word.word_select(lane, self._bits) for lane in range(shape.update_columns)] for word in (before, near)
        )
        return before, near, word_written

    def _content(self):
        zeros = sum(self._middle << (self._bits * lane) for lane in range(self._shape.update_columns))
        return [word ^ zeros for word in [*self._init, *[0] * (self._shape.counter_words - len(self._init))]]

    def _choose(self, m, reading, valid):
        """Which lanes an operation is about, when its word is near: all, those of a burst, or none."""
        lanes, fours, others = self._shape.update_columns, Signal(ceil_div(self._shape.update_columns, 4)), Signal(4)
        update, reinforce = Signal(), Signal()
        m.d.comb += [
            update.eq(valid & (reading.kind == Operation.UPDATE)),
            reinforce.eq(valid & (reading.kind == Operation.REINFORCE)),
        ]
        if self._shape.burst_begins.start < 0:
            chosen, step = Signal(lanes, reset_less=True), self._shape.burst_step
            inside = Signal(lanes // step)  # all lanes between two multiples of `step` are inside, or none
            m.d.comb += inside.eq(Cat(in_burst(self._shape, reading.lane, lane) for lane in range(0, lanes, step)))
            burst = Cat(bit.replicate(step) for bit in inside) & reinforce.replicate(lanes)
            m.d.sync += chosen.eq(delay(m, burst | update.replicate(lanes), 1, reset_less=True))
            return chosen
        # Low bits of a lane are the same for all of a burst: what is left of two, and how many more.
        low = exact_log2(self._shape.burst_step)
        more = max(low - 2, 0)
        m.d.sync += [
            fours.eq(Cat(update | (reinforce & (reading.lane[2 + more :] == n >> more)) for n in range(len(fours)))),
            others.eq(Cat(~update & (reading.lane[low - more : 2] != n >> (low - more)) for n in range(4))),
        ]
        places = range(min(4, lanes))
        # Lane l is bit l // 4 of number l % 4.
        chosen = [Signal(ceil_div(lanes - n, 4), name=f"chosen_{n}", reset_less=True) for n in places]
        for place in places:
            m.d.sync += chosen[place].eq(fours)
            with m.If(others[place]):  # the register's own reset: no table
                m.d.sync += chosen[place].eq(0)
        return [chosen[lane % 4][lane // 4] for lane in range(lanes)]

    def _direct(self, m, word, before):
        """Which way the counters of a word would go, when it is near: outward, away from zero, where `differs` ^
        `desired`."""
        width = self._shape.update_columns
        inputs = delay(m, self.inputs.data, 1, reset_less=True)
        differs, reinforce, desired = Signal(width, reset_less=True), word.kind == Operation.REINFORCE, Signal()
        # An UPDATE moves a counter outward where the input differs from the desired bit and the counter is below zero,
        # or neither.
        m.d.sync += [
            differs.eq(inputs.word_select(word.chunk, width) ^ Cat(counter[-1] for counter in before)),
            desired.eq(word.desired | reinforce),
        ]
        with m.If(reinforce):
            m.d.sync += differs.eq(0)
        return differs, desired

    def _step(self, m, before, near, chosen, direction, coming, word):
        """The result register."""
        differs, desired = direction
        # What goes to many bits comes from a register.
        keeps, enable, value = Signal(init=1), Signal(), Signal(self._bits, reset_less=True)
        m.d.sync += [
            keeps.eq(~(self.shift | (word.kind == Operation.STORE))),
            enable.eq(self.shift | coming),
            value.eq(self.value ^ self._middle),
        ]
        lanes = [CounterLane(self._bits) for _ in before]
        after = [lane.after for lane in lanes]
        for index, (lane, other) in enumerate(zip(lanes, [*after[1:], value], strict=True)):
            m.submodules[f"lane_{index}"] = lane
            m.d.comb += [
                lane.before.eq(before[index]),
                lane.counter.eq(near[index]),
                lane.chosen.eq(chosen[index]),
                lane.differs.eq(differs[index]),
                lane.desired.eq(desired),
                lane.keeps.eq(keeps),
                lane.other.eq(other),
                lane.enable.eq(enable),
            ]
        return after

    def _collect_signs(self, m, after, operation, coming, near):
        """Put the signs of a plane word together, chunk by chunk. Lanes beyond the inputs show a 1."""
        shape, width = self._shape, self._shape.update_columns
        collected, shown, last_word = Signal(shape.columns, reset_less=True), Signal(), Signal()
        m.d.sync += shown.eq(coming & ((near.kind == Operation.UPDATE) | (near.kind == Operation.REFRESH)))
        with m.If(shown):
            m.d.sync += collected.eq(Cat(collected, *(counter[-1] for counter in after))[width:])
        m.d.sync += [
            self.sign_write.eq(shown & (operation.chunk == shape.chunks - 1)),
            self.sign_bank.eq(operation.bank),
            self.sign_address.eq(operation.plane),
            last_word.eq(operation.column_word == shape.words - 1),
        ]
        m.d.comb += self.sign_data.eq(collected | Mux(last_word, sign_padding(shape), 0))


def sign_padding(shape: LayerShape) -> int:
    """Lanes of a row's last plane word that are beyond the inputs."""
    return (1 << shape.columns) - (1 << (shape.inputs - (shape.words - 1) * shape.columns))


def in_burst(shape: LayerShape, begin: Value, lane: int) -> Value:
    """Whether a burst that begins at `begin` (one of `shape.burst_begins`) takes a lane with it."""
    return begin.matches(*(first for first in shape.burst_begins if first <= lane < first + shape.burst))


def accesses(operation) -> Value:
    """Whether the memory matters to it."""
    return operation.kind != Operation.NOTHING


def changes(operation) -> Value:
    """Whether it writes its word."""
    kind = operation.kind
    return (kind == Operation.UPDATE) | (kind == Operation.REINFORCE) | (kind == Operation.STORE)
