"""Winners of samples whose steps are examined in turn, in the order of the samples."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import next_index
from bephw.rtl_gen.parts.layouts import winner_layout
from bephw.rtl_gen.parts.storage import RamForm, block_memory
from bephw.shape import LayerShape, ceil_div

__all__ = ["WinnerRecords"]


class WinnerRecords(wiring.Component):
    """A cell's `BufferedQueue`: the beats of each sample lie in its slot until those of all samples before it, which
    are in the slots before, have been taken; so they leave in the order of the samples, whatever order they come in.

    There is room for all winners of all `slots` samples: nobody has to wait. A sample's beats may be taken before its
    `end` has come; what comes into the slot after that is the next sample's, which must not be before it was taken.

    Latency: 2 cycles from `w_en` to `r_rdy`. Throughput: an entry a cycle.
    """

    def __init__(self, shape: LayerShape, gamma: int) -> None:
        self._shape = shape
        self._gamma = gamma
        width = winner_layout(shape).size
        super().__init__(
            {"w_en": In(1), "w_data": In(width), "r_rdy": Out(1), "r_data": Out(width), "r_en": In(1)},
        )

    @staticmethod
    def beats(shape: LayerShape, gamma: int) -> int:
        """Of a sample, at most: a winner for each winner group of each step, and where the last slice is empty, so that
        it comes behind the last winner, the end."""
        return shape.steps * ceil_div(shape.outputs, gamma) + (not shape.slices(gamma)[-1])

    @staticmethod
    def ram(shape: LayerShape, gamma: int) -> RamForm:
        """Its memory: all beats of all samples, without the slot."""
        beats, slot_bits = WinnerRecords.beats(shape, gamma), (shape.slots - 1).bit_length()
        return RamForm(winner_layout(shape).size - slot_bits, shape.slots << (beats - 1).bit_length())

    def elaborate(self, platform):
        m = Module()
        slots, form = self._shape.slots, self.ram(self._shape, self._gamma)
        index_bits = (form.depth // slots - 1).bit_length()
        m.submodules.memory = memory = block_memory(form.width, form.depth, block=form.block)
        write, read = memory.write_port(), memory.read_port()
        winner = data.View(winner_layout(self._shape), self.w_data)
        written = Array(Signal(index_bits + 1, name=f"written_{slot}") for slot in range(slots))
        complete = Array(Signal(name=f"complete_{slot}") for slot in range(slots))
        slot, taken = Signal(range(slots)), Signal(index_bits + 1)  # of the oldest sample, and of its beats
        shown_slot, fetch, last = Signal.like(slot), Signal(), Signal()
        # The slot is the highest part of a winner: the memory has the rest.
        m.d.comb += [
            write.en.eq(self.w_en),
            write.addr.eq(Cat(written[winner.at.slot][:index_bits], winner.at.slot)),
            write.data.eq(self.w_data),
            fetch.eq((taken != written[slot]) & (~self.r_rdy | self.r_en)),
            last.eq(complete[slot] & (taken + 1 == written[slot])),
            read.en.eq(fetch),
            read.addr.eq(Cat(taken[:index_bits], slot)),
            self.r_data.eq(Cat(read.data, shown_slot)),
        ]
        with m.If(self.w_en):
            m.d.sync += [
                written[winner.at.slot].eq(written[winner.at.slot] + 1),
                complete[winner.at.slot].eq(winner.end),
            ]
        with m.If(fetch):
            m.d.sync += [self.r_rdy.eq(1), shown_slot.eq(slot), taken.eq(taken + 1)]
            with m.If(last):
                m.d.sync += [
                    taken.eq(0),
                    written[slot].eq(0),
                    complete[slot].eq(0),
                    slot.eq(next_index(slot, slots)),
                ]
        with m.Elif(self.r_en):
            m.d.sync += self.r_rdy.eq(0)
        return m
