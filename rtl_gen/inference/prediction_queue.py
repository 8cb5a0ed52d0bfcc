"""The end of a pipeline that never stops."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.streams import prediction_layout
from bephw.rtl_gen.parts.storage import block_memory
from bephw.shape import ceil_div

__all__ = ["PredictionQueue"]


class PredictionQueue(wiring.Component):
    """Holds the predictions of all samples that were let in: `room` for another one is high while fewer than `places`
    have `entered` whose prediction is not gone, as far as is known after `BEHIND` cycles. So many more places there are
    for samples that enter meanwhile.

    `label` is taken where `present`, and valid `LATENCY` cycles later. The clock is that of the pipeline in front, so
    there is nowhere more than an addition between two registers.
    """

    LATENCY = 2
    ROUND_TRIP = 3  # cycles from a prediction's leaving to the sample that takes its place
    BEHIND = 2  # what comes and goes is known a cycle later, their number in the next, whether there is room in a third

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
        self._admit(m)
        some, read = Signal(), Signal()
        m.d.comb += [
            some.eq(self._kept(m, read)),
            read.eq(some & (~self.predictions.valid | self.predictions.ready)),
            self.predictions.payload.label.eq(self._memory(m, read)),
        ]
        with m.If(~self.predictions.valid | self.predictions.ready):
            m.d.sync += self.predictions.valid.eq(some)
        return m

    def _admit(self, m: Module) -> None:
        """Counts who is inside, pipeline and queue."""
        inside = Signal(range(self._places + self.BEHIND + 1))
        gone, changed, fewer = Signal(), Signal(), Signal()
        m.d.comb += gone.eq(self.predictions.valid & self.predictions.ready)
        m.d.sync += [changed.eq(self.entered ^ gone), fewer.eq(gone), self.room.eq(inside < self._places)]
        with m.If(changed):
            m.d.sync += inside.eq(inside + Cat(C(1, 1), fewer.replicate(len(inside) - 1)))

    def _kept(self, m: Module, read: Signal) -> Value:
        """Whether there are labels in the memory: as many low bits of a register are 1 as there are labels, which is
        faster than a number."""
        kept = Signal(self._places + self.BEHIND)
        with m.If(self.present ^ read):
            m.d.sync += kept.eq(Mux(read, kept >> 1, Cat(C(1, 1), kept)))
        return kept[0]

    def _memory(self, m: Module, read: Signal) -> Value:
        """The label that was read last. A label is read a cycle after it was written at the earliest."""
        index_bits = (self._places + self.BEHIND - 1).bit_length()
        m.submodules.memory = memory = block_memory(len(self.label), 1 << index_bits)
        write_port, read_port = memory.write_port(), memory.read_port()
        m.d.comb += [write_port.en.eq(self.present), write_port.data.eq(self.label), read_port.en.eq(read)]
        for port in (write_port, read_port):
            with m.If(port.en):
                m.d.sync += port.addr.eq(port.addr + 1)
        return read_port.data
