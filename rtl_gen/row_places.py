"""Where a row begins: in the counter memory, and in the visible plane."""

from itertools import pairwise

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import delay
from bephw.rtl_gen.constant_product import product_latency, product_stages
from bephw.rtl_gen.layouts import row_layout
from bephw.shape import LayerShape

__all__ = ["RowPlaces", "job_layout", "placed_layout"]


def job_layout(shape: LayerShape) -> data.StructLayout:
    """Something to do: a row to update or, with `refresh`, only to show (`present`); then, at a sample's `end`, its
    reinforcement if there are `events`."""
    return data.StructLayout(
        {"present": 1, "refresh": 1, "end": 1, "events": 1, "desired": 1, "row": row_layout(shape)}
    )


def placed_layout(shape: LayerShape) -> data.StructLayout:
    """A job with the first counter word of its row, and the row's first word in its plane bank."""
    return data.StructLayout(
        {"job": job_layout(shape), "word": range(shape.counter_words), "plane": range(shape.groups * shape.words)}
    )


class RowPlaces(wiring.Component):
    """Multiplies a row's numbers out: one job a cycle. `busy` while one is on its way.

    `latency` cycles from a job's being taken to its being `placed`. `jobs.ready` is a register: it does
    not depend on `placed.ready` in the same cycle.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        self._factors = (shape.rows * shape.row_chunks, shape.row_chunks, shape.words)
        self._products = max(map(product_latency, self._factors))
        self.latency = self._products + 1
        super().__init__(
            {
                "jobs": In(stream.Signature(job_layout(shape))),
                "placed": Out(stream.Signature(placed_layout(shape))),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        result, valid = Signal(placed_layout(self._shape)), [self.jobs.valid]
        for stage in range(self.latency):
            valid.append(Signal(name=f"valid_{stage}"))
        # Nothing squeezes bubbles out: all stages move together, as long as there is room behind them.
        spare, spare_used = Signal.like(result), Signal()
        ready = Signal(init=1)  # as `room`, which goes to many places
        room = ~spare_used
        with m.If(room):
            m.d.sync += [later.eq(earlier) for earlier, later in pairwise(valid)]
        self._multiply(m, result, room)
        with m.If(self.placed.ready):
            m.d.sync += [spare_used.eq(0), ready.eq(1)]
        with m.Elif(room):
            m.d.sync += [spare.eq(result), spare_used.eq(valid[-1]), ready.eq(~valid[-1])]
        m.d.comb += [
            self.jobs.ready.eq(ready),
            self.placed.valid.eq(spare_used | valid[-1]),
            self.placed.payload.eq(Mux(spare_used, spare, result)),
            self.busy.eq(Cat(valid[1:], spare_used).any()),
        ]
        return m

    def _multiply(self, m, result, enable):
        job, latency = self.jobs.payload, self._products
        values = (job.row.group, job.row.bank, job.row.group)
        group_word, bank_word, plane = (
            delay(m, product_stages(m, value, factor, enable), latency - product_latency(factor), enable)
            for value, factor in zip(values, self._factors, strict=True)
        )
        with m.If(enable):
            m.d.sync += [
                result.word.eq(group_word + bank_word),
                result.plane.eq(plane),
                result.job.eq(delay(m, job, latency, enable)),
            ]
