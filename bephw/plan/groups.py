"""The cycle model where several samples pass together: when every part of a trainer is done with every sample.

As in cycles.py samples pass all parts in order. But who passes together depends on who is there by then, so no sample's
times can be had before those of the samples after it: each part goes on by itself (processes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from bephw.plan.activity import Activity
from bephw.plan.classifying import ClassifierModel
from bephw.plan.counters import CountersModel
from bephw.plan.crediting import DenseCreditModel, ListCreditModel
from bephw.plan.gathering import gather
from bephw.plan.inputs import InputsModel
from bephw.plan.passes import ACTIVATED, GIVEN_BACK, PassTimes
from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.plan.search import SearchModel
from bephw.plan.sending import LessonsModel
from bephw.plan.spans import covered
from bephw.rtl_gen.classifier.unit import DECISIONS
from bephw.rtl_gen.registers.map import per_classifier
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.rtl_gen.samples.input_queue import banks
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings

__all__ = ["GroupsModel"]


class _Layer:
    """A layer of several channels, or of one.

    Attributes:
        inputs: where samples come in.
        lessons: where their lessons do.
        done: the cycle in which each sample's updates were.
        credit: its error propagation, if it has one.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        activity: Activity,
        index: int,
        beats: Sequence[range],
        below: _Layer | None,
    ) -> None:
        self.shape = shape = settings.shapes[index]
        slots, sources = settings.hardware.slots, 1 if below is None else below.shape.samples
        self._slots, self._samples = slots, activity.samples
        self.times = PassTimes(shape, wires=settings.hardware.wire_registers)
        self.inputs = InputsModel(clock, shape, beats, sources)
        self.counters = CountersModel(shape, single_port=settings.single_ports[index])
        self.searches = [SearchModel(shape, settings.gamma[index], self.counters) for _ in range(shape.samples)]
        self._consumed, self._closed = Times(clock), Times(clock)
        self._updated, self.done = Times(clock), Times(clock)
        self.inputs.limit(self._updated, slots)
        self.lessons = LessonsModel(clock, shape.samples, activity.samples, self._consumed)
        self.taught = activity.teaching(index).tolist()
        self._winners = activity.winners[index].tolist()
        self._events = activity.event_words(shape)
        self.passes = 0
        self.credit: DenseCreditModel | ListCreditModel | None = None
        if shape in settings.gated_shapes:
            assert below is not None
            if shape.samples == 1:
                longest = activity.longest_lists(index, shape.rows).tolist()
                self.credit = ListCreditModel(clock, shape, below.lessons, self.taught, longest)
            else:
                self.credit = DenseCreditModel(clock, shape, below.lessons, self.taught, sources)
            self.inputs.limit(self.credit.inputs_done, slots)
            clock.start(self.credit.follow(self._closed))

    def pass_up(self, takers: Sequence[InputsModel]) -> Process:
        """The forward passes of all samples, which go on to all of `takers`."""

        def room(number: int) -> Waiting[int]:
            room = (yield from self._consumed.of(number - self._slots)) + GIVEN_BACK
            for taker in takers:
                room = max(room, (yield from taker.room(number)))
            return room

        first, free = 0, NEVER
        while first < self._samples:
            there = yield from self.inputs.there.of(first)
            stop = min(first + self.shape.samples, self._samples)
            start, group = yield from gather(first, stop, max(free, there), self.inputs.there.known, room)
            for number in group:
                self.inputs.passed.set(number, self.times.ends(start))
                for taker in takers:
                    taker.arrive(number, self.times.drained(start) + ACTIVATED)
            self.passes += 1
            first, free = group.stop, start + self.times.interval

    def learn(self, *, learn: bool) -> Process:
        """All samples' winners and updates."""
        for number in range(self._samples):
            shown = yield from self.lessons.shown.of(number)
            list_free = NEVER if self.credit is None else (yield from self.credit.list_free(number))
            search = self.searches[number % len(self.searches)]
            search.take(
                shown,
                list_free,
                self._winners[number],
                teach=self.taught[number],
                learn=learn,
                events=self._events[number],
            )
            self._consumed.set(number, search.consumed)
            self._closed.set(number, search.closed)
            self._updated.set(number, self.counters.inputs_done)
            self.done.set(number, self.counters.sample_done)


