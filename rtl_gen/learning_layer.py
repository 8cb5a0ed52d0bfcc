"""What a perceptron's layer and a recurrent cell have in common: parameters, ports, weights, lists of open rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.backward.vote_memory import VoteMemory
from bephw.rtl_gen.parts.layouts import chunk_layout, lesson_layout, step_field, winner_layout
from bephw.rtl_gen.samples.gearbox import beat_width
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.rtl_gen.samples.sequencer import batch_signals
from bephw.rtl_gen.samples.spread import Spread
from bephw.rtl_gen.weights.hidden_weights import HiddenWeights
from bephw.rtl_gen.weights.lagging_plane import PLANES, LaggingPlane
from bephw.rtl_gen.weights.lagging_swap import LaggingSwap
from bephw.rtl_gen.weights.plane import VisiblePlane
from bephw.rtl_gen.weights.transfer import TransferSignature
from bephw.shape import LayerShape

__all__ = ["LayerParameters", "LearningLayer"]


@dataclass(frozen=True)
class LayerParameters:
    """What a layer is built from.

    Attributes:
        shape: geometry and folding.
        beats: how its inputs are divided when they arrive (see `Gearbox`).
        sources: channels by which they arrive.
        lesson_width: bits of a beat of the lessons from above.
        teachers: channels by which those come.
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
        lag: a batch reads the signs after the last but one.
        overlaps: and it overlaps with the one before it.
        capacity: samples in the trainer.
        thresholds: of every output, for inference; None is zero.
    """

    shape: LayerShape
    beats: Sequence[range]
    sources: int
    lesson_width: int
    teachers: int
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
    lag: bool
    overlaps: bool
    capacity: int
    thresholds: Sequence[int] | None


class LearningLayer(wiring.Component):
    """Ports and wiring that every layer has which learns. `more` are the ports that one has beyond these.

    Sample number i passes through channel i % n of a port that has n.

    `done` pulses when a sample's updates, reinforcement included, have all been issued. `settled`: nothing is on its
    way to the live plane, so that `swap` may make it visible once all samples are done. `sweeping`: the live plane is
    being written anew, after power-up or a load; no sample may come in.

    With `lag`, `renew`, when all samples are done and it is `settled`, makes all counters' signs visible. If batches
    then overlap there is no `swap`: `entered` and `begins` say that a sample comes into the trainer, and a batch with
    it, and `crossed` that forward passes go on to that batch (see `BatchOverlap`).
    """

    def __init__(self, parameters: LayerParameters, **more) -> None:
        self._parameters = p = parameters
        self._planes = PLANES if p.lag else 1  # among which readers have to choose
        shape = p.shape
        ports = {
            "inputs": In(SampleFlowSignature(chunk_layout(beat_width(p.beats), p.classes))).array(p.sources),
            "outputs": Out(SampleFlowSignature(chunk_layout(shape.scan, p.classes))).array(shape.samples),
            "lessons": In(stream.Signature(lesson_layout(p.lesson_width))).array(p.teachers),
            "gate": In(shape.z_bits),
            "rate": In(32),
            "set_data": In(32),
            "generator": Out(32),
            "generator_set": In(1),
            "accumulator": Out(16),
            "accumulator_set": In(1),
            "transfer": In(TransferSignature(p.bits)),
            **dict.fromkeys(batch_signals(lag=p.lag, overlaps=p.overlaps), In(1)),
            **({"crossed": Out(1)} if p.overlaps else {}),
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
        super().__init__(ports | more)

    def _visible_plane(self, *, banked):
        p = self._parameters
        return (
            LaggingPlane(p.shape, banked=banked) if p.lag else VisiblePlane(p.shape, banked=banked, copies=not p.sweeps)
        )

    def _connect_swap(self, m, plane, forward):
        """All of a batch is done before the next one begins."""
        if not self._parameters.lag:
            m.d.comb += [plane.swap.eq(self.swap), m.submodules.hidden_weights.swap.eq(self.swap)]
            return
        weights = m.submodules.hidden_weights
        m.submodules.swap = swap = LaggingSwap()
        m.d.comb += [
            swap.swap.eq(self.swap),
            swap.final.eq(forward.weights.step & forward.weights.final),
            swap.copied.eq(plane.copied),
            swap.sweeping.eq(weights.sweeping),
            weights.hold.eq(swap.hold),
            plane.copies.eq(swap.copies),
            plane.next_forward.eq(swap.next_read),
            plane.next_backward.eq(swap.next_read),
            plane.next_live.eq(swap.next_live | weights.sign_plane),
        ]

    def _spread_lessons(self, m):
        """From as many streams as their sender has channels to one of each channel."""
        p = self._parameters
        m.submodules.lessons_spread = spread = Spread(
            lesson_layout(p.lesson_width), p.teachers, p.shape.samples, lambda lesson: lesson.last
        )
        for sent, source in zip(self.lessons, spread.source, strict=True):
            connect(m, flipped(sent), source)
        return spread.target

    def _give(self, m, lesson, search):
        """What is shown of a lesson to the search that takes it."""
        m.d.comb += [
            search.lesson_valid.eq(lesson.valid),
            search.lesson_teach.eq(lesson.teach),
            search.lesson_learn.eq(lesson.learn),
            search.desired.eq(lesson.desired),
            lesson.shift.eq(search.shift),
            lesson.consumed.eq(search.consumed),
        ]

    def _connect_winners(self, m, searches, plane, inputs):
        """All channels' winners change the same counters, sample by sample."""
        m.submodules.winners = winners = Spread(
            winner_layout(self._parameters.shape), len(searches), 1, lambda winner: winner.end
        )
        for search, source in zip(searches, winners.source, strict=True):
            connect(m, search.winners, source)
        self._connect_weights(m, winners.target[0], plane, inputs)

    def _connect_weights(self, m, winners, plane, inputs):
        p = self._parameters
        m.submodules.hidden_weights = weights = HiddenWeights(
            p.shape,
            p.bits,
            counters=p.counters,
            single_port=p.single_port,
            sweeps=p.sweeps,
            lag=p.lag,
            seed=p.seed,
            accumulator=p.accumulator,
        )
        connect(m, winners, weights.winners)
        connect(m, weights.inputs, inputs)
        connect(m, flipped(self.transfer), weights.transfer)
        m.d.comb += [
            plane.write.eq(weights.sign_write),
            plane.write_bank.eq(weights.sign_bank),
            plane.write_address.eq(weights.sign_address),
            plane.write_data.eq(weights.sign_data),
            weights.renew.eq(self.renew) if p.lag else plane.rewritten.eq(weights.sweeping),
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

    def _fill(self, m, search, records):
        """From the winner search to where it is kept which rows are open, and what they should be."""
        m.d.comb += [
            search.list_free.eq(records.free),
            records.start.eq(search.open_start),
            records.push.eq(search.open_push),
            records.push_row.eq(search.open_row),
            records.push_desired.eq(search.open_desired),
            records.close.eq(search.open_close),
            records.close_teach.eq(search.open_teach),
            records.close_learn.eq(search.open_learn),
            *(getattr(records, f"close_{name}").eq(search.open_at) for name in step_field(self._parameters.shape)),
        ]

    def _propagate_lists(self, m, search, rows, credit):
        """From the winner search through the lists of open rows to the error propagation."""
        self._fill(m, search, rows)
        m.d.comb += [
            *(
                getattr(credit, name).eq(getattr(rows, name))
                for name in ("available", "teach", "learn", "counts", "odd", "rows")
            ),
            rows.read.eq(credit.read),
            rows.read_index.eq(credit.read_index),
            rows.release.eq(credit.release),
            *(getattr(credit, name).eq(rows.at) for name in step_field(self._parameters.shape)),
            self.busy_credit.eq(credit.busy),
        ]

    def _propagate_votes(self, m, searches, credit):
        """From the winner searches through all rows' votes to the error propagation."""
        p = self._parameters
        m.d.comb += self.busy_credit.eq(credit.busy)
        for channel, search in enumerate(searches):
            m.submodules[f"votes_{channel}"] = votes = VoteMemory(p.shape, p.gamma, block=p.block)
            connect(m, credit.votes[channel], votes.reader)
            self._fill(m, search, votes)
            m.d.comb += votes.push_inside.eq(search.open_inside)
