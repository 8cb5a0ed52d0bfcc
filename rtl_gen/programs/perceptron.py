"""BEP, and CP+R, its case of one layer: a perceptron that learns from the errors of its classifier."""

from amaranth.lib.wiring import connect

from bephw.rtl_gen.classifier.unit import Classifier
from bephw.rtl_gen.layer import Layer
from bephw.rtl_gen.learning_layer import LearningLayer
from bephw.rtl_gen.programs.parts import Parts
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Perceptron", "connect_all"]


def connect_all(m, sources, targets) -> None:
    """Each of the channels `sources` with that of `targets`."""
    for source, target in zip(sources, targets, strict=True):
        connect(m, source, target)


class Perceptron:
    """Activations go up through the layers to one classifier; its lessons come down from layer to layer.

    Attributes:
        layers: what learns, in the order of the settings.
        classifiers: what decides; the last one's predictions are the trainer's.
    """

    FIRST: type[LearningLayer] = Layer  # what the first layer is; all others are a `Layer`

    def __init__(self, settings: Settings, state: NetworkState | None) -> None:
        parts = Parts(settings, state)
        self.layers: list[LearningLayer] = parts.layers(self.FIRST)
        self.classifiers: list[Classifier] = parts.classifiers()

    def connect(self, m, chunks, predictions) -> None:
        """From the sequencer's `chunks`, one channel, up to the trainer's `predictions`, and lessons down."""
        (classifier,) = self.classifiers
        for layer in self.layers:
            connect_all(m, chunks, layer.inputs)
            chunks = layer.outputs
        connect_all(m, chunks, classifier.chunks)
        connect(m, classifier.predictions, predictions)
        lessons = (classifier.lessons,)
        for layer in reversed(self.layers):
            connect_all(m, lessons, layer.lessons)
            lessons = getattr(layer, "below", ())
