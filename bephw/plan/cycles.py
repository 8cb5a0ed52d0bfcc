"""The cycle model: when every part of a trainer is done with every sample, without simulating it.

Samples pass all parts in order, and nothing depends on a later sample, but where several samples pass together, where
they take turns in a cell, and where batches overlap (groups.py). So each sample's times follow from its own and from
those of earlier ones, part by part (max and plus only); the latencies are those that the parts in `rtl_gen` state.
Streams are never kept waiting from outside.
"""

from __future__ import annotations

from dataclasses import dataclass

from bephw.plan.activity import Activity
from bephw.plan.counters import CountersModel
from bephw.plan.groups import GroupsModel
from bephw.plan.lessons import CreditModel, TeacherModel
from bephw.plan.passes import ACTIVATED, GIVEN_BACK, ForwardModel, StreamModel, past
from bephw.plan.pipeline import NEVER
from bephw.plan.search import BufferModel, RegisterModel, SearchModel
from bephw.rtl_gen.backward.lesson_register import LessonRegister
from bephw.rtl_gen.classifier.unit import decided, decisions
from bephw.rtl_gen.registers.map import per_classifier
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.shape import LayerShape

__all__ = ["Cycles", "predict"]


@dataclass(frozen=True)
class Cycles:
    """What a stream of samples takes.

    Attributes:
        samples: how many there were.
        cycles: clock cycles in which a sample was under way or a batch was ending: the trainer's `cycles` register.
        elapsed: from the first word of the first sample to the end of the last one, or of the last batch.
        busy: cycles in which each part was busy, named as the profile registers (`forward_0`, `update_1`, ...), and
            those of the parts that have no register: `stream`, words of the sample stream; `argmax`, logits;
            `lessons`, words of prototypes (`lessons_0` and up where every layer has a classifier); `batch_end`, in
            which no sample may enter.
    """

    samples: int
    cycles: int
    elapsed: int
    busy: dict[str, int]

    @property
    def per_sample(self) -> float:
        """Cycles of the trainer a sample."""
        return self.cycles / max(self.samples, 1)

    def share(self, part: str) -> float:
        """Part of the time in which a part was busy."""
        return self.busy[part] / max(self.cycles, 1)


def predict(settings: Settings, activity: Activity, *, learn: bool = True) -> Cycles:
    """Cycles of the samples that `activity` describes, from an idle trainer to an idle trainer.

    With `learn` off they are classified only (see `Activity.without_learning`), and batches do not count.
    """
    if settings.recurrent or max(settings.samples) > 1 or settings.learning.lag:
        groups = GroupsModel(settings, activity, learn=learn)
        return Cycles(activity.samples, groups.cycles, groups.elapsed, groups.busy)
    return _Trainer(settings, activity, learn).run()


class _Layer:
    """All parts of one layer."""

    def __init__(self, settings: Settings, activity: Activity, index: int) -> None:
        shape, slots = settings.shapes[index], settings.hardware.slots
        beats = _beats(settings, index)
        self.words = len(beats)
        self._stream = StreamModel(self.words)
        self.forward = ForwardModel(shape, beats, wires=settings.hardware.wire_registers, gathers=True)
        self.counters = CountersModel(shape, single_port=settings.single_ports[index])
        self.search = SearchModel(shape, settings.gamma[index], self.counters)
        registers = LessonRegister.suffices(shape, settings.teachers[index].columns, settings.gamma[index])
        self.lesson = RegisterModel() if registers else BufferModel()
        gated = shape in settings.gated_shapes
        self.credit = CreditModel(shape) if gated else None
        self.taught = activity.teaching(index).tolist()
        self.winners = activity.winners[index].tolist()
        self.events = activity.event_words(shape)
        self.longest = activity.longest_lists(index, shape.rows).tolist() if gated else []
        self.consumed, self.updated, self.passed_on = past(slots), past(slots), past(slots)

    @property
    def room(self) -> int:
        """First cycle in which the next sample may start towards this layer."""
        return max(self.forward.room, max(self.updated[0], self.passed_on[0]) + GIVEN_BACK)

    def arrive(self, last: int) -> None:
        """The last beat of the next sample comes in cycle `last`."""
        self.forward.arrive(last)

    def admit(self, free: int) -> int:
        """The next sample comes in from outside, from cycle `free` on; the cycle of its last word."""
        last = self._stream.admit(free, self.room)
        self.arrive(last)
        return last

    def pass_up(self, room: int) -> int:
        """The next sample's forward pass, for which there is room above from a cycle on; the cycle of its last
        outputs."""
        start = self.forward.start(max(room, self.consumed[0] + GIVEN_BACK))
        return self.forward.drained(start) + ACTIVATED

    def learn(self, number: int, taken: int, *, learn: bool) -> None:
        """A lesson's last beat was taken in cycle `taken`: winners and updates."""
        self.search.take(
            self.lesson.complete(taken),
            NEVER if self.credit is None else self.credit.list_free,
            self.winners[number],
            teach=self.taught[number],
            learn=learn,
            events=self.events[number],
        )
        self.lesson.consumed = self.search.consumed
        self.consumed.append(self.search.consumed)
        self.updated.append(self.counters.inputs_done)

    def propagate(self, number: int, below_free: int) -> int:
        """The lesson for the layer below, which is free from a cycle on; the cycle of its last beat."""
        assert self.credit is not None
        self.credit.take(self.search.closed, below_free, self.longest[number], teach=self.taught[number])
        self.passed_on.append(self.credit.inputs_done)
        return self.credit.complete


