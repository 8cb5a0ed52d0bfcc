"""The cycle model where several samples pass together, take turns in a cell, or where batches overlap.

As in cycles.py samples pass all parts in order; but of a cell's channels each has an order of its own. Who passes
together, or next, depends on who is there by then, and updates pause for samples of the next batch, so no sample's
times can be had before those of the samples after it: each part goes on by itself (processes.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.activity import Activity
from bephw.plan.cell import CellModel
from bephw.plan.classifying import ClassifierModel
from bephw.plan.crediting import DenseCreditModel, ListCreditModel
from bephw.plan.gathering import always, gather, meet
from bephw.plan.inputs import InputsModel
from bephw.plan.learning import LearningModel, OverlappingLearningModel
from bephw.plan.overlap import OverlapModel
from bephw.plan.passes import ACTIVATED, GIVEN_BACK, PassTimes, StreamModel
from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.plan.sending import LessonsModel
from bephw.plan.spans import covered
from bephw.rtl_gen.backward.lesson_register import LessonRegister
from bephw.rtl_gen.classifier.unit import decisions
from bephw.rtl_gen.programs.parts import overlaps
from bephw.rtl_gen.registers.map import per_classifier
from bephw.rtl_gen.samples.batch_overlap import PAUSED
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.rtl_gen.samples.input_queue import banks
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.shape import ceil_div

__all__ = ["GroupsModel"]

CROSSED = 1  # cycles until the sequencer knows that a layer's passes may go on to a batch


class _Layer:
    """A layer of several channels, or of one.

    Attributes:
        inputs: where samples come in.
        lessons: where their lessons do.
        learning: what is done with those.
        credit: its error propagation, if it has one.
        overlap: where its stages stand, if batches overlap.
        passes: forward passes so far.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        activity: Activity,
        index: int,
        beats: Sequence[range],
        below: _Layer | CellModel | None,
        batch: int,
    ) -> None:
        self.shape = shape = settings.shapes[index]
        slots, sources = settings.hardware.slots, 1 if below is None else below.shape.samples
        self._slots, self._samples, self._batch = slots, activity.samples, batch
        self._stream, self._channels = StreamModel(len(beats)), shape.samples
        self.times = PassTimes(shape, settings.hardware.wire_registers, gathers=True)
        self.inputs = InputsModel(clock, shape, beats, sources)
        propagates = shape in settings.gated_shapes
        self.overlap = (
            OverlapModel(clock, batch, ceil_div(activity.samples, batch), propagates=propagates)
            if overlaps(settings)
            else None
        )
        self.learning: LearningModel | OverlappingLearningModel = (
            LearningModel(clock, settings, activity, index)
            if self.overlap is None
            else OverlappingLearningModel(clock, settings, activity, index, self.overlap)
        )
        self.inputs.limit(self.learning.updated, slots)
        self.lessons = LessonsModel(
            clock,
            shape.samples,
            activity.samples,
            self.learning.consumed,
            registers=LessonRegister.suffices(shape, settings.teachers[index].columns, settings.gamma[index]),
        )
        self.passes = 0
        self.credit: DenseCreditModel | ListCreditModel | None = None
        if propagates:
            assert below is not None
            taught = activity.teaching(index).tolist()
            if shape.samples == 1:
                longest = activity.longest_lists(index, shape.rows).tolist()
                self.credit = ListCreditModel(clock, shape, below.lessons, taught, longest, self.overlap)
            else:
                self.credit = DenseCreditModel(clock, shape, below.lessons, taught, sources, self.overlap)
            self.inputs.limit(self.credit.inputs_done, slots)
            if self.overlap:
                clock.start(self.overlap.propagate(self.credit.released))

    def start(self, clock: Clock, takers: Sequence[InputsModel], *, learn: bool) -> None:
        """Take all samples, which go on to all of `takers`, and their lessons."""
        clock.start(
            self._pass_up(clock, takers) if self.overlap is None else self._pass_up_in_batches(self.overlap, takers)
        )
        self.learning.start(clock, self.lessons, self.credit.list_free if self.credit else always, learn=learn)
        if self.credit:
            clock.start(self.credit.follow(self.learning.closed))

    def admit(self, number: int, free: int) -> Waiting[int]:
        """The next sample comes in, from cycle `free` on; the cycle of its last word."""
        last = self._stream.admit(free, (yield from self.inputs.room(number)))
        self.inputs.arrive(number, last)
        return last

    def _room(self, number: int, takers: Sequence[InputsModel]) -> Waiting[int]:
        """First cycle in which there is room for a sample behind the layer, and for its outcomes."""
        room = (yield from self.learning.consumed.of(number - self._slots)) + GIVEN_BACK
        for taker in takers:
            room = max(room, (yield from taker.room(number)))
        return room

    def _pass_up(self, clock: Clock, takers: Sequence[InputsModel]) -> Process:
        """The forward passes of all samples: those from a cell may come in another order, by different channels."""
        following = list(range(self._channels))  # the next sample of each channel

        def there() -> list[int | None]:
            return [self.inputs.there.known(number) for number in following]

        def room(channel: int) -> Waiting[int]:
            return (yield from self._room(following[channel], takers))

        free = NEVER
        while min(following) < self._samples:
            # While the pass before ends, it is decided who passes next.
            decided, group = yield from meet(clock, free - 1, there, room, (self.inputs.there,))
            self._pass([following[channel] for channel in group], decided + 1, takers)
            free = decided + 1 + self.times.interval
            for channel in group:
                following[channel] += self._channels

    def _pass(self, numbers: Sequence[int], start: int, takers: Sequence[InputsModel]) -> None:
        """A pass."""
        if isinstance(self.credit, DenseCreditModel):
            self.credit.together.update(dict.fromkeys(numbers, max(numbers) + 1))
        for number in numbers:
            self.inputs.passed.set(number, self.times.ends(start))
            for taker in takers:
                taker.arrive(number, self.times.drained(start) + ACTIVATED)
        self.passes += 1

    def _pass_up_in_batches(self, overlap: OverlapModel, takers: Sequence[InputsModel]) -> Process:
        """The forward passes of all samples, where batches overlap."""

        def room(number: int) -> Waiting[int]:
            return (yield from self._room(number, takers))

        first, free = 0, NEVER
        while first < self._samples:
            there = yield from self.inputs.there.of(first)
            batch, place = divmod(first, self._batch)
            batch_end = first - place + self._batch
            stop = min(first + self._channels, batch_end, self._samples)
            if place == 0:
                allowed = yield from overlap.forward(batch)
                chosen, group = yield from gather(first, stop, max(allowed, there), self.inputs.there.known, room)
                start = yield from self._pause(overlap, batch, chosen, free)
            else:
                decided, group = yield from gather(first, stop, max(free - 1, there), self.inputs.there.known, room)
                start = decided + 1
            self._pass(group, start, takers)
            # A pass that copies is over before anybody else is let in.
            first, free = group.stop, start + self.times.interval + (place == 0)
            if first >= batch_end:
                overlap.passed.set(batch, self.times.ends(start))
            # The next batch's first pass comes after all that are left of this one.
            left = ceil_div(batch_end - first, self._channels)
            overlap.pauses.none_before = self.times.ends(start + left * self.times.interval)

    def _pause(self, overlap: OverlapModel, batch: int, chosen: int, free: int) -> Waiting[int]:
        """A batch's first pass, for which who passes is chosen in a cycle, pauses updates; the cycle in which it
        begins, from cycle `free` on."""
        assert isinstance(self.learning, OverlappingLearningModel)
        waits = chosen + 1
        overlap.pauses.begin(waits + 1)
        yield waits + 1  # What is still on offer by then has been taken.
        start = max(waits + PAUSED, self.learning.counters.rested, free) + 1
        overlap.pauses.end(self.times.ends(start) + 2)
        overlap.started.set(batch, start)
        overlap.copied.set(batch, self.times.ends(start))
        return start