class GroupsModel:
    """Follows the samples of `activity` from an idle trainer to an idle trainer.

    Attributes:
        cycles, elapsed, busy: what they take, as `Cycles` has it.
    """

    def __init__(self, settings: Settings, activity: Activity, *, learn: bool) -> None:
        clock = Clock()
        self._samples, self._learn = activity.samples, learn
        self._batch = settings.learning.batch if learn else activity.samples + 1
        self._sweeps = settings.hardware.renewal == "sweep"
        beats = stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
        self._words = len(beats)
        self._layers: list[_Layer] = []
        for shape in settings.shapes:
            below = self._layers[-1] if self._layers else None
            self._layers.append(_Layer(clock, settings, activity, shape.index, beats, below))
            beats = shape.all_beats()
        self._first = settings.network.layers - len(settings.classifier_shapes)  # the lowest layer with a classifier
        self._classifiers = [
            self._classifier(clock, settings, activity, layer) for layer in range(self._first, settings.network.layers)
        ]
        self._spans: list[tuple[int, int]] = []  # in which a sample is under way, or a batch ends
        self._ending = self.elapsed = 0
        self._start(clock)
        clock.run()
        self.cycles = covered(self._spans)
        self.busy = self._busy()

    def _classifier(self, clock: Clock, settings: Settings, activity: Activity, layer: int) -> ClassifierModel:
        shape, *upper = settings.shapes[layer:]
        above = sum(banks(taker, lower.samples) for lower, taker in zip([shape, *upper], upper, strict=False))
        return ClassifierModel(
            clock,
            settings.classifier_shapes[layer - self._first],
            shape.all_beats(),
            shape.samples,
            activity.teaching(layer).tolist(),
            DECISIONS + above * AHEAD,
        )

    def _start(self, clock: Clock) -> None:
        predicted = Times(clock)
        for index, layer in enumerate(self._layers):
            takers = [upper.inputs for upper in self._layers[index + 1 : index + 2]]
            takers += [self._classifiers[index - self._first].inputs] if index >= self._first else []
            clock.start(layer.pass_up(takers))
            clock.start(layer.learn(learn=self._learn))
        for layer, classifier in zip(self._layers[self._first :], self._classifiers, strict=True):
            clock.start(classifier.decide(predicted))
            clock.start(classifier.teach(clock, layer.lessons))
        clock.start(self._predict(predicted))
        clock.start(self._admit())

    def _predict(self, predicted: Times) -> Process:
        """A prediction is taken when every classifier has decided."""
        for number in range(self._samples):
            cycle = NEVER
            for classifier in self._classifiers:
                cycle = max(cycle, (yield from classifier.known.of(number)))
            predicted.set(number, cycle)

    def _admit(self) -> Process:
        """Samples come in, and batches end."""
        free, first = 0, self._layers[0].inputs
        arrived: list[int] = []  # for each sample, the cycle of its last word
        for number in range(self._samples):
            last = max(free, (yield from first.room(number))) + self._words - 1
            first.arrive(number, last)
            free = last + 1
            arrived.append(last)
            if (number + 1) % self._batch == 0:
                done = yield from self._done(number)
                free = max(last + 2, done, *map(self._settled, self._layers)) + 1
                for layer in self._layers if self._sweeps else ():
                    layer.counters.swapped(free - 1)
                self._ending += free - (last + 2)
                self._spans.append((last + 1, free))
        for number, last in enumerate(arrived):
            self._spans.append((last + 1, (yield from self._done(number))))
        self.elapsed = max([free, *(after for _, after in self._spans)])

    def _done(self, number: int) -> Waiting[int]:
        """The cycle from which the sequencer knows that all layers are done with a sample."""
        cycle = NEVER
        for layer in self._layers:
            cycle = max(cycle, (yield from layer.done.of(number)) + 1)
        return cycle

    @staticmethod
    def _settled(layer: _Layer) -> int:
        """The cycle from which the sequencer knows, at a batch's end, that nothing is on its way to a live plane."""
        layer.counters.end_batch()
        return layer.counters.settled + 1

    def _busy(self) -> dict[str, int]:
        samples, layers = self._samples, self._layers
        *hidden, last = self._classifiers
        busy = {"stream": samples * self._words}
        for index, layer in enumerate(layers):
            busy[f"forward_{index}"] = layer.passes * layer.times.steps
        busy[f"forward_{len(layers)}"] = samples * last.times.steps
        for index, classifier in enumerate(hidden):
            busy[f"classifier_{index}"] = samples * classifier.times.steps
        busy["argmax"] = samples * last.shape.outputs
        names = per_classifier("lessons", len(self._classifiers))
        for name, classifier in zip(names, self._classifiers, strict=True):
            busy[name] = classifier.teaching
        for index, layer in enumerate(layers):
            # The channels of a layer search at the same time.
            busy[f"winner_{index}"] = covered(chain(*(search.spans for search in layer.searches)))
            busy[f"update_{index}"] = layer.counters.updating
            busy[f"reinforce_{index}"] = layer.counters.reinforcing
            if layer.credit is not None:
                busy[f"credit_{index}"] = layer.credit.passing
        busy["batch_end"] = self._ending
        return busy
