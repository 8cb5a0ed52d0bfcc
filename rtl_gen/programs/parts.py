"""The parts that programs are made of, with what `settings` and `state` say of each."""

from collections.abc import Sequence

from bephw.rtl_gen.classifier.unit import Classifier
from bephw.rtl_gen.layer import Layer
from bephw.rtl_gen.learning_layer import LayerParameters, LearningLayer
from bephw.rtl_gen.registers.map import margin_width
from bephw.rtl_gen.samples.input_queue import banks
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.rtl_gen.weights.counter_words import counter_words
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Parts", "capacity", "overlaps"]

DEFAULT_SEED = 0x9E3779B9  # any nonzero word; software normally sets its own


def overlaps(settings: Settings) -> bool:
    """Whether a batch begins before the one before it is done: with a lag it can, but for the steps of a cell."""
    return settings.learning.lag == 1 and not settings.recurrent


def capacity(settings: Settings) -> int:
    """How many samples may be in a trainer."""
    return (len(settings.classifier_shapes) + 1) * settings.hardware.slots + 4


class Parts:
    """Makes the layers and classifiers of a network. `state`, if given, is what their memories begin with."""

    def __init__(self, settings: Settings, state: NetworkState | None) -> None:
        self._settings = settings
        self._state = state

    def seed(self, index: int) -> int:
        """The generator of layer `index` at reset."""
        if self._state is not None:
            return int(self._state.generators[index])
        return (self._settings.learning.generators or (DEFAULT_SEED,) * self._settings.network.layers)[index]

    def accumulator(self, index: int) -> int:
        """The accumulator of layer `index` at reset."""
        return 0 if self._state is None else int(self._state.accumulators[index])

    def layers(self, first: type[LearningLayer]) -> list[LearningLayer]:
        """All layers; `first` is the kind of the first."""
        settings = self._settings
        sources = (1, *(shape.samples for shape in settings.shapes))
        arriving = [
            stream_beats(settings.network.sizes[0], settings.hardware.stream_width),
            *(shape.all_beats() for shape in settings.shapes[:-1]),
        ]
        return [
            self.layer(
                shape.index,
                beats,
                sources=sources[shape.index],
                lesson_width=teacher.columns,
                teachers=teacher.samples,
                kind=Layer if shape.index else first,
            )
            for shape, beats, teacher in zip(settings.shapes, arriving, settings.teachers, strict=True)
        ]

    def layer(
        self,
        index: int,
        beats: Sequence[range],
        *,
        lesson_width: int,
        sources: int = 1,
        teachers: int = 1,
        kind: type[LearningLayer] = Layer,
    ) -> LearningLayer:
        """Layer `index`, whose inputs, or a step of them, arrive by `sources` channels, divided into `beats`, and its
        lessons by `teachers`, in beats of `lesson_width`."""
        return kind(self._parameters(index, beats, sources, lesson_width, teachers))

    def _parameters(
        self, index: int, beats: Sequence[range], sources: int, lesson_width: int, teachers: int
    ) -> LayerParameters:
        settings, state = self._settings, self._state
        shape, single_port = settings.shapes[index], settings.single_ports[index]
        initial = state is not None and not single_port
        return LayerParameters(
            shape=shape,
            beats=beats,
            sources=sources,
            lesson_width=lesson_width,
            teachers=teachers,
            classes=settings.network.classes,
            gamma=settings.gamma[index],
            bits=settings.learning.bits,
            keep=settings.learning.tie == "keep",
            propagates=shape in settings.gated_shapes,
            slots=settings.hardware.slots,
            block=settings.hardware.sample_memory == "block",
            seed=self.seed(index),
            accumulator=self.accumulator(index),
            counters=counter_words(state.counters[index], shape, settings.learning.bits) if initial else (),
            single_port=single_port,
            wires=settings.hardware.wire_registers,
            sweeps=settings.hardware.renewal == "sweep",
            lag=settings.learning.lag == 1,
            overlaps=overlaps(settings),
            capacity=capacity(settings),
            thresholds=state.thresholds[index].tolist() if state is not None and state.thresholds else None,
        )

    def classifiers(self) -> list[Classifier]:
        """The classifiers of the last layers, as many as there are, each of the activations of its own layer."""
        settings, state = self._settings, self._state
        shapes, learning = settings.classifier_shapes, settings.shapes[-len(settings.classifier_shapes) :]
        prototypes = [None] * len(shapes) if state is None else state.all_prototypes
        return [
            Classifier(
                shape,
                layer.all_beats(),
                margin_width(shape),
                rows,
                sources=layer.samples,
                block=settings.hardware.sample_memory == "block",
                above=sum(
                    banks(upper, lower.samples)
                    for lower, upper in zip(learning[index:], learning[index + 1 :], strict=False)
                ),
            )
            for index, (shape, layer, rows) in enumerate(zip(shapes, learning, prototypes, strict=True))
        ]
