"""A recurrent cell that learns: a layer whose inputs are a step of a sample and its own outputs of the step before."""

from amaranth.hdl import *
from amaranth.lib import data
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, connect, flipped

from bephw.rtl_gen.backward.credit import CreditUnit
from bephw.rtl_gen.backward.lesson_buffer import LessonBuffer
from bephw.rtl_gen.backward.open_rows import OpenRows
from bephw.rtl_gen.backward.winner import WinnerSearch
from bephw.rtl_gen.forward.activation import Activation
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.learning_layer import LayerParameters, LearningLayer
from bephw.rtl_gen.parts.arithmetic import count_up, next_index, places_left
from bephw.rtl_gen.parts.layouts import record_index, step_field, step_layout, tag_layout
from bephw.rtl_gen.parts.storage import RamForm
from bephw.rtl_gen.recurrent.lesson_turns import LessonTurns, lessons_together
from bephw.rtl_gen.recurrent.outcome_records import OutcomeRecords
from bephw.rtl_gen.recurrent.series_memory import SeriesMemory, input_words
from bephw.rtl_gen.recurrent.turns import Turns
from bephw.rtl_gen.samples.gearbox import Gearbox
from bephw.rtl_gen.weights.plane import VisiblePlane
from bephw.shape import LayerShape, ceil_div

__all__ = ["READERS", "Cell", "cell_queues", "samples_together", "state_beats"]

READERS = FORWARD, UPDATE, CREDIT = range(3)  # of the inputs; the last one, of the state only
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
    """Samples that take turns in the array: as many as hide the way of one's state, or as there are slots."""
    return min(shape.slots, 1 + ceil_div(state_latency(shape, wires), shape.forward_cycles))


def step_record(shape: LayerShape) -> data.StructLayout:
    """What is known of a step between the array and the memories."""
    return data.StructLayout({"last": 1, **step_field(shape)})


def cell_queues(shape: LayerShape, gamma: int, wires: int) -> list[RamForm]:
    """Memories of the queues in which steps are on their way, all read at once."""
    together, record = samples_together(shape, wires), step_record(shape).size
    turn = RamForm((max(2, together) - 1).bit_length(), together)
    return [
        turn,
        *(RamForm(record, together + FURTHER) for _ in range(2)),
        LessonTurns.ram(shape, lessons_together(shape, gamma)),
    ]


