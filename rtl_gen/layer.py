"""One layer that learns: forward pass, winner search, updates, error propagation."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.backward.credit import CreditUnit
from bephw.rtl_gen.backward.lesson_buffer import LessonBuffer
from bephw.rtl_gen.backward.open_rows import OpenRows
from bephw.rtl_gen.backward.outcome_memory import OutcomeMemory
from bephw.rtl_gen.backward.winner import WinnerSearch
from bephw.rtl_gen.forward.activation import Activation
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.parts.arithmetic import count_up, places_left
from bephw.rtl_gen.parts.held import held
from bephw.rtl_gen.parts.layouts import chunk_layout, lesson_layout
from bephw.rtl_gen.samples.gearbox import beat_width
from bephw.rtl_gen.samples.input_queue import InputQueue
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.rtl_gen.weights.hidden_weights import HiddenWeights
from bephw.rtl_gen.weights.plane import VisiblePlane
from bephw.rtl_gen.weights.transfer import TransferSignature
from bephw.shape import LayerShape

__all__ = ["Layer", "LayerParameters"]


@dataclass(frozen=True)
class LayerParameters:
    """What a layer is built from.

    Attributes:
        shape: geometry and folding.
        beats: how its inputs are divided when they arrive (see `Gearbox`).
        lesson_width: bits of a beat of the lessons from above.
        classes: labels travel with the samples.
        gamma, bits: winner group size, counter width.
        keep: ties of the error propagation keep the activation.
        propagates: whether a layer below waits for lessons.
        slots: samples in flight.
        block: what is kept of them asks for block RAM.
        seed, accumulator: reset values of the reinforcement.
        counters: initial content of the counter memory, by word.
        single_port: the counter memory has one port, and no initial content.
        wires: registers between memories and lanes, for long wires.
        sweeps: the live plane catches up by a sweep of the counters after every batch, not by copies.
        thresholds: of every output, for inference; None is zero.
    """

    shape: LayerShape
    beats: Sequence[range]
    lesson_width: int
    classes: int
    gamma: int
    bits: int
    keep: bool
    propagates: bool
    slots: int
    block: bool
    seed: int
    accumulator: int
    counters: Sequence[int]
    single_port: bool
    wires: int
    sweeps: bool
    thresholds: Sequence[int] | None


class Layer(wiring.Component):
    """Takes activations (`inputs`) and passes its own on (`outputs`, in the beats `shape.all_beats()`); takes lessons
    for its outputs and, where it `propagates`, sends lessons for its inputs (`below`).

    Samples pass in order; up to `slots` may be between their forward pass and their last update. `done` pulses when
    a sample's updates, reinforcement included, have all been issued. `settled`: nothing is on its way to the live
    plane, so that `swap` may make it visible once all samples are done. `sweeping`: the live plane is being written
    anew, after power-up or a load; no sample may come in.

    Throughput: a sample every `shape.forward_cycles` cycles, unless learning takes longer: a sample that teaches
    needs the winner search (`len(shape.slices(gamma))` cycles), the updates (winners * row_chunks + events) and the
    error propagation (see `CreditUnit`), all at the same time on different samples.
    """

    def __init__(self, parameters: LayerParameters) -> None:
        self._parameters = p = parameters
        shape = p.shape
        members = {
            "inputs": In(SampleFlowSignature(chunk_layout(beat_width(p.beats), p.classes))),
            "outputs": Out(SampleFlowSignature(chunk_layout(shape.scan, p.classes))),
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
            "settled": Out(1),
            "sweeping": Out(1),
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

    def _connect_weights(self, m, search, plane, inputs):
        p = self._parameters
        m.submodules.hidden_weights = weights = HiddenWeights(
            p.shape,
            p.bits,
            counters=p.counters,
            single_port=p.single_port,
            sweeps=p.sweeps,
            seed=p.seed,
            accumulator=p.accumulator,
        )
        connect(m, search.winners, weights.winners)
        connect(m, weights.inputs, inputs)
        connect(m, flipped(self.transfer), weights.transfer)
        m.d.comb += [
            plane.write.eq(weights.sign_write),
            plane.write_bank.eq(weights.sign_bank),
            plane.write_address.eq(weights.sign_address),
            plane.write_data.eq(weights.sign_data),
            plane.rewritten.eq(weights.sweeping),
            weights.swap.eq(self.swap),
            *(
                getattr(weights, name).eq(getattr(self, name))
                for name in ("rate", "set_data", "generator_set", "accumulator_set")
            ),
            *(
                getattr(self, name).eq(getattr(weights, name))
                for name in (
                    *("generator", "accumulator", "done", "row_updated", "settled", "sweeping"),
                    *("busy_update", "busy_reinforce"),
                )
            ),
        ]

    def _connect_credit(self, m, search, plane, inputs):
        p, shape = self._parameters, self._parameters.shape
        m.submodules.open_rows = rows = OpenRows(shape, p.gamma, block=p.block)
        m.submodules.credit = credit = CreditUnit(shape, keep=p.keep)
        connect(m, credit.plane, plane.backward)
        connect(m, credit.inputs, inputs)
        connect(m, credit.lessons, flipped(self.below))
        m.d.comb += [
            search.list_free.eq(rows.free),
            rows.start.eq(search.open_start),
            rows.push.eq(search.open_push),
            rows.push_row.eq(search.open_row),
            rows.push_desired.eq(search.open_desired),
            rows.close.eq(search.open_close),
            rows.close_teach.eq(search.open_teach),
            rows.close_learn.eq(search.open_learn),
            *(
                getattr(credit, name).eq(getattr(rows, name))
                for name in ("available", "teach", "learn", "counts", "odd", "rows")
            ),
            rows.read.eq(credit.read),
            rows.read_index.eq(credit.read_index),
            rows.release.eq(credit.release),
            self.busy_credit.eq(credit.busy),
        ]
