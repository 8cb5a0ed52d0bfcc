"""Where a row begins: in the counter memory, and in the visible plane."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.constant_product import product_latency, product_stages
from bephw.rtl_gen.parts.layouts import row_layout, step_field
from bephw.shape import LayerShape

__all__ = ["RowPlaces", "job_layout", "placed_layout"]


def job_layout(shape: LayerShape) -> data.StructLayout:
    """Something to do: a row to update or, with `refresh`, only to show (`present`); the `end` of a sample's updates.
    `learn`: a sample's reinforcement follows its end."""
    return data.StructLayout(
        {
            "present": 1,
            "refresh": 1,
            "end": 1,
            "learn": 1,
            "desired": 1,
            "row": row_layout(shape),
            **step_field(shape),
        }
    )


def placed_layout(shape: LayerShape) -> data.StructLayout:
    """A job with the first counter word of its row, and the row's first word in its plane bank."""
    return data.StructLayout(
        {"job": job_layout(shape), "word": range(shape.counter_words), "plane": range(shape.groups * shape.words)}
    )


class RowPlaces(wiring.Component):
    """Multiplies a row's numbers out. One job at a time stays here until it is taken: a row's updates take longer.

    `latency(shape)` cycles from a job's being taken to its being `placed`; the next one may be taken a cycle after that
    has been taken. `busy` while there is one.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "jobs": In(stream.Signature(job_layout(shape))),
                "placed": Out(stream.Signature(placed_layout(shape))),
                "busy": Out(1),
            }
        )

    @staticmethod
    def latency(shape: LayerShape) -> int:
        """Cycles: a register, products, a sum."""
        return max(map(product_latency, _factors(shape))) + 2

    def elaborate(self, platform):
        m = Module()
        job, result = self.placed.payload.job, self.placed.payload
        calculated = Signal(self.latency(self._shape) - 1)
        kept = Signal.like(job)
        m.d.comb += [
            self.jobs.ready.eq(~self.busy),
            self.placed.valid.eq(self.busy & calculated[-1]),
            job.eq(kept),
        ]
        with m.If(~self.busy):
            m.d.sync += [kept.eq(self.jobs.payload), self.busy.eq(self.jobs.valid), calculated.eq(0)]
        with m.Else():
            m.d.sync += [calculated.eq(Cat(1, calculated)), self.busy.eq(~(self.placed.valid & self.placed.ready))]

        # While the job stays the same, so do the products, once they are there.
        values = (job.row.group, job.row.bank, job.row.group)
        group_word, bank_word, plane = (
            product_stages(m, value, factor, C(1)) for value, factor in zip(values, _factors(self._shape), strict=True)
        )
        word = Signal.like(result.word)
        m.d.sync += word.eq(group_word + bank_word)
        m.d.comb += [result.word.eq(word), result.plane.eq(plane)]
        return m


def _factors(shape: LayerShape) -> tuple[int, int, int]:
    """Counter words of a row group and of a row; plane words of a row."""
    return shape.rows * shape.row_chunks, shape.row_chunks, shape.words
