"""The steps of the samples that pass through one channel of a cell."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.forward.activation import Activation
from bephw.rtl_gen.forward.drain import sums_layout
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.parts.arithmetic import count_up, next_index, places_left
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import (
    chunk_layout,
    outcome_layout,
    record_index,
    record_words,
    step_field,
    step_layout,
    tag_layout,
)
from bephw.rtl_gen.parts.storage import RamForm
from bephw.rtl_gen.recurrent.outcome_records import OutcomeRecords
from bephw.rtl_gen.recurrent.series_memory import SeriesMemory, input_words
from bephw.rtl_gen.recurrent.turns import Turns
from bephw.rtl_gen.samples.gearbox import Gearbox, words_layout
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.shape import LayerShape, ceil_div

__all__ = ["READERS", "StepChannel", "samples_together", "state_beats"]

READERS = ("forward", "update", "credit")  # of the inputs; the last one, of the state only
FURTHER = 3  # steps in a queue, beyond those of the samples that take turns


def state_beats(shape: LayerShape) -> list[range]:
    """How a state is divided when it leaves the array, as places in the words of `shape` that hold it."""
    skipped = shape.passed_on.start % shape.columns
    return [range(beat.start + skipped, beat.stop + skipped) for beat in shape.all_beats()]


def state_latency(shape: LayerShape, wires: int) -> int:
    """Cycles from a step's last word at the array until the state that it leaves may be read."""
    direct = Gearbox.direct(state_beats(shape), shape.columns) or len(shape.passed_on_words) == 1
    repacking = 1 if direct else len(shape.passed_on_words) + 1
    return ForwardUnit.drained(shape, wires=wires) + Activation.LATENCY + repacking + 2


def samples_together(shape: LayerShape, wires: int) -> int:
    """Samples that take turns in a channel: as many as hide the way of one's state, or as there are slots."""
    return min(shape.slots, 1 + ceil_div(state_latency(shape, wires), shape.forward_cycles))


def step_record(shape: LayerShape) -> data.StructLayout:
    """What is known of a step between the array and the memories."""
    return data.StructLayout({"last": 1, **step_field(shape)})


