"""What a sample was to every classifier that was asked about it, in one record."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.classifier.unit import prediction_layout, verdict_layout

__all__ = ["Verdicts"]


class Verdicts(wiring.Component):
    """Joins a sample's verdicts, `hidden_0` and up, and the `last` classifier's prediction.

    All come in sample order. `predictions` has a sample's when all are there, `taught` a bit a classifier, the lowest
    layer's lowest.
    """

    def __init__(self, classes: int, classifiers: int) -> None:
        self._hidden = classifiers - 1
        super().__init__(
            {
                **{f"hidden_{index}": In(stream.Signature(verdict_layout())) for index in range(self._hidden)},
                "last": In(stream.Signature(prediction_layout(classes))),
                "predictions": Out(stream.Signature(prediction_layout(classes, classifiers))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        sources = [*(getattr(self, f"hidden_{index}") for index in range(self._hidden)), self.last]
        m.d.comb += [
            self.predictions.valid.eq(Cat(source.valid for source in sources).all()),
            self.predictions.payload.label.eq(self.last.payload.label),
            self.predictions.payload.taught.eq(Cat(source.payload.taught for source in sources)),
            *(source.ready.eq(self.predictions.valid & self.predictions.ready) for source in sources),
        ]
        return m
