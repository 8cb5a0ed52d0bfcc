"""LBES, the local rule: every layer learns from a classifier of its own, and nothing flows back."""

from amaranth.lib.wiring import connect

from bephw.rtl_gen.classifier.verdicts import Verdicts
from bephw.rtl_gen.programs.perceptron import Perceptron, connect_all
from bephw.rtl_gen.samples.branch import Branch

__all__ = ["Local"]


class Local(Perceptron):
    """Activations go up as in a perceptron, and from each layer to its own classifier, which sends lessons back to it.

    Whether a sample taught is told for each layer, beside the last classifier's prediction.
    """

    def connect(self, m, chunks, predictions) -> None:
        """From the sequencer's `chunks` up to the trainer's `predictions`, and lessons back from each classifier."""
        *hidden, last = self.classifiers
        for layer, classifier in zip(self.layers, self.classifiers, strict=True):
            connect_all(m, chunks, layer.inputs)
            chunks = layer.outputs if classifier is last else self._branch(m, layer.outputs, classifier)
        connect_all(m, chunks, last.chunks)
        connect(m, self._joined(m, hidden, last) if hidden else last.predictions, predictions)
        for layer, classifier in zip(self.layers, self.classifiers, strict=True):
            connect_all(m, (classifier.lessons,), layer.lessons)

    def _branch(self, m, chunks, classifier):
        """`chunks`, which go to `classifier`, for the next layer, channel by channel."""
        branches = [Branch(channel.payload.shape()) for channel in chunks]
        m.submodules += branches
        connect_all(m, chunks, [branch.chunks for branch in branches])
        connect_all(m, [branch.branch_1 for branch in branches], classifier.chunks)
        return [branch.branch_0 for branch in branches]

    def _joined(self, m, hidden, last):
        """The `last` classifier's predictions, with what samples were to the `hidden` layers' ones."""
        m.submodules.verdicts = verdicts = Verdicts(last.classes, len(self.classifiers))
        for index, classifier in enumerate(hidden):
            connect(m, classifier.predictions, getattr(verdicts, f"hidden_{index}"))
        connect(m, last.predictions, verdicts.last)
        return verdicts.predictions
