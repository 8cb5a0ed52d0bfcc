"""Between a producer of desired bits and the winner search that takes them slice by slice."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import count_up, next_index
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import lesson_layout
from bephw.rtl_gen.parts.storage import LUT_RAM_BITS, RamForm, block_memory, family
from bephw.rtl_gen.samples.gearbox import Gearbox
from bephw.shape import LayerShape, ceil_div

__all__ = ["LessonBuffer", "lesson_ports", "position_line"]

FEWEST_BEATS = 4  # of a lesson that is worth a memory


def lesson_ports(shape: LayerShape, width: int, gamma: int) -> dict[str, wiring.Member]:
    """Of what takes the lessons of a layer, in beats of `width`, and shows them."""
    return {
        "lessons": In(stream.Signature(lesson_layout(width))),
        "valid": Out(1),
        "teach": Out(1),
        "learn": Out(1),
        "desired": Out(shape.slice_width(gamma)),
        "shift": In(1),
        "consumed": In(1),
    }


@emitted_once
class LessonBuffer(wiring.Component):
    """Assembles the lesson of one sample: all desired bits in beats of `width`, or one beat that teaches nothing.

    While `valid`, `teach` and `learn` are steady and `desired` are the bits of the next slice of
    `shape.slices(gamma)`, position p that of its p-th output; `shift` goes on to the slice after it. `consumed` gives
    the lesson up, with or without `shift`. The next lesson is taken in meanwhile; if it is complete by then it is
    shown two cycles later: whether a search is through is known late in the cycle, and much would have to move.

    Where every beat is made up of whole slices, in the same places, both lessons lie in a memory, and only one beat in
    registers; elsewhere they are shift registers. The first beat's lowest `skipped` bits are no part of the lesson.

    Latency: 2 cycles after the last beat. Throughput: a beat a cycle, and a slice a cycle, each with a cycle more for
    every lesson.
    """

    def __init__(self, shape: LayerShape, width: int, gamma: int, *, skipped: int = 0) -> None:
        self._shape = shape
        self._gamma = gamma
        self._slices = shape.slices(gamma)
        self._width = width
        self._skipped = skipped
        self._beats = ceil_div(skipped + shape.outputs, width)
        super().__init__(lesson_ports(shape, width, gamma))

    @staticmethod
    def ram(shape: LayerShape, width: int, gamma: int, family: str | None, *, skipped: int = 0) -> RamForm | None:
        """Its memory, if it has one. iCE40 has no LUT RAM, and fewer block RAMs than such a design could use."""
        beats, slices_fill_beats = ceil_div(shape.outputs, width), Gearbox.direct(shape.slices(gamma), width)
        if skipped or beats < FEWEST_BEATS or not slices_fill_beats or family == "ice40":
            return None
        index_bits = (beats - 1).bit_length()
        return RamForm(width, 2 << index_bits, block=index_bits >= LUT_RAM_BITS)

    def elaborate(self, platform):
        m = Module()
        lesson, teach, learn = self.lessons.payload, Signal(), Signal()
        complete, vacant, taken, passed_on = Signal(), Signal(), Signal(), Signal()
        m.d.comb += [
            vacant.eq(~self.valid),
            self.lessons.ready.eq(~complete),
            taken.eq(self.lessons.valid & self.lessons.ready),
            passed_on.eq(vacant & complete),
        ]
        with m.If(taken):
            m.d.sync += [teach.eq(lesson.teach), learn.eq(lesson.learn), complete.eq(lesson.last)]
        with m.If(self.consumed):
            m.d.sync += self.valid.eq(0)
        with m.If(vacant):
            m.d.sync += [self.valid.eq(complete), self.teach.eq(teach), self.learn.eq(learn)]
            with m.If(complete):
                m.d.sync += complete.eq(0)
        form = self.ram(self._shape, self._width, self._gamma, family(platform), skipped=self._skipped)
        if form:
            self._show_from_memory(m, form, taken, vacant, passed_on)
        else:
            self._show_by_shifting(m, taken, vacant)
        return m

    def _show_from_memory(self, m, form, taken, vacant, passed_on):
        """One lesson is written to one half of the memory while the other half is shown, beat by beat: its first slice
        from the memory, and at once the next beat is fetched; the others from shift registers."""
        index_bits = (self._beats - 1).bit_length()
        m.submodules.memory = memory = block_memory(form.width, form.depth, block=form.block)
        write, read = memory.write_port(), memory.read_port()
        half, written, fetched = Signal(), Signal(index_bits, reset_less=True), Signal(index_bits)
        m.d.comb += [
            write.en.eq(taken),
            write.addr.eq(Cat(written, half)),
            write.data.eq(self.lessons.payload.data),
        ]
        count_up(m, written, taken, self.lessons.payload.last)

        slices = [outputs for outputs in self._slices if outputs.start < self._width]  # of every beat
        fresh, place = Signal(), Signal(range(len(slices)))
        m.d.sync += half.eq(half ^ passed_on)
        m.d.comb += [
            # Where nothing is shown, what comes in will be: as soon as it is complete, this reads its first beat.
            read.en.eq(vacant | (self.shift & fresh)),
            read.addr.eq(Mux(vacant, Cat(C(0, index_bits), half), Cat(fetched, ~half))),
        ]
        with m.If(vacant):
            m.d.sync += [fresh.eq(1), place.eq(0), fetched.eq(1)]
        with m.Elif(self.shift):
            m.d.sync += [fresh.eq(place == len(slices) - 1), place.eq(next_index(place, len(slices)))]
            with m.If(fresh):
                m.d.sync += fetched.eq(fetched + 1)
        for position in range(len(self.desired)):
            first, *others = position_line(slices, position)
            rest = Signal(len(others), name=f"rest_{position}", reset_less=True)
            following = Cat(C(0, 1) if output is None else read.data[output] for output in others)
            m.d.comb += self.desired[position].eq(Mux(fresh, read.data[first], rest[:1]))
            with m.If(self.shift):
                m.d.sync += rest.eq(Mux(fresh, following, rest >> 1))

    def _show_by_shifting(self, m, taken, vacant):
        """A shift register for each position of a slice; while nothing is shown, it follows what is coming in."""
        bits = Signal(self._beats * self._width)
        with m.If(taken):
            m.d.sync += bits.eq(Cat(bits, self.lessons.payload.data)[self._width :])
        for position in range(len(self.desired)):
            outputs = position_line(self._slices, position)
            shown = Signal(len(outputs), name=f"shown_{position}")
            m.d.comb += self.desired[position].eq(shown[:1])
            # A slice that lacks this position still has its place in the line, and any bit will do there.
            loaded = Cat(
                shown[at + 1] if output is None else bits[self._skipped + output] for at, output in enumerate(outputs)
            )
            with m.If(vacant | self.shift):
                m.d.sync += shown.eq(Mux(vacant, loaded, shown >> 1))


def position_line(slices: list[range], position: int) -> list[int | None]:
    """The outputs at a position of slice after slice; none where a slice lacks it, but for slices at the end."""
    line = [outputs[position] if position < len(outputs) else None for outputs in slices]
    while line and line[-1] is None:
        line.pop()
    return line
