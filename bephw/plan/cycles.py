"""The cycle model: when every part of a trainer is done with every sample, without simulating it.

Samples pass all parts in order, and nothing depends on a later sample. So each sample's times follow from its own and
from those of earlier ones, part by part (max and plus only); the latencies are those that the parts in `rtl_gen` state.
Streams are never kept waiting from outside.
"""

from __future__ import annotations

from dataclasses import dataclass

from bephw.plan.activity import Activity
from bephw.plan.counters import CountersModel
from bephw.plan.lessons import CreditModel, TeacherModel
from bephw.plan.passes import ACTIVATED, GIVEN_BACK, ForwardModel, past
from bephw.plan.pipeline import NEVER
from bephw.plan.search import SearchModel
from bephw.rtl_gen.classifier.unit import DECISIONS
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings

__all__ = ["Cycles", "predict"]

COMPARED = 4  # cycles from the last logit to the decision
QUEUED = 1  # cycles that a queue of decisions takes


@dataclass(frozen=True)
class Cycles:
    """What a stream of samples takes.

    Attributes:
        samples: how many there were.
        cycles: clock cycles in which a sample was under way or a batch was ending: the trainer's `cycles` register.
        elapsed: from the first word of the first sample to the end of the last one, or of the last batch.
        busy: cycles in which each part was busy, named as the profile registers (`forward_0`, `update_1`, ...), and
            those of the parts that have no register: `stream`, words of the sample stream; `argmax`, logits;
            `lessons`, words of prototypes; `batch_end`, in which no sample may enter.
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
    return _Trainer(settings, activity, learn).run()


class _Layer:
    """All parts of one layer."""

    def __init__(self, settings: Settings, activity: Activity, index: int) -> None:
        shape, slots = settings.shapes[index], settings.hardware.slots
        beats = _beats(settings, index)
        self.forward = ForwardModel(shape, beats, wires=settings.hardware.wire_registers)
        self.counters = CountersModel(shape, single_port=settings.single_ports[index])
        self.search = SearchModel(shape, settings.gamma[index], self.counters)
        self.credit = CreditModel(shape) if index else None
        self.winners = activity.winners[index].tolist()
        self.events = activity.event_words(index, shape.row_chunks, shape.update_columns)
        self.longest = activity.longest_lists(index, shape.rows).tolist() if index else []
        self.consumed, self.updated, self.passed_on = past(slots), past(slots), past(slots)

    @property
    def room(self) -> int:
        """First cycle in which the next sample may start towards this layer."""
        return max(self.forward.room, max(self.updated[0], self.passed_on[0]) + GIVEN_BACK)


class _Trainer:
    def __init__(self, settings: Settings, activity: Activity, learn: bool) -> None:
        self._settings = settings
        self._activity = activity
        self._learn = learn
        self._sweeps = settings.hardware.renewal == "sweep"
        self._words = len(stream_beats(settings.network.sizes[0], settings.hardware.stream_width))
        self._layers = [_Layer(settings, activity, index) for index in range(settings.network.layers)]
        shape = settings.classifier_shape
        self._classifier = ForwardModel(shape, _beats(settings, settings.network.layers), scan=1)
        self._teacher = TeacherModel(shape)
        self._decided, self._predicted = past(DECISIONS), past(DECISIONS)

    def run(self) -> Cycles:
        taught = self._activity.taught.tolist()
        batch = self._settings.learning.batch if self._learn else len(taught) + 1
        free, idle_from, cycles, ending = 0, 1, 0, 0
        first = last = 0
        for number, teach in enumerate(taught):
            first = max(free, self._layers[0].room)
            last = first + self._words - 1
            free = last + 1
            # The trainer was idle until this sample's last word was taken, unless another was still under way.
            begun = max(last + 1, idle_from)
            self._upward(last, teach)
            self._downward(number, teach)
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
        return Cycles(len(taught), cycles, max(idle_from, free), self._busy(len(taught), ending))

    @staticmethod
    def _settled(layer: _Layer) -> int:
        """The cycle from which the sequencer knows, at a batch's end, that nothing is on its way to a live plane."""
        layer.counters.end_batch()
        return layer.counters.settled + 1

    def _upward(self, arrived: int, teach: bool) -> None:
        """A sample's forward passes and its prediction, from the cycle of its last word on."""
        takers = [*self._layers[1:], None]
        for layer, above in zip(self._layers, takers, strict=True):
            layer.forward.arrive(arrived)
            room = self._classifier.room if above is None else above.room
            start = layer.forward.start(max(room, layer.consumed[0] + GIVEN_BACK))
            arrived = layer.forward.drained(start) + ACTIVATED
        self._classifier.arrive(arrived)
        start = self._classifier.start(max(self._decided[0], self._predicted[0]) + GIVEN_BACK)
        self._known = self._classifier.drained(start) + COMPARED + QUEUED
        self._predicted.append(self._known)

    def _downward(self, number: int, teach: bool) -> None:
        """A sample's lessons, winners and updates."""
        top = self._layers[-1]
        self._teacher.take(self._known, top.search.shown, teach=teach)
        self._decided.append(self._teacher.decided)
        complete = self._teacher.complete
        for index in reversed(range(len(self._layers))):
            layer = self._layers[index]
            credit = layer.credit
            layer.search.take(
                complete,
                NEVER if credit is None else credit.list_free,
                layer.winners[number],
                teach=teach,
                learn=self._learn,
                events=layer.events[number],
            )
            layer.consumed.append(layer.search.consumed)
            layer.updated.append(layer.counters.inputs_done)
            if credit is not None:
                below = self._layers[index - 1]
                credit.take(layer.search.closed, below.search.shown, layer.longest[number], teach=teach)
                complete = credit.complete
                layer.passed_on.append(credit.inputs_done)

    def _busy(self, samples: int, ending: int) -> dict[str, int]:
        settings, layers = self._settings, self._layers
        classifier = settings.classifier_shape
        busy = {"stream": samples * self._words}
        for index, layer in enumerate(layers):
            busy[f"forward_{index}"] = samples * layer.forward.steps
        busy[f"forward_{len(layers)}"] = samples * self._classifier.steps
        busy["argmax"] = samples * classifier.outputs
        busy["lessons"] = self._teacher.teaching
        for index, layer in enumerate(layers):
            busy[f"winner_{index}"] = layer.search.searching
            busy[f"update_{index}"] = layer.counters.updating
            busy[f"reinforce_{index}"] = layer.counters.reinforcing
            if layer.credit is not None:
                busy[f"credit_{index}"] = layer.credit.passing
        busy["batch_end"] = ending
        return busy


def _beats(settings: Settings, index: int) -> list[range]:
    """How the inputs of layer `index` (the classifier comes last) arrive."""
    if index:
        return settings.shapes[index - 1].all_beats()
    return stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
