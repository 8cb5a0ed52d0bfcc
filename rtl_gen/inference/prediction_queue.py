"""The end of a pipeline that never stops."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.streams import prediction_layout
from bephw.rtl_gen.parts.arithmetic import places_left
from bephw.shape import ceil_div

__all__ = ["PredictionQueue"]


class PredictionQueue(wiring.Component):
    """Holds the predictions of all samples that were let in, `places` at most: `room` for another one is high while
    fewer have `entered` than there are places, less those whose prediction is gone.

    `label` is taken where `present`, and valid `LATENCY` cycles later.
    """

    LATENCY = 2
    ROUND_TRIP = 2  # cycles from a prediction's leaving to the sample that takes its place

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
        return max(2, ceil_div(latency + cls.ROUND_TRIP, interval))  # a queue of one has another latency

    def elaborate(self, platform):
        m = Module()
        m.submodules.queue = queue = SyncFIFOBuffered(width=len(self.label), depth=self._places)
        gone = Signal()
        m.d.comb += [
            queue.w_data.eq(self.label),
            queue.w_en.eq(self.present),
            self.predictions.valid.eq(queue.r_rdy),
            self.predictions.payload.label.eq(queue.r_data),
            queue.r_en.eq(self.predictions.ready),
            gone.eq(self.predictions.valid & self.predictions.ready),
            self.room.eq(places_left(m, self._places, self.entered, gone)),
        ]
        return m
