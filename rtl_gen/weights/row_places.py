"""Where a row begins: in the counter memory, and in the visible plane."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay
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
    """Multiplies a row's numbers out: a pipeline, which moves whenever its last place is free.

    `latency(shape)` cycles from a job's being taken to its being `placed`, where nothing waits. Throughput: a job a
    cycle. `busy` while there is any.
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
        return _multiplying(shape) + 2

    def elaborate(self, platform):
        m = Module()
        moves, valid = Signal(), Signal(self.latency(self._shape))
        with m.If(moves):
            m.d.sync += valid.eq(Cat(self.jobs.valid, valid))
        m.d.comb += [
            moves.eq(~valid[-1] | self.placed.ready),
            self.jobs.ready.eq(moves),
            self.placed.valid.eq(valid[-1]),
            self.busy.eq(valid.any()),
        ]
        job, result = delay(m, self.jobs.payload, 1, moves, reset_less=True), self.placed.payload
        values, latency = (job.row.group, job.row.bank, job.row.group), _multiplying(self._shape)
        group_word, bank_word, plane = (
            delay(m, product_stages(m, value, factor, moves), latency - product_latency(factor), moves)
            for value, factor in zip(values, _factors(self._shape), strict=True)
        )
        m.d.comb += [
            result.job.eq(delay(m, job, latency + 1, moves, reset_less=True)),
            result.plane.eq(delay(m, plane, 1, moves)),
        ]
        word = Signal.like(result.word)
        with m.If(moves):
            m.d.sync += word.eq(group_word + bank_word)
        m.d.comb += result.word.eq(word)
        return m


def _multiplying(shape: LayerShape) -> int:
    return max(map(product_latency, _factors(shape)))


def _factors(shape: LayerShape) -> tuple[int, int, int]:
    """Counter words of a row group and of a row; plane words of a row."""
    return shape.rows * shape.row_chunks, shape.row_chunks, shape.words
