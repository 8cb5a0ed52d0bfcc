"""Lists of the rows whose gate is open, so that the backward pass visits no other."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import sum_tree
from bephw.shape import LayerShape

__all__ = ["OpenRows", "open_row_layout"]


def open_row_layout(shape: LayerShape) -> data.StructLayout:
    """An open row: the address of its first plane word, and the bit wanted of its output."""
    return data.StructLayout({"plane": range(shape.groups * shape.words), "desired": 1})


class OpenRows(wiring.Component):
    """A list for each bank, twice: the winner search fills one set while error propagation reads the other.

    `push` appends to bank `push_bank` of the set being filled, if `free`; `close` ends the set, with the sample's
    flags. The oldest closed set is shown while `available`: `counts`, their `total` (a cycle late), `teach` and
    `learn`; `rows` follows `read_index` by a cycle, where `read` is high. `release` gives the set up.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        count = range(shape.groups + 1)
        super().__init__(
            {
                "free": Out(1),
                "push": In(1),
                "push_bank": In(range(shape.rows)),
                "push_row": In(open_row_layout(shape)),
                "close": In(1),
                "close_teach": In(1),
                "close_learn": In(1),
                "available": Out(1),
                "teach": Out(1),
                "learn": Out(1),
                "counts": Out(data.ArrayLayout(count, shape.rows)),
                "total": Out(range(shape.outputs + 1)),
                "read": In(1),
                "read_index": In(range(shape.groups)),
                "rows": Out(data.ArrayLayout(open_row_layout(shape), shape.rows)),
                "release": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        filling, reading, held = Signal(), Signal(), Signal(2)
        index_bits = (shape.groups - 1).bit_length()
        counts = [Signal(self.counts.shape(), name=f"counts_{index}") for index in range(2)]
        teach, learn = Signal(2), Signal(2)

        m.d.comb += [
            self.free.eq(held != 2),
            self.available.eq(held != 0),
            self.counts.eq(Mux(reading, counts[1], counts[0])),
            self.teach.eq(teach.bit_select(reading, 1)),
            self.learn.eq(learn.bit_select(reading, 1)),
        ]
        # `total` is a cycle late; error propagation needs it some cycles after `counts`.
        m.d.sync += self.total.eq(sum_tree([self.counts[bank] for bank in range(shape.rows)]))
        m.d.sync += held.eq(held + self.close - self.release)
        with m.If(self.close):
            m.d.sync += [
                filling.eq(~filling),
                teach.bit_select(filling, 1).eq(self.close_teach),
                learn.bit_select(filling, 1).eq(self.close_learn),
            ]
        with m.If(self.release):
            m.d.sync += reading.eq(~reading)
        for which, own in enumerate(counts):
            with m.If(self.release & (reading == which)):
                m.d.sync += own.eq(0)
        for bank in range(shape.rows):
            memory = Memory(shape=open_row_layout(shape), depth=2 << index_bits, init=[])
            m.submodules[f"bank_{bank}"] = memory
            write, read = memory.write_port(), memory.read_port()
            here = self.push & (self.push_bank == bank)
            fill = Mux(filling, counts[1][bank], counts[0][bank])
            m.d.comb += [
                write.en.eq(here),
                write.addr.eq(Cat(fill[:index_bits], filling)),
                write.data.eq(self.push_row),
                read.en.eq(self.read),
                read.addr.eq(Cat(self.read_index, reading)),
                self.rows[bank].eq(read.data),
            ]
            for which, own in enumerate(counts):
                with m.If(here & (filling == which)):
                    m.d.sync += own[bank].eq(own[bank] + 1)
        return m
