"""The end of a pipeline that never stops."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.streams import prediction_layout
from bephw.shape import ceil_div

__all__ = ["PredictionQueue"]


class PredictionQueue(wiring.Component):
    """Holds the predictions of all samples that were let in: `room` for another one is high while fewer than `places`
    have `entered` whose prediction is not gone, as far as is known after `BEHIND` cycles. So many more places there are
    for samples that enter meanwhile.

    `label` is taken where `present`, and valid `LATENCY` cycles later.
    """

    LATENCY = 2
    ROUND_TRIP = 3  # cycles from a prediction's leaving to the sample that takes its place
    BEHIND = 2  # one for each step of counting: what comes and goes, the number, the comparison

    def __init__(self, classes: int, places: int) -> None:
        self._places = places
        super().__init__(
            {
                "entered": In(1),
                "room": Out(1),
                "present": In(1),
                "label": In(range(classes)),
                "predictions": Out(stream.Signature(prediction_layout(classes))),
            }
        )

    @classmethod
    def places_needed(cls, latency: int, interval: int) -> int:
        """Places for samples that enter every `interval` cycles, never sooner, and whose predictions are valid after
        `latency`."""
        return ceil_div(latency + cls.ROUND_TRIP, interval)

    def elaborate(self, platform):
        m = Module()
        m.submodules.queue = queue = SyncFIFOBuffered(width=len(self.label), depth=self._places + self.BEHIND)
        m.d.comb += [
            queue.w_data.eq(self.label),
            queue.w_en.eq(self.present),
            self.predictions.valid.eq(queue.r_rdy),
            self.predictions.payload.label.eq(queue.r_data),
            queue.r_en.eq(self.predictions.ready),
        ]
        self._count(m, self.predictions.valid & self.predictions.ready)
        return m

    def _count(self, m: Module, gone: Value) -> None:
        """Who is inside, one short step a cycle: the pipeline in front of the queue sets the pace of the clock."""
        changed, fewer = Signal(), Signal()
        inside = Signal(range(self._places + self.BEHIND + 1))
        m.d.sync += [changed.eq(self.entered ^ gone), fewer.eq(gone), self.room.eq(inside < self._places)]
        with m.If(changed):
            m.d.sync += inside.eq(inside + Cat(C(1, 1), fewer.replicate(len(inside) - 1)))
