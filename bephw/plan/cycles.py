"""The cycle model: when every part of a trainer is done with every sample, without simulating it.

Samples pass all parts in order, and nothing depends on a later sample, but in a cell's array (turns.py). So each
sample's times follow from its own and from those of earlier ones, part by part (max and plus only); the latencies are
those that the parts in `rtl_gen` state. Streams are never kept waiting from outside.
"""

from __future__ import annotations

from dataclasses import dataclass

from bephw.plan.activity import Activity
from bephw.plan.cell import CellModel
from bephw.plan.counters import CountersModel
from bephw.plan.lessons import CreditModel, TeacherModel
from bephw.plan.passes import ACTIVATED, GIVEN_BACK, ForwardModel, past
from bephw.plan.pipeline import NEVER
from bephw.plan.search import BufferModel, SearchModel
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
        self._words = len(beats)
        self.forward = ForwardModel(shape, beats, wires=settings.hardware.wire_registers)
        self.counters = CountersModel(shape, single_port=settings.single_ports[index])
        self.search = SearchModel(shape, settings.gamma[index], self.counters)
        self.lesson = BufferModel()
        self.credit = CreditModel(shape) if index else None
        self.winners = activity.winners[index].tolist()
        self.events = activity.event_words(index, shape.row_chunks, shape.update_columns)
        self.longest = activity.longest_lists(index, shape.rows).tolist() if index else []
        self.consumed, self.updated, self.passed_on = past(slots), past(slots), past(slots)
        self.ahead, self.steps = 1, self.forward.steps

    @property
    def room(self) -> int:
        """First cycle in which the next sample may start towards this layer."""
        return max(self.forward.room, max(self.updated[0], self.passed_on[0]) + GIVEN_BACK)

    def arrive(self, last: int) -> None:
        """The last beat of the next sample comes in cycle `last`."""
        self.forward.arrive(last)

    def admit(self, free: int) -> int:
        """The next sample comes in from outside, from cycle `free` on; the cycle of its last word."""
        last = max(free, self.room) + self._words - 1
        self.arrive(last)
        return last

    def pass_up(self, room: int) -> int:
        """The next sample's forward pass, for which there is room above from a cycle on; the cycle of its last
        outputs."""
        start = self.forward.start(max(room, self.consumed[0] + GIVEN_BACK))
        return self.forward.drained(start) + ACTIVATED

    def learn(self, number: int, taken: int, *, teach: bool, learn: bool) -> None:
        """A lesson's last beat was taken in cycle `taken`: winners and updates."""
        self.search.take(
            self.lesson.complete(taken),
            NEVER if self.credit is None else self.credit.list_free,
            self.winners[number],
            teach=teach,
            learn=learn,
            events=self.events[number],
        )
        self.lesson.consumed = self.search.consumed
        self.consumed.append(self.search.consumed)
        self.updated.append(self.counters.inputs_done)

    def propagate(self, number: int, below_free: int, *, teach: bool) -> int:
        """The lesson for the layer below, which is free from a cycle on; the cycle of its last beat."""
        assert self.credit is not None
        self.credit.take(self.search.closed, below_free, self.longest[number], teach=teach)
        self.passed_on.append(self.credit.inputs_done)
        return self.credit.complete


class _Trainer:
    def __init__(self, settings: Settings, activity: Activity, learn: bool) -> None:
        self._settings = settings
        self._activity = activity
        self._learn = learn
        self._sweeps = settings.hardware.renewal == "sweep"
        beats = stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
        self._words = len(beats) * activity.steps
        self._first = CellModel(settings, activity, beats) if settings.recurrent else _Layer(settings, activity, 0)
        self._upper = [_Layer(settings, activity, index) for index in range(1, settings.network.layers)]
        self._layers = [self._first, *self._upper]
        shape = settings.classifier_shape
        self._classifier = ForwardModel(shape, _beats(settings, settings.network.layers), scan=1)
        self._teacher = TeacherModel(shape)
        self._decided, self._predicted = past(DECISIONS), past(DECISIONS)

    def run(self) -> Cycles:
        taught = self._activity.taught.tolist()
        batch = self._settings.learning.batch if self._learn else len(taught) + 1
        free, idle_from, cycles, ending = 0, 1, 0, 0
        arrived: list[int] = []  # for each sample, the cycle of its last word
        for number, teach in enumerate(taught):
            # All that may come in before this sample is done with the first layer: no more than this batch.
            while len(arrived) < min(number + self._first.ahead, len(taught), (number // batch + 1) * batch):
                arrived.append(self._first.admit(free))
                free = arrived[-1] + 1
            last = arrived[number]
            # The trainer was idle until this sample's last word was taken, unless another was still under way.
            begun = max(last + 1, idle_from)
            self._upward()
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
    def _settled(layer: _Layer | CellModel) -> int:
        """The cycle from which the sequencer knows, at a batch's end, that nothing is on its way to a live plane."""
        layer.counters.end_batch()
        return layer.counters.settled + 1

    def _upward(self) -> None:
        """The forward passes and the prediction of the next sample that has come in."""
        above: list[_Layer | ForwardModel] = [*self._upper, self._classifier]
        for layer, taker in zip(self._layers, above, strict=True):
            taker.arrive(layer.pass_up(taker.room))
        start = self._classifier.start(max(self._decided[0], self._predicted[0]) + GIVEN_BACK)
        self._known = self._classifier.drained(start) + COMPARED + QUEUED
        self._predicted.append(self._known)

    def _downward(self, number: int, teach: bool) -> None:
        """A sample's lessons, winners and updates."""
        self._teacher.take(self._known, self._layers[-1].lesson.shown, teach=teach)
        self._decided.append(self._teacher.decided)
        complete = self._teacher.complete
        for layer, below in zip(reversed(self._upper), reversed(self._layers[:-1]), strict=True):
            layer.learn(number, complete, teach=teach, learn=self._learn)
            complete = layer.propagate(number, below.lesson.shown, teach=teach)
        self._first.learn(number, complete, teach=teach, learn=self._learn)

    def _busy(self, samples: int, ending: int) -> dict[str, int]:
        settings, layers = self._settings, self._layers
        classifier = settings.classifier_shape
        busy = {"stream": samples * self._words}
        for index, layer in enumerate(layers):
            busy[f"forward_{index}"] = samples * layer.steps
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