class _Classifier:
    """A classifier, `above` which there are so many layers."""

    def __init__(self, settings: Settings, shape: LayerShape, layer: int, above: int) -> None:
        self.shape = shape
        self.forward = ForwardModel(shape, settings.shapes[layer].all_beats())
        self.teacher = TeacherModel(shape)
        places = decisions(shape)
        self.decided, self.predicted = past(places), past(places + above * AHEAD)
        self.known = NEVER

    def decide(self, arrived: int) -> None:
        """A sample's last activations came in a cycle."""
        self.forward.arrive(arrived)
        start = self.forward.start(max(self.decided[0], self.predicted[0]) + GIVEN_BACK)
        self.known = self.forward.ends(start) + decided(self.shape)

    def teach(self, below_free: int, *, teach: bool) -> None:
        """The sample's lesson, for a layer that is free for it from a cycle on."""
        self.teacher.take(self.known, below_free, teach=teach)
        self.decided.append(self.teacher.decided)


class _Trainer:
    def __init__(self, settings: Settings, activity: Activity, learn: bool) -> None:
        self._settings = settings
        self._activity = activity
        self._learn = learn
        self._sweeps = settings.hardware.renewal == "sweep"
        self._layers = [_Layer(settings, activity, shape.index) for shape in settings.shapes]
        shapes = settings.classifier_shapes
        first = settings.network.layers - len(shapes)
        self._classifiers = {
            layer: _Classifier(settings, shape, layer, settings.network.layers - 1 - layer)
            for layer, shape in enumerate(shapes, first)
        }

    def run(self) -> Cycles:
        samples = self._activity.samples
        batch = self._settings.learning.batch if self._learn else samples + 1
        free, idle_from, cycles, ending = 0, 1, 0, 0
        for number in range(samples):
            last = self._layers[0].admit(free)
            free = last + 1
            # The trainer was idle until this sample's last word was taken, unless another was still under way.
            begun = max(last + 1, idle_from)
            self._upward()
            self._downward(number)
            done = max(layer.counters.sample_done for layer in self._layers) + 1
            end = max(idle_from, done)
            if (number + 1) % batch == 0:
                end = max(last + 2, done, *map(self._settled, self._layers)) + 1
                for layer in self._layers if self._sweeps else ():
                    layer.counters.swapped(end - 1)
                ending += end - (last + 2)
                free = end
            cycles += max(end - begun, 0)
            idle_from = max(idle_from, end)
        return Cycles(samples, cycles, max(idle_from, free), self._busy(samples, ending))

    @staticmethod
    def _settled(layer: _Layer) -> int:
        """The cycle from which the sequencer knows, at a batch's end, that nothing is on its way to a live plane."""
        layer.counters.end_batch()
        return layer.counters.settled + 1

    def _upward(self) -> None:
        """The forward passes and the prediction of the next sample."""
        for index, layer in enumerate(self._layers):
            above, classifier = self._layers[index + 1 : index + 2], self._classifiers.get(index)
            room = max([taker.room for taker in above] + ([classifier.forward.room] if classifier else []))
            arrived = layer.pass_up(room)
            for taker in above:
                taker.arrive(arrived)
            if classifier:
                classifier.decide(arrived)
        # A prediction is taken when every classifier has decided.
        known = max(classifier.known for classifier in self._classifiers.values())
        for classifier in self._classifiers.values():
            classifier.predicted.append(known)

    def _downward(self, number: int) -> None:
        """A sample's lessons, winners and updates."""
        complete = NEVER
        for index in reversed(range(len(self._layers))):
            layer = self._layers[index]
            if index in self._classifiers:
                classifier = self._classifiers[index]
                classifier.teach(layer.lesson.free, teach=layer.taught[number])
                complete = classifier.teacher.complete
            layer.learn(number, complete, learn=self._learn)
            if layer.credit is not None:
                complete = layer.propagate(number, self._layers[index - 1].lesson.free)

    def _busy(self, samples: int, ending: int) -> dict[str, int]:
        layers = self._layers
        *hidden, last = self._classifiers.items()
        busy = {"stream": samples * layers[0].words}
        for index, layer in enumerate(layers):
            busy[f"forward_{index}"] = samples * layer.forward.steps
        busy[f"forward_{len(layers)}"] = samples * last[1].forward.steps
        for index, classifier in hidden:
            busy[f"classifier_{index}"] = samples * classifier.forward.steps
        busy["argmax"] = samples * last[1].shape.outputs
        names = per_classifier("lessons", len(self._classifiers))
        for name, classifier in zip(names, self._classifiers.values(), strict=True):
            busy[name] = classifier.teacher.teaching
        for index, layer in enumerate(layers):
            busy[f"winner_{index}"] = layer.search.searching
            busy[f"update_{index}"] = layer.counters.updating
            busy[f"reinforce_{index}"] = layer.counters.reinforcing
            if layer.credit is not None:
                busy[f"credit_{index}"] = layer.credit.passing
        busy["batch_end"] = ending
        return busy


def _beats(settings: Settings, index: int) -> list[range]:
    """How the inputs of layer `index` arrive."""
    if index:
        return settings.shapes[index - 1].all_beats()
    return stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
