"""One layer that learns: forward pass, winner search, updates, error propagation."""

from amaranth.hdl import *
from amaranth.lib import stream
from amaranth.lib.wiring import Out, connect, flipped

from bephw.rtl_gen.backward.credit import CreditUnit
from bephw.rtl_gen.backward.dense_credit import DenseCredit
from bephw.rtl_gen.backward.lesson_register import lesson_store
from bephw.rtl_gen.backward.open_rows import OpenRows
from bephw.rtl_gen.backward.outcome_memory import OutcomeMemory
from bephw.rtl_gen.backward.winner import WinnerSearch
from bephw.rtl_gen.forward.activation import Activation
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.learning_layer import LayerParameters, LearningLayer
from bephw.rtl_gen.parts.arithmetic import count_up, places_left
from bephw.rtl_gen.parts.held import held
from bephw.rtl_gen.parts.layouts import lesson_layout
from bephw.rtl_gen.samples.batch_overlap import BatchOverlap
from bephw.rtl_gen.samples.input_queue import InputQueue

__all__ = ["Layer"]


class Layer(LearningLayer):
    """Takes activations (`inputs`) and passes its own on (`outputs`, in the beats `shape.all_beats()`); takes lessons
    for its outputs and, where it `propagates`, sends lessons for its inputs (`below`).

    There are `shape.samples` channels. Each has of its own what one sample needs: lanes, outcomes, lesson, winner
    search; they share weights, and updates, which come in sample order. Up to `slots` samples may be between their
    forward pass and their last update. For the other ports see `LearningLayer`.

    Throughput: `shape.samples` samples every `shape.forward_cycles` cycles, unless learning takes longer. In each
    channel a sample that teaches needs the winner search (`len(shape.slices(gamma))` cycles) and the error propagation
    (see `CreditUnit`, or `DenseCredit` where there are several channels), and all channels' samples together the
    updates (winners * row_chunks + events), all at the same time on different samples.
    """

    def __init__(self, parameters: LayerParameters) -> None:
        below = stream.Signature(lesson_layout(parameters.shape.columns))
        ports = {"below": Out(below).array(parameters.shape.samples)} if parameters.propagates else {}
        super().__init__(parameters, **ports)

    def elaborate(self, platform):
        m = Module()
        p, shape = self._parameters, self._parameters.shape
        m.submodules.plane = plane = self._visible_plane(banked=p.propagates)
        m.submodules.inputs_kept = inputs = InputQueue(
            shape,
            p.beats,
            p.classes,
            p.slots,
            (shape.samples, 1, *((shape.samples,) if p.propagates else ())),
            sources=p.sources,
            block=p.block,
        )
        m.submodules.forward = forward = ForwardUnit(shape, wires=p.wires, planes=self._planes, gathers=True)
        searches = [WinnerSearch(shape, p.gamma) for _ in range(shape.samples)]
        for channel, search in enumerate(searches):
            m.submodules[f"search_{channel}"] = search

        self._connect_forward(m, forward, plane, inputs)
        for channel, search in enumerate(searches):
            self._connect_outcomes(m, channel, forward, search, inputs.tags[channel])
        self._connect_lessons(m, searches)
        self._connect_winners(m, searches, plane, inputs.reader_1[0])
        if p.overlaps:
            self._connect_overlap(m, plane, inputs, forward)
        else:
            m.d.comb += forward.available.eq(inputs.available)
            self._connect_swap(m, plane, forward)
        if p.propagates:
            self._connect_credit(m, searches, plane, inputs.reader_2)
        else:
            m.d.comb += [search.list_free.eq(1) for search in searches]
        m.d.comb += [
            self.busy_forward.eq(forward.busy),
            self.busy_winner.eq(Cat(search.busy for search in searches).any()),
        ]
        return m

    def _connect_forward(self, m, forward, plane, inputs):
        for source, chunks in zip(self.inputs, inputs.chunks, strict=True):
            connect(m, flipped(source), chunks)
        for taken, reader in zip(forward.inputs, inputs.reader_0, strict=True):
            connect(m, taken, reader)
        connect(m, forward.weights, plane.forward)
        m.d.comb += inputs.begun.eq(forward.start)

    def _connect_overlap(self, m, plane, inputs, forward):
        """Each stage goes on to the next batch's plane by itself."""
        p, weights = self._parameters, m.submodules.hidden_weights
        m.submodules.overlap = overlap = BatchOverlap(p.shape.samples, p.slots, p.capacity, propagates=p.propagates)
        winners = m.submodules.winners.target[0]
        m.d.comb += [
            overlap.entered.eq(self.entered),
            overlap.begins.eq(self.begins),
            self.crossed.eq(overlap.next_forward),
            overlap.available.eq(inputs.available),
            overlap.room.eq(forward.room),
            overlap.started.eq(forward.start),
            overlap.final.eq(forward.weights.final),
            forward.available.eq(inputs.available & overlap.allowed),
            overlap.ended.eq(winners.valid & winners.ready & winners.payload.end),
            overlap.resting.eq(weights.resting),
            overlap.settled.eq(weights.settled),
            overlap.copied.eq(plane.copied),
            weights.pause.eq(overlap.pause),
            weights.hold.eq(overlap.hold),
            plane.copies.eq(overlap.copies),
            plane.next_forward.eq(overlap.next_forward),
            plane.next_backward.eq(overlap.next_backward),
            plane.next_live.eq(overlap.next_live | weights.sign_plane),
        ]

    def _connect_outcomes(self, m, channel, forward, search, tag):
        """Activations go on to the next layer; the outcomes stay for the winner search."""
        p, shape, sent = self._parameters, self._parameters.shape, self.outputs[channel]
        activation = Activation(shape, p.thresholds)
        kept = OutcomeMemory(shape, p.slots // shape.samples, gated=p.propagates)
        m.submodules[f"activation_{channel}"], m.submodules[f"kept_outcomes_{channel}"] = activation, kept
        connect(m, search.outcomes, kept.reader)
        outcomes = activation.outcomes
        beat = Signal(range(shape.scan_beats), name=f"beat_{channel}", reset_less=True)
        start, done = forward.start[channel], forward.inputs[channel].done
        slot_free = places_left(m, p.slots // shape.samples, start, kept.reader.done)
        last = ForwardUnit.drained(shape, wires=p.wires) + Activation.LATENCY
        count_up(m, beat, outcomes.valid, outcomes.last)
        m.d.comb += [
            # A forward pass begins only if there is room for all that it sends.
            forward.room[channel].eq(sent.room & slot_free),
            activation.gate.eq(self.gate),
            activation.sums.eq(forward.sums[channel]),
            sent.start.eq(start),
            sent.valid.eq(outcomes.valid),
            sent.payload.data.eq(Cat(outcomes.outputs[place].active for place in range(shape.scan))),
            sent.payload.last.eq(outcomes.last),
            sent.payload.tag.eq(held(m, tag, done, since=last, until=last, apart=shape.forward_cycles)),
            kept.write.eq(outcomes.valid),
            kept.index.eq(beat),
            kept.data.eq(outcomes.outputs),
            kept.written.eq(outcomes.valid & outcomes.last),
        ]

    def _connect_lessons(self, m, searches):
        """Each channel's lessons wait for its search."""
        p = self._parameters
        for channel, (search, lessons) in enumerate(zip(searches, self._spread_lessons(m), strict=True)):
            lesson = lesson_store(p.shape, p.lesson_width, p.gamma)
            m.submodules[f"lesson_{channel}"] = lesson
            connect(m, lessons, lesson.lessons)
            self._give(m, lesson, search)

    def _connect_credit(self, m, searches, plane, inputs):
        if len(searches) == 1:
            self._connect_lists(m, searches[0], plane, inputs[0])
        else:
            self._connect_votes(m, searches, plane, inputs)

    def _connect_lists(self, m, search, plane, inputs):
        """One sample's open rows are visited one by one."""
        p, shape = self._parameters, self._parameters.shape
        m.submodules.open_rows = rows = OpenRows(shape, p.gamma, block=p.block)
        m.submodules.credit = credit = CreditUnit(shape, keep=p.keep, planes=self._planes)
        connect(m, credit.plane, plane.backward)
        connect(m, credit.inputs, inputs)
        connect(m, credit.lessons, flipped(self.below[0]))
        self._propagate_lists(m, search, rows, credit)
        if p.overlaps:
            overlap = m.submodules.overlap
            m.d.comb += [
                overlap.passing.eq(1),
                overlap.released.eq(credit.release),
                credit.available.eq(rows.available & (overlap.most != 0)),
            ]

    def _connect_votes(self, m, searches, plane, inputs):
        """All rows are visited once for all samples, whose open rows are not the same."""
        p, shape = self._parameters, self._parameters.shape
        m.submodules.credit = credit = DenseCredit(shape, p.sources, slots=p.slots, keep=p.keep, planes=self._planes)
        connect(m, credit.plane, plane.backward)
        m.d.comb += credit.started.eq(m.submodules.forward.start)
        self._propagate_votes(m, searches, credit)
        for channel in range(len(searches)):
            connect(m, credit.inputs[channel], inputs[channel])
            connect(m, credit.lessons[channel], flipped(self.below[channel]))
        if p.overlaps:
            overlap = m.submodules.overlap
            m.d.comb += [
                overlap.passing.eq(credit.passing),
                overlap.released.eq(credit.passed),
                credit.most.eq(overlap.most),
            ]
