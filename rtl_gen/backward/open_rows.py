"""Lists of the rows whose gate is open, so that the backward pass visits no other."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.backward.two_sets import TwoSets
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.constant_product import product
from bephw.rtl_gen.parts.layouts import row_layout, step_layout
from bephw.rtl_gen.parts.storage import LUT_RAM_BITS, RamForm, block_memory
from bephw.shape import LayerShape

__all__ = ["OpenRows", "open_row_layout"]


def open_row_layout(shape: LayerShape) -> data.StructLayout:
    """An open row of a bank: the address of its first plane word, and the bit wanted of its output."""
    return data.StructLayout({"plane": range(shape.groups * shape.words), "desired": 1})


class OpenRows(wiring.Component):
    """A list for each bank, twice: the winner search fills one set while error propagation reads the other.

    `start` takes a set, if `free`, for a sample that is to come; sets are filled in that order. `push` marks positions
    of a slice of `shape.slices(gamma)`, position p being the row p banks after `push_row`: they go to the end of their
    banks' lists. `close`, with the last push or after it, ends the set, with the sample's flags; the next cycle's push
    is the next sample's. The oldest closed set is shown while `available`: `counts`, whether their sum is `odd`,
    `teach` and `learn`; `rows` follows `read_index` by a cycle, where `read` is high. `release` gives the set up.

    Latency: 2 cycles from `close` to `available`. A set that waits is shown in the cycle after `release`.
    """

    def __init__(self, shape: LayerShape, gamma: int, *, block: bool = True) -> None:
        self._shape = shape
        self._block = block
        self._gamma = gamma
        width = shape.slice_width(gamma)
        super().__init__(
            {
                "free": Out(1, init=1),
                "start": In(1),
                "push": In(width),
                "push_row": In(row_layout(shape)),
                "push_desired": In(width),
                "close": In(1),
                "close_teach": In(1),
                "close_learn": In(1),
                **({} if shape.steps is None else {"close_at": In(step_layout(shape)), "at": Out(step_layout(shape))}),
                "available": Out(1),
                "teach": Out(1),
                "learn": Out(1),
                "counts": Out(data.ArrayLayout(range(shape.groups + 1), shape.rows)),
                "odd": Out(1),
                "read": In(1),
                "read_index": In(range(shape.groups)),
                "rows": Out(data.ArrayLayout(open_row_layout(shape), shape.rows)),
                "release": In(1),
            }
        )

    @staticmethod
    def ram(shape: LayerShape, *, block: bool = True) -> RamForm:
        """The memory of a bank: desired bit, and plane address without the zeros that end all of them; without `block`
        whatever synthesis finds cheapest."""
        index_bits = (shape.groups - 1).bit_length()
        plane_bits = ((shape.groups - 1) * shape.words >> _plane_zeros(shape)).bit_length()
        return RamForm(1 + plane_bits, 2 << index_bits, block=block and index_bits >= LUT_RAM_BITS)

    def elaborate(self, platform):
        m = Module()
        flags, closed_flags = Cat(self.teach, self.learn), Cat(self.close_teach, self.close_learn)
        if self._shape.steps is not None:
            flags, closed_flags = Cat(flags, self.at), Cat(closed_flags, self.close_at)
        m.submodules.sets = sets = TwoSets(len(flags))
        m.d.comb += [
            self.free.eq(sets.free),
            sets.start.eq(self.start),
            sets.close.eq(self.close),
            sets.closed_flags.eq(closed_flags),
            self.available.eq(sets.available),
            flags.eq(sets.flags),
            sets.release.eq(self.release),
        ]
        self._lists(m, sets.filling, sets.reading, sets.show)
        return m

    def _lists(self, m, filling, reading, show):
        """One memory a bank, half a set each, and the length of the list that is filled."""
        shape = self._shape
        index_bits = (shape.groups - 1).bit_length()
        zeros, form = _plane_zeros(shape), self.ram(shape, block=self._block)
        plane = Signal(form.width - 1)
        m.d.sync += plane.eq(product(self.push_row.group, shape.words >> zeros))
        odd, odd_next = Signal(), Signal()
        m.d.comb += odd_next.eq(odd ^ delay(m, self.push.xor(), 1))
        m.d.sync += odd.eq(odd_next & ~show)
        with m.If(show):
            m.d.sync += self.odd.eq(odd_next)
        for bank, (here, desired) in enumerate(self._pushes(m)):
            memory = block_memory(form.width, form.depth, block=form.block)
            m.submodules[f"bank_{bank}"] = memory
            write, read = memory.write_port(), memory.read_port()
            length, length_next = (
                Signal(range(shape.groups + 1), name=f"{name}_{bank}") for name in ("length", "next")
            )
            m.d.comb += [
                length_next.eq(length + here),
                write.en.eq(here),
                write.addr.eq(Cat(length[:index_bits], filling)),
                write.data.eq(Cat(desired, plane)),
                read.en.eq(self.read),
                read.addr.eq(Cat(self.read_index, reading)),
                self.rows[bank].desired.eq(read.data[0]),
                self.rows[bank].plane.eq(read.data[1:] << zeros),
            ]
            m.d.sync += length.eq(Mux(show, 0, length_next))
            with m.If(show):
                m.d.sync += self.counts[bank].eq(length_next)

    def _pushes(self, m):
        """For each bank, a cycle later, whether it is pushed, and the desired bit."""
        shape = self._shape
        width = shape.slice_width(self._gamma)
        push, desired = delay(m, self.push, 1), delay(m, self.push_desired, 1)
        at = {}
        for bank in range(shape.rows):
            position = bank % shape.scan % width
            first = bank - position
            if first not in at:
                at[first] = delay(m, self.push_row.bank == first, 1)
            yield at[first] & push[position], desired[position]


def _plane_zeros(shape: LayerShape) -> int:
    """Zeros at the end of the address of every row's first plane word."""
    return (shape.words & -shape.words).bit_length() - 1
