"""Lists of the rows whose gate is open, so that the backward pass visits no other."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.compact.layouts import row_layout
from bephw.rtl_gen.storage import block_memory
from bephw.shape import LayerShape

__all__ = ["OpenRows", "open_row_layout"]


def open_row_layout(shape: LayerShape) -> data.StructLayout:
    """An open row of a bank: the address of its first plane word, and the bit wanted of its output."""
    return data.StructLayout({"plane": range(shape.groups * shape.words), "desired": 1})


class OpenRows(wiring.Component):
    """A list for each bank, twice: the winner search fills one set while error propagation reads the other.

    `push` appends `push_row` to its bank's list in the set being filled, if `free`; `close` ends the set, with the
    sample's flags. The oldest closed set is shown while `available`: `counts`, `teach` and `learn`; `rows` follows
    `read_index` by a cycle, where `read` is high. `release` gives the set up.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        count = range(shape.groups + 1)
        super().__init__(
            {
                "free": Out(1),
                "push": In(1),
                "push_row": In(row_layout(shape)),
                "push_desired": In(1),
                "close": In(1),
                "close_teach": In(1),
                "close_learn": In(1),
                "available": Out(1),
                "teach": Out(1),
                "learn": Out(1),
                "counts": Out(data.ArrayLayout(count, shape.rows)),
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
            memory = block_memory(open_row_layout(shape), 2 << index_bits)
            m.submodules[f"bank_{bank}"] = memory
            write, read = memory.write_port(), memory.read_port()
            here = self.push & (self.push_row.bank == bank)
            fill = Mux(filling, counts[1][bank], counts[0][bank])
            m.d.comb += [
                write.en.eq(here),
                write.addr.eq(Cat(fill[:index_bits], filling)),
                write.data.plane.eq(self.push_row.group * shape.words),
                write.data.desired.eq(self.push_desired),
                read.en.eq(self.read),
                read.addr.eq(Cat(self.read_index, reading)),
                self.rows[bank].eq(read.data),
            ]
            for which, own in enumerate(counts):
                with m.If(here & (filling == which)):
                    m.d.sync += own[bank].eq(own[bank] + 1)
        return m