class Cell(LearningLayer):
    """Takes the steps of samples (`inputs`, each started for itself), passes the outputs of every sample's last step on
    (`outputs`), takes lessons for these, and sends itself lessons for the steps before (numerics.md section 4, BEP-TT).

    Up to `slots` samples may be between their first step and their last update; all their inputs, states, outcomes and
    winners stay here. Neither a step's state nor its lesson is there when the next step of the sample could need it, so
    `samples_together` samples take turns in the array, and `lessons_together` on their way back (see `Turns`,
    `LessonTurns`). Counters are updated sample by sample, as everywhere. All other ports are as those of a `Layer`, a
    sample being all its `steps`, and `row_updated` a row of one step.

    Throughput: a sample every `steps` * `shape.forward_cycles` cycles, unless learning takes longer: a sample that
    teaches needs for each step the winner search (`len(shape.slices(gamma))` cycles), the updates (winners *
    row_chunks) and the error propagation of the state (see `CreditUnit`), all at the same time on different samples. A
    step's lesson comes a search, an error propagation and the latencies of both after the one before it: that is
    hidden as far as it is no longer than `lessons_together` of these.
    """

    def __init__(self, parameters: LayerParameters) -> None:
        super().__init__(parameters, steps=In(range(parameters.shape.steps + 1)))

    def elaborate(self, platform):
        m = Module()
        p, shape = self._parameters, self._parameters.shape
        m.submodules.series = SeriesMemory(shape, len(READERS), block=p.block)
        m.submodules.turns = Turns(shape, samples_together(shape, p.wires))
        m.submodules.forward = ForwardUnit(shape, wires=p.wires)
        m.submodules.activation = Activation(shape, p.thresholds)
        m.submodules.outcomes = OutcomeRecords(shape)
        m.submodules.search = WinnerSearch(shape, p.gamma, lessons_together(shape, p.gamma))
        m.submodules.plane = VisiblePlane(shape, banked=True, copies=not p.sweeps)

        tags = self._take_steps(m)
        self._connect_forward(m)
        self._connect_outcomes(m, tags)
        self._connect_lessons(m)
        self._connect_updates(m)
        self._connect_credit(m)
        return m

    # -- forward --------------------------------------------------------------------------------

    def _take_steps(self, m):
        """Inputs go to their places as they come, while a slot is free; returns the tag of the sample in each."""
        p, shape = self._parameters, self._parameters.shape
        m.submodules.gearbox = gearbox = Gearbox(p.beats, shape.columns, p.classes)
        series, turns, words = m.submodules.series, m.submodules.turns, gearbox.words
        word = Signal(range(input_words(shape)), reset_less=True)
        at = Signal(step_layout(shape), name="arriving")
        written, last = Signal(), Signal()
        tags = Signal(data.ArrayLayout(tag_layout(p.classes), shape.slots))
        count_up(m, word, words.valid, words.last)
        m.d.comb += [
            gearbox.beats.valid.eq(self.inputs[0].valid),
            gearbox.beats.data.eq(self.inputs[0].payload.data),
            gearbox.beats.last.eq(self.inputs[0].payload.last),
            gearbox.beats.tag.eq(self.inputs[0].payload.tag),
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
        self._limit(m, written)
        return tags

    def _limit(self, m, written):
        """A sample begins to come in where a slot is free, which is so after its last update, for that is what is done
        last; a step where the words of no more than one before it are still leaving the gearbox."""
        p, shape = self._parameters, self._parameters.shape
        step, starts = Signal(range(shape.steps), name="step_started"), self.inputs[0].start
        with m.If(starts):
            m.d.sync += step.eq(Mux(step == self.steps - 1, 0, step + 1))
        begins = starts & (step == 0)
        updated = getattr(m.submodules.series, f"reader_{UPDATE}").done
        room = places_left(m, shape.slots, begins, updated) | (step != 0)
        if not Gearbox.direct(p.beats, shape.columns):
            room &= places_left(m, 2, starts, written)
        m.d.comb += self.inputs[0].room.eq(room)

    def _connect_forward(self, m):
        """The step whose turn it is goes through the array; only a last one needs room behind the cell."""
        shape = self._parameters.shape
        forward, turns, series = m.submodules.forward, m.submodules.turns, m.submodules.series
        reader = getattr(series, f"reader_{FORWARD}")
        connect(m, forward.weights, m.submodules.plane.forward)
        m.d.comb += [
            forward.available.eq(turns.available),
            forward.room.eq(~turns.last | self.outputs[0].room),
            turns.done.eq(forward.inputs[0].done),
            reader.index.eq(record_index(shape, forward.inputs[0].index, shape.words, turns)),
            reader.read.eq(forward.inputs[0].read),
            forward.inputs[0].data.eq(reader.data),
            self.outputs[0].start.eq(forward.start & turns.last),
            self.busy_forward.eq(forward.busy),
        ]

    def _connect_outcomes(self, m, tags):
        """Outcomes stay for the winner search; the outputs become the next step's state, or go on."""
        shape = self._parameters.shape
        forward, turns, activation = m.submodules.forward, m.submodules.turns, m.submodules.activation
        passing = self._queue(m, "passing", forward.start, turns.last, turns.at)
        outcomes, beat = activation.outcomes, Signal(range(shape.scan_beats), reset_less=True)
        ends = outcomes.valid & outcomes.last
        count_up(m, beat, outcomes.valid, outcomes.last)
        kept = m.submodules.outcomes
        m.d.comb += [
            activation.gate.eq(self.gate),
            activation.sums.eq(forward.sums[0]),
            passing.taken.eq(ends),
            kept.write.eq(outcomes.valid),
            kept.index.eq(record_index(shape, beat, shape.scan_beats, passing.shown)),
            kept.data.eq(outcomes.outputs),
            self.outputs[0].valid.eq(outcomes.valid & passing.shown.last),
            self.outputs[0].payload.data.eq(Cat(outcomes.outputs[place].active for place in range(shape.scan))),
            self.outputs[0].payload.last.eq(outcomes.last),
            self.outputs[0].payload.tag.eq(tags[passing.shown.at.slot]),
        ]
        self._keep_state(m, outcomes, beat, passing.shown)

    def _keep_state(self, m, outcomes, beat, shown):
        """What a step leaves is what the next one reads, as soon as all of it is written."""
        p, shape = self._parameters, self._parameters.shape
        m.submodules.state_gearbox = gearbox = Gearbox(state_beats(shape), shape.columns, p.classes)
        series, turns, words = m.submodules.series, m.submodules.turns, gearbox.words
        begins = outcomes.valid & (beat == 0) & ~shown.last
        following = Signal(step_layout(shape), name="following")
        leaving = self._queue(m, "leaving", begins, shown.last, following)
        word = Signal(range(len(shape.passed_on_words)), reset_less=True)
        count_up(m, word, words.valid, words.last)
        m.d.comb += [
            following.step.eq(shown.at.step + 1),
            following.slot.eq(shown.at.slot),
            gearbox.beats.valid.eq(outcomes.valid & ~shown.last),
            gearbox.beats.data.eq(self.outputs[0].payload.data),
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
        p, shape = self._parameters, self._parameters.shape
        layout, depth = step_record(shape), samples_together(shape, p.wires) + FURTHER
        m.submodules[name] = fifo = SyncFIFO(width=layout.size, depth=depth)
        queue = Queue(m, name, layout)
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

    # -- backward -------------------------------------------------------------------------------

    def _connect_lessons(self, m):
        """From above for a sample's last step, then from the cell itself, while others take their turn."""
        p, shape, search = self._parameters, self._parameters.shape, m.submodules.search
        m.submodules.lesson_turns = turns = LessonTurns(shape, lessons_together(shape, p.gamma))
        m.submodules.lesson = above = LessonBuffer(shape, p.lesson_width, p.gamma)
        skipped = shape.passed_on.start % shape.columns
        m.submodules.own_lesson = own = LessonBuffer(shape, shape.columns, p.gamma, skipped=skipped)
        connect(m, flipped(self.lessons[0]), above.lessons)
        m.d.comb += [
            turns.steps.eq(self.steps),
            turns.above_valid.eq(above.valid),
            turns.own_valid.eq(own.valid),
            turns.teach.eq(search.lesson_teach),
            turns.shift.eq(search.shift),
            turns.consumed.eq(search.consumed),
            search.lesson_valid.eq(turns.valid),
            search.lesson_at.eq(turns.at),
            *(
                getattr(search, name).eq(Mux(turns.own, getattr(own, shown), getattr(above, shown)))
                for name, shown in (("lesson_teach", "teach"), ("lesson_learn", "learn"), ("desired", "desired"))
            ),
            *(
                getattr(buffer, name).eq(getattr(search, name) & whose)
                for buffer, whose in ((above, ~turns.own), (own, turns.own))
                for name in ("shift", "consumed")
            ),
            self.busy_winner.eq(search.busy),
        ]

    def _connect_updates(self, m):
        """Winners of all steps change the counters, with the inputs of their step."""
        search, outcomes = m.submodules.search, m.submodules.outcomes
        inputs = getattr(m.submodules.series, f"reader_{UPDATE}")
        self._connect_weights(m, search.winners, m.submodules.plane, inputs)
        connect(m, search.outcomes, outcomes.reader)
        m.d.comb += m.submodules.plane.swap.eq(self.swap)

    def _connect_credit(self, m):
        """The lists of a step's open rows become the lesson for the step before."""
        p, shape, search = self._parameters, self._parameters.shape, m.submodules.search
        m.submodules.open_rows = rows = OpenRows(shape, p.gamma, block=p.block)
        m.submodules.credit = credit = CreditUnit(shape, keep=p.keep)
        self._propagate_lists(m, search, rows, credit)
        connect(m, credit.plane, m.submodules.plane.backward)
        connect(m, credit.inputs, getattr(m.submodules.series, f"reader_{CREDIT}"))
        connect(m, credit.lessons, m.submodules.own_lesson.lessons)
        m.d.comb += [rows.close_at.eq(search.open_at), credit.at.eq(rows.at)]


class Queue:
    """What a queue shows, and that it is taken."""

    def __init__(self, m, name, layout):
        self.shown = Signal(layout, name=f"{name}_shown")
        self.taken = Signal(name=f"{name}_taken")
