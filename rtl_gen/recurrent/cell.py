"""A recurrent cell that learns: a layer whose inputs are a step of a sample and its own outputs of the step before."""

from amaranth.hdl import *
from amaranth.lib.wiring import In, connect, flipped

from bephw.rtl_gen.backward.credit import CreditUnit
from bephw.rtl_gen.backward.dense_credit import DenseCredit
from bephw.rtl_gen.backward.open_rows import OpenRows
from bephw.rtl_gen.backward.winner import WinnerSearch
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.learning_layer import LayerParameters, LearningLayer
from bephw.rtl_gen.parts.arithmetic import places_left, turns
from bephw.rtl_gen.recurrent.lesson_turns import lessons_together
from bephw.rtl_gen.recurrent.step_channel import StepChannel
from bephw.rtl_gen.recurrent.step_lessons import StepLessons
from bephw.rtl_gen.samples.gearbox import Gearbox
from bephw.rtl_gen.samples.reader import read_in_turn

__all__ = ["Cell"]


class Cell(LearningLayer):
    """Takes the steps of samples (`inputs`, each started for itself), passes the outputs of every sample's last step on
    (`outputs`), takes lessons for these, and sends itself lessons for the steps before (numerics.md section 4, BEP-TT).

    There are `shape.samples` channels, as in a `Layer`, in each of which up to `shape.slots` samples may be between
    their first step and their last update; all their inputs, states, outcomes and winners stay here. Neither a step's
    state nor its lesson is there when the next step of the sample could need it, so `samples_together` samples take
    turns in a channel, and `lessons_together` on their way back (see `StepChannel`, `StepLessons`). Counters are
    updated sample by sample, as everywhere. All other ports are as those of a `Layer`, a sample being all its `steps`,
    and `row_updated` a row of one step.

    Throughput: `shape.samples` samples every `steps` * `shape.forward_cycles` cycles, unless learning takes longer: a
    sample that teaches needs for each step the winner search (`len(shape.slices(gamma))` cycles), and the error
    propagation of the state (see `CreditUnit`, or `DenseCredit` where there are several channels), and all channels'
    samples together the updates (winners * row_chunks), all at the same time on different samples. A step's lesson
    comes a search, an error propagation and the latencies of both after the one before it: that is hidden as far as it
    is no longer than `lessons_together` of these.
    """

    def __init__(self, parameters: LayerParameters) -> None:
        super().__init__(parameters, steps=In(range(parameters.shape.steps + 1)))

    def elaborate(self, platform):
        m = Module()
        p, shape = self._parameters, self._parameters.shape
        m.submodules.plane = plane = self._visible_plane(banked=True)
        m.submodules.forward = forward = ForwardUnit(shape, wires=p.wires, planes=self._planes)
        together = lessons_together(shape, p.gamma)
        channels, searches, lessons = [], [], []
        for index in range(shape.samples):
            channels.append(StepChannel(shape, p.classes, wires=p.wires, block=p.block, thresholds=p.thresholds))
            searches.append(WinnerSearch(shape, p.gamma, together))
            lessons.append(StepLessons(shape, p.lesson_width, p.gamma))
            for name, parts in (("steps", channels), ("search", searches), ("lessons", lessons)):
                m.submodules[f"{name}_{index}"] = parts[-1]

        self._take_steps(m, channels)
        self._connect_forward(m, channels, forward, plane)
        self._connect_lessons(m, channels, searches, lessons)
        self._connect_winners(m, searches, plane, self._updated_inputs(m, channels))
        self._connect_swap(m, plane, forward)
        self._connect_credit(m, channels, searches, lessons, plane)
        return m

    def _take_steps(self, m, channels):
        """The steps of a sample go to its channel, in words."""
        p, shape, source = self._parameters, self._parameters.shape, self.inputs[0]
        m.submodules.gearbox = gearbox = Gearbox(p.beats, shape.columns, p.classes)
        words, written = gearbox.words, Signal()
        writing = turns(m, len(channels), Cat(channel.whole for channel in channels).any(), "writing")
        m.d.comb += [
            gearbox.beats.valid.eq(source.valid),
            gearbox.beats.data.eq(source.payload.data),
            gearbox.beats.last.eq(source.payload.last),
            gearbox.beats.tag.eq(source.payload.tag),
            written.eq(words.valid & words.last),
        ]
        for index, channel in enumerate(channels):
            m.d.comb += [
                channel.steps.eq(self.steps),
                channel.words.eq(words),
                channel.words.valid.eq(words.valid & (writing == index)),
            ]
        self._limit(m, channels, written)

    def _limit(self, m, channels, written):
        """A sample begins to come in where its channel has room; a step where the words of no more than one before it
        are still leaving the gearbox."""
        p, shape = self._parameters, self._parameters.shape
        step, starts = Signal(range(shape.steps), name="step_started"), self.inputs[0].start
        with m.If(starts):
            m.d.sync += step.eq(Mux(step == self.steps - 1, 0, step + 1))
        begins = starts & (step == 0)
        beginning = turns(m, len(channels), begins, "beginning")
        m.d.comb += [channel.begins.eq(begins & (beginning == index)) for index, channel in enumerate(channels)]
        room = Array(channel.room for channel in channels)[beginning] | (step != 0)
        if not Gearbox.direct(p.beats, shape.columns):
            room &= places_left(m, 2, starts, written)
        m.d.comb += self.inputs[0].room.eq(room)

    def _connect_forward(self, m, channels, forward, plane):
        """Steps of all channels pass through the array together; nobody has to wait for room who needs none."""
        connect(m, forward.weights, plane.forward)
        m.d.comb += [forward.room.eq(C(-1, len(channels))), self.busy_forward.eq(forward.busy)]
        for index, channel in enumerate(channels):
            connect(m, forward.inputs[index], channel.forward)
            connect(m, channel.outputs, flipped(self.outputs[index]))
            m.d.comb += [
                forward.available[index].eq(channel.available),
                channel.start.eq(forward.start[index]),
                channel.sums.eq(forward.sums[index]),
                channel.gate.eq(self.gate),
            ]

    def _connect_lessons(self, m, channels, searches, lessons):
        """From above for a sample's last step, then from the cell itself, while others take their turn."""
        for channel, search, lesson, above in zip(channels, searches, lessons, self._spread_lessons(m), strict=True):
            connect(m, above, lesson.above)
            connect(m, search.outcomes, channel.outcomes)
            self._give(m, lesson, search)
            m.d.comb += [lesson.steps.eq(self.steps), search.lesson_at.eq(lesson.at)]
        m.d.comb += self.busy_winner.eq(Cat(search.busy for search in searches).any())

    def _updated_inputs(self, m, channels):
        """Winners of all steps change the counters, with the inputs of their step."""
        inputs = channels[0].update.signature.create(path=("updated",))
        read_in_turn(m, inputs, [channel.update for channel in channels], "updating")
        return inputs

    def _connect_credit(self, m, channels, searches, lessons, plane):
        """The open rows of a step become the lesson for the step before."""
        p, shape = self._parameters, self._parameters.shape
        if shape.samples == 1:
            (channel,), (search,), (lesson,) = channels, searches, lessons
            m.submodules.open_rows = rows = OpenRows(shape, p.gamma, block=p.block)
            m.submodules.credit = credit = CreditUnit(shape, keep=p.keep, planes=self._planes)
            self._propagate_lists(m, search, rows, credit)
            connect(m, credit.inputs, channel.credit)
            connect(m, credit.lessons, lesson.own)
        else:
            m.submodules.credit = credit = DenseCredit(
                shape, shape.samples, slots=p.slots, keep=p.keep, planes=self._planes
            )
            self._propagate_votes(m, searches, credit)
            for index, (channel, lesson) in enumerate(zip(channels, lessons, strict=True)):
                connect(m, credit.inputs[index], channel.credit)
                connect(m, credit.lessons[index], lesson.own)
        connect(m, credit.plane, plane.backward)
