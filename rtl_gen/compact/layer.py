"""One layer that learns: forward pass, winner search, updates, error propagation."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.compact.activation import Activation
from bephw.rtl_gen.compact.counter_memory import CounterMemory
from bephw.rtl_gen.compact.credit import CreditUnit
from bephw.rtl_gen.compact.forward import ForwardUnit
from bephw.rtl_gen.compact.input_queue import InputQueue
from bephw.rtl_gen.compact.layouts import chunk_layout, lesson_layout
from bephw.rtl_gen.compact.lesson_buffer import LessonBuffer
from bephw.rtl_gen.compact.open_rows import OpenRows
from bephw.rtl_gen.compact.outcome_memory import OutcomeMemory
from bephw.rtl_gen.compact.plane import VisiblePlane, plane_depth
from bephw.rtl_gen.compact.refresh import Refresh
from bephw.rtl_gen.compact.reinforcement import Reinforcement
from bephw.rtl_gen.compact.transfer import CounterTransfer, TransferSignature
from bephw.rtl_gen.compact.update import UpdateUnit
from bephw.rtl_gen.compact.winner import WinnerSearch
from bephw.shape import LayerShape

__all__ = ["Layer", "LayerParameters"]


@dataclass(frozen=True)
class LayerParameters:
    """What a layer is built from.

    Attributes:
        shape: geometry and folding.
        chunk_width: bits of a chunk of its inputs.
        lesson_width: bits of a beat of the lessons from above.
        classes: labels travel with the samples.
        gamma, bits: winner group size, counter width.
        keep: ties of the error propagation keep the activation.
        propagates: whether a layer below waits for lessons.
        top: whether its lessons come from the classifier, which is quick, rather than from a layer above.
        slots: samples in flight.
        seed, accumulator: reset values of the reinforcement.
        counters: initial content of the counter memory, by word.
        single_port: the counter memory has one port, and no initial content.
        thresholds: of every output, for inference; None is zero.
    """

    shape: LayerShape
    chunk_width: int
    lesson_width: int
    classes: int
    gamma: int
    bits: int
    keep: bool
    propagates: bool
    top: bool
    slots: int
    seed: int
    accumulator: int
    counters: Sequence[int]
    single_port: bool
    thresholds: Sequence[int] | None


class Layer(wiring.Component):
    """Takes activations (`inputs`) and passes its own on (`outputs`); takes lessons for its outputs and, where it
    `propagates`, sends lessons for its inputs (`below`).

    Samples pass in order; up to `slots` may be between their forward pass and their last update. `done` pulses when
    a sample's updates, reinforcement included, have all been issued. `refreshed`: the live plane follows the
    counters and nothing is on its way, so that `swap` may make it visible.

    Throughput: a sample every `shape.forward_cycles` cycles, unless learning takes longer: max(outputs + 6,
    winners * (row_chunks + 1) + reinforcement, error propagation) for a sample that teaches.
    """

    def __init__(self, parameters: LayerParameters) -> None:
        self._parameters = p = parameters
        shape = p.shape
        members = {
            "inputs": In(stream.Signature(chunk_layout(p.chunk_width, p.classes))),
            "outputs": Out(stream.Signature(chunk_layout(shape.rows, p.classes))),
            "lessons": In(stream.Signature(lesson_layout(p.lesson_width))),
            "gate": In(shape.z_bits),
            "rate": In(32),
            "set_data": In(32),
            "generator": Out(32),
            "generator_set": In(1),
            "accumulator": Out(16),
            "accumulator_set": In(1),
            "transfer": In(TransferSignature(p.bits)),
            "swap": In(1),
            "refreshed": Out(1),
            "done": Out(1),
            "row_updated": Out(1),
            "busy_forward": Out(1),
            "busy_winner": Out(1),
            "busy_update": Out(1),
            "busy_reinforce": Out(1),
            "busy_credit": Out(1),
        }
        if p.propagates:
            members["below"] = Out(stream.Signature(lesson_layout(shape.columns)))
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        p, shape = self._parameters, self._parameters.shape
        m.submodules.plane = plane = VisiblePlane(shape, banked=p.propagates)
        m.submodules.inputs_kept = inputs = InputQueue(
            shape, p.chunk_width, p.classes, p.slots, 3 if p.propagates else 2
        )
        m.submodules.forward = forward = ForwardUnit(shape, p.classes, plane_depth(shape))
        m.submodules.search = search = WinnerSearch(shape, p.gamma)
        m.submodules.update = update = UpdateUnit(shape, p.bits)

        self._connect_forward(m, forward, plane, inputs)
        self._connect_outcomes(m, forward, search)
        self._connect_lessons(m, search)
        self._connect_counters(m, update, search, plane, inputs.reader_1)
        if p.propagates:
            self._connect_credit(m, search, plane, inputs.reader_2)
        else:
            m.d.comb += search.list_free.eq(1)
        m.d.comb += [
            plane.swap.eq(self.swap),
            self.done.eq(update.sample_done),
            self.row_updated.eq(update.row_done),
            self.busy_forward.eq(forward.busy),
            self.busy_winner.eq(search.busy),
            self.busy_update.eq(update.busy_updating),
            self.busy_reinforce.eq(update.busy_reinforcing),
        ]
        return m

    def _connect_forward(self, m, forward, plane, inputs):
        connect(m, flipped(self.inputs), inputs.chunks)
        connect(m, forward.inputs, inputs.reader_0)
        connect(m, forward.weights, plane.forward)
        m.d.comb += [
            forward.available.eq(inputs.available),
            forward.tag.eq(inputs.tag),
            forward.base.eq(plane.frozen_base),
        ]

    def _connect_outcomes(self, m, forward, search):
        """Activations go on to the next layer; the outcomes stay for the winner search."""
        p, shape = self._parameters, self._parameters.shape
        m.submodules.activation = activation = Activation(shape, p.classes, p.thresholds)
        m.submodules.kept_outcomes = kept = OutcomeMemory(shape, p.slots, gated=p.propagates)
        connect(m, forward.sums, activation.sums)
        connect(m, search.outcomes, kept.reader)
        outcomes = activation.outcomes
        group = Signal(range(shape.groups))
        passed = outcomes.valid & outcomes.ready
        with m.If(passed):
            m.d.sync += group.eq(Mux(outcomes.payload.final, 0, group + 1))
        m.d.comb += [
            activation.gate.eq(self.gate),
            self.outputs.valid.eq(outcomes.valid),
            outcomes.ready.eq(self.outputs.ready),
            self.outputs.payload.data.eq(Cat(outcomes.payload.rows[row].active for row in range(shape.rows))),
            self.outputs.payload.last.eq(outcomes.payload.final),
            self.outputs.payload.tag.eq(outcomes.payload.tag),
            kept.write.eq(passed),
            kept.index.eq(group),
            kept.data.eq(outcomes.payload.rows),
            kept.written.eq(passed & outcomes.payload.final),
        ]

    def _connect_lessons(self, m, search):
        p = self._parameters
        m.submodules.lesson = lesson = LessonBuffer(p.shape.outputs, p.lesson_width, ahead=not p.top)
        connect(m, flipped(self.lessons), lesson.lessons)
        m.d.comb += [
            search.lesson_valid.eq(lesson.valid),
            search.lesson_teach.eq(lesson.teach),
            search.lesson_learn.eq(lesson.learn),
            search.desired.eq(lesson.desired),
            lesson.shift.eq(search.shift),
            lesson.consumed.eq(search.consumed),
        ]

    def _connect_counters(self, m, update, search, plane, inputs):
        p, shape = self._parameters, self._parameters.shape
        m.submodules.counters = counters = CounterMemory(shape, p.bits, p.counters, single_port=p.single_port)
        m.submodules.reinforcement = reinforcement = Reinforcement(shape, p.seed, p.accumulator)
        m.submodules.refresh = refresh = Refresh(shape)
        m.submodules.transfer = transfer = CounterTransfer(shape, p.bits)
        connect(m, search.winners, update.winners)
        connect(m, refresh.rows, update.refresh)
        connect(m, transfer.operations, update.transfers)
        connect(m, reinforcement.events, update.events)
        connect(m, update.operations, counters.operations)
        connect(m, flipped(self.transfer), transfer.transfer)
        m.d.comb += [
            counters.inputs.data.eq(inputs.data),
            inputs.index.eq(counters.inputs.index),
            inputs.read.eq(counters.inputs.read),
            inputs.done.eq(update.sample_done),
            update.settled.eq(counters.settled),
            plane.write.eq(counters.sign_write),
            plane.write_bank.eq(counters.sign_bank),
            plane.write_address.eq(counters.sign_plane),
            plane.write_data.eq(counters.sign_data),
            transfer.dump_valid.eq(counters.dump_valid),
            transfer.dumped.eq(counters.dumped),
            reinforcement.rate.eq(self.rate),
            reinforcement.start.eq(update.reinforce),
            update.reinforcing.eq(reinforcement.busy),
            reinforcement.set_data.eq(self.set_data),
            reinforcement.generator_set.eq(self.generator_set),
            reinforcement.accumulator_set.eq(self.accumulator_set),
            self.generator.eq(reinforcement.generator),
            self.accumulator.eq(reinforcement.accumulator),
            # Counters that are loaded are seen only by a sweep that starts afterwards.
            refresh.restart.eq(
                self.swap | self.transfer.load | (self.transfer.loads.valid & self.transfer.loads.ready)
            ),
            self.refreshed.eq(refresh.done & update.idle & counters.idle & ~self.transfer.busy),
        ]

    def _connect_credit(self, m, search, plane, inputs):
        p, shape = self._parameters, self._parameters.shape
        m.submodules.open_rows = rows = OpenRows(shape)
        m.submodules.credit = credit = CreditUnit(shape, keep=p.keep)
        connect(m, credit.plane, plane.backward)
        connect(m, credit.inputs, inputs)
        connect(m, credit.lessons, flipped(self.below))
        m.d.comb += [
            search.list_free.eq(rows.free),
            rows.push.eq(search.open_push),
            rows.push_row.eq(search.open_row),
            rows.push_desired.eq(search.open_desired),
            rows.close.eq(search.consumed),
            rows.close_teach.eq(search.lesson_teach),
            rows.close_learn.eq(search.lesson_learn),
            *(
                getattr(credit, name).eq(getattr(rows, name))
                for name in ("available", "teach", "learn", "counts", "rows")
            ),
            rows.read.eq(credit.read),
            rows.read_index.eq(credit.read_index),
            rows.release.eq(credit.release),
            credit.frozen_base.eq(plane.frozen_base),
            self.busy_credit.eq(credit.busy),
        ]
