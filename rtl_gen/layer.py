"""One layer that learns: forward pass, winner search, updates, error propagation."""

from amaranth.hdl import *
from amaranth.lib import stream
from amaranth.lib.wiring import Out, connect, flipped

from bephw.rtl_gen.backward.credit import CreditUnit
from bephw.rtl_gen.backward.lesson_buffer import LessonBuffer
from bephw.rtl_gen.backward.open_rows import OpenRows
from bephw.rtl_gen.backward.outcome_memory import OutcomeMemory
from bephw.rtl_gen.backward.winner import WinnerSearch
from bephw.rtl_gen.forward.activation import Activation
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.learning_layer import LayerParameters, LearningLayer
from bephw.rtl_gen.parts.arithmetic import count_up, places_left
from bephw.rtl_gen.parts.held import held
from bephw.rtl_gen.parts.layouts import lesson_layout
from bephw.rtl_gen.samples.input_queue import InputQueue
from bephw.rtl_gen.weights.plane import VisiblePlane

__all__ = ["Layer"]


class Layer(LearningLayer):
    """Takes activations (`inputs`) and passes its own on (`outputs`, in the beats `shape.all_beats()`); takes lessons
    for its outputs and, where it `propagates`, sends lessons for its inputs (`below`).

    Samples pass in order; up to `slots` may be between their forward pass and their last update. For the other ports
    see `LearningLayer`.

    Throughput: a sample every `shape.forward_cycles` cycles, unless learning takes longer: a sample that teaches
    needs the winner search (`len(shape.slices(gamma))` cycles), the updates (winners * row_chunks + events) and the
    error propagation (see `CreditUnit`), all at the same time on different samples.
    """

    def __init__(self, parameters: LayerParameters) -> None:
        below = stream.Signature(lesson_layout(parameters.shape.columns))
        super().__init__(parameters, **({"below": Out(below)} if parameters.propagates else {}))

    def elaborate(self, platform):
        m = Module()
        p, shape = self._parameters, self._parameters.shape
        m.submodules.plane = plane = VisiblePlane(shape, banked=p.propagates, copies=not p.sweeps)
        m.submodules.inputs_kept = inputs = InputQueue(
            shape, p.beats, p.classes, p.slots, 3 if p.propagates else 2, block=p.block
        )
        m.submodules.forward = forward = ForwardUnit(shape, wires=p.wires)
        m.submodules.search = search = WinnerSearch(shape, p.gamma)

        self._connect_forward(m, forward, plane, inputs)
        self._connect_outcomes(m, forward, search, inputs.tag)
        self._connect_lessons(m, search)
        self._connect_weights(m, search, plane, inputs.reader_1)
        if p.propagates:
            self._connect_credit(m, search, plane, inputs.reader_2)
        else:
            m.d.comb += search.list_free.eq(1)
        m.d.comb += [self.busy_forward.eq(forward.busy), self.busy_winner.eq(search.busy)]
        return m

    def _connect_forward(self, m, forward, plane, inputs):
        connect(m, flipped(self.inputs), inputs.chunks)
        connect(m, forward.inputs, inputs.reader_0)
        connect(m, forward.weights, plane.forward)
        m.d.comb += [
            forward.available.eq(inputs.available),
            plane.swap.eq(self.swap),
        ]

    def _connect_outcomes(self, m, forward, search, tag):
        """Activations go on to the next layer; the outcomes stay for the winner search."""
        p, shape = self._parameters, self._parameters.shape
        m.submodules.activation = activation = Activation(shape, p.thresholds)
        m.submodules.kept_outcomes = kept = OutcomeMemory(shape, p.slots, gated=p.propagates)
        connect(m, search.outcomes, kept.reader)
        outcomes, beat = activation.outcomes, Signal(range(shape.scan_beats), reset_less=True)
        slot_free = places_left(m, p.slots, forward.start, kept.reader.done)
        last = ForwardUnit.drained(shape, wires=p.wires) + Activation.LATENCY
        count_up(m, beat, outcomes.valid, outcomes.last)
        m.d.comb += [
            # A forward pass begins only if there is room for all that it sends.
            forward.room.eq(self.outputs.room & slot_free),
            activation.gate.eq(self.gate),
            activation.sums.eq(forward.sums),
            self.outputs.start.eq(forward.start),
            self.outputs.valid.eq(outcomes.valid),
            self.outputs.payload.data.eq(Cat(outcomes.outputs[place].active for place in range(shape.scan))),
            self.outputs.payload.last.eq(outcomes.last),
            self.outputs.payload.tag.eq(
                held(m, tag, forward.inputs.done, since=last, until=last, apart=ForwardUnit.interval(shape))
            ),
            kept.write.eq(outcomes.valid),
            kept.index.eq(beat),
            kept.data.eq(outcomes.outputs),
            kept.written.eq(outcomes.valid & outcomes.last),
        ]

    def _connect_lessons(self, m, search):
        p = self._parameters
        m.submodules.lesson = lesson = LessonBuffer(p.shape, p.lesson_width, p.gamma)
        connect(m, flipped(self.lessons), lesson.lessons)
        m.d.comb += [
            search.lesson_valid.eq(lesson.valid),
            search.lesson_teach.eq(lesson.teach),
            search.lesson_learn.eq(lesson.learn),
            search.desired.eq(lesson.desired),
            lesson.shift.eq(search.shift),
            lesson.consumed.eq(search.consumed),
        ]

    def _connect_credit(self, m, search, plane, inputs):
        p, shape = self._parameters, self._parameters.shape
        m.submodules.open_rows = rows = OpenRows(shape, p.gamma, block=p.block)
        m.submodules.credit = credit = CreditUnit(shape, keep=p.keep)
        connect(m, credit.plane, plane.backward)
        connect(m, credit.inputs, inputs)
        connect(m, credit.lessons, flipped(self.below))
        self._connect_lists(m, search, rows, credit)