@emitted_once
class StepChannel(wiring.Component):
    """Keeps inputs, states and outcomes of all `steps` of up to `shape.slots` samples, which take turns in the array:
    as many as `samples_together` (see `Turns`).

    `words` are the inputs of the steps, as they come; `whole` is high with the last one of a sample. A sample begins to
    come in (`begins`) where there is `room`: while a slot is free, which it is again when `update` is done with it.

    While `available`, the array may `start` a step, whose inputs are then read by `forward` until that is `done`; a
    last step only where there is room for it in `outputs`. The array's `sums` become the next step's state, or go on by
    `outputs`, and stay as `outcomes`. `update` and `credit`, which is told of the state only, read the inputs of any
    step, and `outcomes` those: by an index that `record_index` makes.
    """

    def __init__(
        self,
        shape: LayerShape,
        classes: int,
        *,
        wires: int = 0,
        block: bool = True,
        thresholds: Sequence[int] | None = None,
    ) -> None:
        self._shape = shape
        self._classes = classes
        self._wires = wires
        self._block = block
        self._thresholds = thresholds
        outcomes = data.ArrayLayout(outcome_layout(shape), shape.scan)
        inputs = ReaderSignature(shape.columns, record_words(shape, shape.words))
        super().__init__(
            {
                "steps": In(range(shape.steps + 1)),
                "gate": In(shape.z_bits),
                "begins": In(1),
                "room": Out(1),
                "words": In(words_layout(shape.columns, classes)),
                "whole": Out(1),
                "available": Out(1),
                "start": In(1),
                "forward": In(ReaderSignature(shape.columns, shape.words)),
                "sums": In(sums_layout(shape)),
                "outputs": Out(SampleFlowSignature(chunk_layout(shape.scan, classes))),
                "outcomes": In(ReaderSignature(outcomes, record_words(shape, shape.scan_beats))),
                "update": In(inputs),
                "credit": In(inputs),
            }
        )

    @staticmethod
    def queues(shape: LayerShape, wires: int) -> list[RamForm]:
        """Memories of the queues in which steps are on their way, all read at once."""
        together, record = samples_together(shape, wires), step_record(shape).size
        turn = RamForm((max(2, together) - 1).bit_length(), together)
        return [turn, *(RamForm(record, together + FURTHER) for _ in range(2))]

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.series = series = SeriesMemory(shape, len(READERS), block=self._block)
        m.submodules.turns = turns = Turns(shape, samples_together(shape, self._wires))
        tags = self._take(m, series, turns)
        self._pass(m, series, turns)
        outcomes, beat, shown = self._activate(m, turns)
        self._keep_outcomes(m, outcomes, beat, shown)
        self._send(m, outcomes, shown, tags)
        self._keep_state(m, series, turns, outcomes, beat, shown)
        for number, name in enumerate(READERS[1:], 1):
            connect(m, flipped(getattr(self, name)), getattr(series, f"reader_{number}"))
        return m

    def _take(self, m, series, turns):
        """Inputs go to their places as they come; returns the tag of the sample in each slot."""
        shape, words = self._shape, self.words
        word = Signal(range(input_words(shape)), reset_less=True)
        at = Signal(step_layout(shape), name="arriving")
        written, last = Signal(), Signal()
        tags = Signal(data.ArrayLayout(tag_layout(self._classes), shape.slots))
        count_up(m, word, words.valid, words.last)
        m.d.comb += [
            self.room.eq(places_left(m, shape.slots, self.begins, self.update.done)),
            self.whole.eq(written & last),
            written.eq(words.valid & words.last),
            last.eq(at.step == self.steps - 1),
            series.x_write.eq(words.valid),
            series.x_at.eq(at),
            series.x_word.eq(word),
            series.x_data.eq(words.data),
            turns.steps.eq(self.steps),
            turns.arrived.eq(written),
            turns.arrived_last.eq(last),
        ]
        with m.If(written):
            m.d.sync += [at.step.eq(Mux(last, 0, at.step + 1)), tags[at.slot].eq(words.tag)]
            with m.If(last):
                m.d.sync += at.slot.eq(next_index(at.slot, shape.slots))
        return tags

    def _pass(self, m, series, turns):
        """The step whose turn it is goes through the array; only a last one needs room behind the cell."""
        shape, reader = self._shape, series.reader_0
        m.d.comb += [
            self.available.eq(turns.available & (~turns.last | self.outputs.room)),
            turns.done.eq(self.forward.done),
            reader.index.eq(record_index(shape, self.forward.index, shape.words, turns)),
            reader.read.eq(self.forward.read),
            self.forward.data.eq(reader.data),
        ]

    def _activate(self, m, turns):
        """Outcomes, their beat, and the step that they belong to."""
        shape = self._shape
        m.submodules.activation = activation = Activation(shape, self._thresholds)
        passing = self._queue(m, "passing", self.start, turns.last, turns.at)
        outcomes, beat = activation.outcomes, Signal(range(shape.scan_beats), reset_less=True)
        count_up(m, beat, outcomes.valid, outcomes.last)
        m.d.comb += [
            activation.gate.eq(self.gate),
            activation.sums.eq(self.sums),
            passing.taken.eq(outcomes.valid & outcomes.last),
            self.outputs.start.eq(self.start & turns.last),
        ]
        return outcomes, beat, passing.shown

    def _keep_outcomes(self, m, outcomes, beat, shown):
        """Outcomes stay for the winner search."""
        m.submodules.outcomes = kept = OutcomeRecords(self._shape)
        connect(m, flipped(self.outcomes), kept.reader)
        m.d.comb += [
            kept.write.eq(outcomes.valid),
            kept.index.eq(record_index(self._shape, beat, self._shape.scan_beats, shown)),
            kept.data.eq(outcomes.outputs),
        ]

    def _send(self, m, outcomes, shown, tags):
        """Those of a last step go on."""
        m.d.comb += [
            self.outputs.valid.eq(outcomes.valid & shown.last),
            self.outputs.payload.data.eq(Cat(outcomes.outputs[place].active for place in range(self._shape.scan))),
            self.outputs.payload.last.eq(outcomes.last),
            self.outputs.payload.tag.eq(tags[shown.at.slot]),
        ]

    def _keep_state(self, m, series, turns, outcomes, beat, shown):
        """What a step leaves is what the next one reads, as soon as all of it is written."""
        shape = self._shape
        m.submodules.state_gearbox = gearbox = Gearbox(state_beats(shape), shape.columns, self._classes)
        words = gearbox.words
        begins = outcomes.valid & (beat == 0) & ~shown.last
        following = Signal(step_layout(shape), name="following")
        leaving = self._queue(m, "leaving", begins, shown.last, following)
        word = Signal(range(len(shape.passed_on_words)), reset_less=True)
        count_up(m, word, words.valid, words.last)
        m.d.comb += [
            following.step.eq(shown.at.step + 1),
            following.slot.eq(shown.at.slot),
            gearbox.beats.valid.eq(outcomes.valid & ~shown.last),
            gearbox.beats.data.eq(self.outputs.payload.data),
            gearbox.beats.last.eq(outcomes.last),
            series.state_write.eq(words.valid),
            series.state_at.eq(leaving.shown.at),
            series.state_word.eq(word),
            series.state_data.eq(words.data),
            leaving.taken.eq(words.valid & words.last),
            turns.state_written.eq(leaving.taken),
        ]

    def _queue(self, m, name, written, last, at):
        """What is known of the steps on their way, in order."""
        layout, depth = step_record(self._shape), samples_together(self._shape, self._wires) + FURTHER
        m.submodules[name] = fifo = SyncFIFO(width=layout.size, depth=depth)
        queue = Queue(name, layout)
        record = Signal(layout, name=f"{name}_written")
        m.d.comb += [
            record.last.eq(last),
            record.at.eq(at),
            fifo.w_en.eq(written),
            fifo.w_data.eq(record),
            queue.shown.as_value().eq(fifo.r_data),
            fifo.r_en.eq(queue.taken),
        ]
        return queue


class Queue:
    """What a queue shows, and that it is taken."""

    def __init__(self, name, layout):
        self.shown = Signal(layout, name=f"{name}_shown")
        self.taken = Signal(name=f"{name}_taken")
