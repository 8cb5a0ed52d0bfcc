"""BEP-TT: a recurrent cell, layers after its last step, and a classifier."""

from amaranth.lib.wiring import connect

from bephw.rtl_gen.classifier.unit import Classifier
from bephw.rtl_gen.layer import Layer
from bephw.rtl_gen.programs.parts import Parts
from bephw.rtl_gen.recurrent.cell import Cell
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Recurrent"]


class Recurrent:
    """The cell takes steps and passes on what the last one gives; from there on it is a perceptron, all of whose layers
    send lessons down. The cell goes on by itself, from step to step.

    Attributes:
        layers: what learns, in the order of the settings, the cell first.
        classifiers: what decides; the last one's predictions are the trainer's.
    """

    def __init__(self, settings: Settings, state: NetworkState | None) -> None:
        parts = Parts(settings, state)
        shapes = (*settings.shapes, settings.classifier_shape)
        steps = stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
        self.layers: list[Cell | Layer] = [
            parts.cell(steps, lesson_width=shapes[1].columns),
            *(
                parts.layer(index, below.all_beats(), lesson_width=above.columns, propagates=True)
                for index, (below, above) in enumerate(zip(shapes, shapes[2:], strict=False), 1)
            ),
        ]
        self.classifiers: list[Classifier] = parts.classifiers()

    def connect(self, m, chunks, predictions) -> None:
        """From the sequencer's `chunks` up to the trainer's `predictions`, and lessons down to the cell."""
        (classifier,) = self.classifiers
        for layer in self.layers:
            connect(m, chunks, layer.inputs)
            chunks = layer.outputs
        connect(m, chunks, classifier.chunks)
        connect(m, classifier.predictions, predictions)
        lessons = classifier.lessons
        for layer in reversed(self.layers):
            connect(m, lessons, layer.lessons)
            lessons = getattr(layer, "below", None)