class GroupsModel:
    """Follows the samples of `activity` from an idle trainer to an idle trainer.

    Attributes:
        cycles, elapsed, busy: what they take, as `Cycles` has it.
    """

    def __init__(self, settings: Settings, activity: Activity, *, learn: bool) -> None:
        clock = Clock()
        self._samples, self._learn = activity.samples, learn
        self._batch = settings.learning.batch if learn else activity.samples + 1
        self._overlaps = overlaps(settings)
        self._sweeps = settings.hardware.renewal == "sweep"
        beats = stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
        self._words = len(beats) * activity.steps
        self._layers: list[_Layer | CellModel] = []
        for shape in settings.shapes:
            below = self._layers[-1] if self._layers else None
            self._layers.append(
                CellModel(clock, settings, activity, beats)
                if shape.steps is not None
                else _Layer(clock, settings, activity, shape.index, beats, below, self._batch)
            )
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
        logits = settings.classifier_shapes[layer - self._first]
        return ClassifierModel(
            clock,
            logits,
            shape.all_beats(),
            shape.samples,
            activity.teaching(layer).tolist(),
            decisions(logits) + above * AHEAD,
        )

    def _start(self, clock: Clock) -> None:
        predicted = Times(clock)
        for index, layer in enumerate(self._layers):
            takers = [upper.inputs for upper in self._layers[index + 1 : index + 2] if isinstance(upper, _Layer)]
            takers += [self._classifiers[index - self._first].inputs] if index >= self._first else []
            layer.start(clock, takers, learn=self._learn)
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
        free, first = 0, self._layers[0]
        arrived: list[int] = []  # for each sample, the cycle of its last word
        for number in range(self._samples):
            last = yield from first.admit(number, free)
            batch, place = divmod(number, self._batch)
            for layer in self._layers:
                if layer.overlap and place == 0:
                    layer.overlap.begins.set(batch, last - self._words + 1)
            free = last + 1
            arrived.append(last)
            if place == self._batch - 1:
                free = (yield from self._end_batch(number, last + 2)) + 1
                self._ending += free - (last + 2)
                self._spans.append((last + 1, free))
        for number, last in enumerate(arrived):
            self._spans.append((last + 1, (yield from self._done(number))))
        self.elapsed = max([free, *(after for _, after in self._spans)])

    def _end_batch(self, number: int, earliest: int) -> Waiting[int]:
        """The cycle in which a batch ends with a sample, from cycle `earliest` on."""
        if self._overlaps:
            for layer in self._layers:
                assert isinstance(layer, _Layer) and layer.overlap
                earliest = max(earliest, (yield from layer.overlap.forward(number // self._batch)) + CROSSED)
            return earliest
        end = max(earliest, (yield from self._done(number)), *map(self._settled, self._layers))
        for layer in self._layers if self._sweeps else ():
            layer.learning.counters.swapped(end)
        return end

    def _done(self, number: int) -> Waiting[int]:
        """The cycle from which the sequencer knows that all layers are done with a sample."""
        cycle = NEVER
        for layer in self._layers:
            cycle = max(cycle, (yield from layer.learning.done.of(number)) + 1)
        return cycle

    @staticmethod
    def _settled(layer: _Layer | CellModel) -> int:
        """The cycle from which the sequencer knows, at a batch's end, that nothing is on its way to a live plane."""
        layer.learning.counters.end_batch()
        return layer.learning.counters.settled + 1

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
            busy[f"winner_{index}"] = layer.learning.searching
            busy[f"update_{index}"] = layer.learning.counters.updating
            busy[f"reinforce_{index}"] = layer.learning.counters.reinforcing
            if layer.credit is not None:
                busy[f"credit_{index}"] = layer.credit.passing
        busy["batch_end"] = self._ending
        return busy
