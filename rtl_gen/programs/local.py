"""LBES, the local rule: every layer learns from a classifier of its own, and nothing flows back."""

from amaranth.lib.wiring import connect

from bephw.rtl_gen.classifier.unit import Classifier
from bephw.rtl_gen.classifier.verdicts import Verdicts
from bephw.rtl_gen.layer import Layer
from bephw.rtl_gen.programs.parts import Parts
from bephw.rtl_gen.samples.branch import Branch
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Local"]


class Local:
    """Activations go up through the layers, and from each of them to its classifier, which sends lessons back to it.

    Attributes:
        layers: what learns, in the order of the settings.
        classifiers: what decides, one a layer; the last one's predictions are the trainer's.
    """

    def __init__(self, settings: Settings, state: NetworkState | None) -> None:
        parts = Parts(settings, state)
        self._classes = settings.network.classes
        self.classifiers: list[Classifier] = parts.classifiers()
        self.layers: list[Layer] = [
            parts.layer(
                shape.index,
                stream_beats(shape.inputs, settings.hardware.stream_width) if below is None else below.all_beats(),
                lesson_width=own.columns,
                propagates=False,
            )
            for below, shape, own in zip(
                (None, *settings.shapes[:-1]), settings.shapes, settings.classifier_shapes, strict=True
            )
        ]

    def connect(self, m, chunks, predictions) -> None:
        """From the sequencer's `chunks` up to the trainer's `predictions`, and lessons back from each classifier."""
        *hidden, last = self.classifiers
        for layer, classifier in zip(self.layers, self.classifiers, strict=True):
            connect(m, chunks, layer.inputs)
            chunks = layer.outputs
            if classifier is not last:
                chunks = self._branch(m, chunks, classifier)
        connect(m, chunks, last.chunks)
        decided = last.predictions
        if hidden:
            m.submodules.verdicts = verdicts = Verdicts(self._classes, len(self.classifiers))
            for index, classifier in enumerate(hidden):
                connect(m, classifier.predictions, getattr(verdicts, f"hidden_{index}"))
            connect(m, last.predictions, verdicts.last)
            decided = verdicts.predictions
        connect(m, decided, predictions)
        for layer, classifier in zip(self.layers, self.classifiers, strict=True):
            connect(m, classifier.lessons, layer.lessons)

    def _branch(self, m, chunks, classifier):
        """`chunks`, which go to `classifier`, for the next layer."""
        branch = Branch(chunks.payload.shape())
        m.submodules += branch
        connect(m, chunks, branch.chunks)
        connect(m, branch.branch_1, classifier.chunks)
        return branch.branch_0
