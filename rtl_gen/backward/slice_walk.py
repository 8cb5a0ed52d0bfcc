"""Where the winner search is: rows, ends and gaps of one slice after the other."""

from math import gcd

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import count_up
from bephw.rtl_gen.parts.layouts import row_layout
from bephw.shape import LayerShape

__all__ = ["SliceWalk", "place_layout", "straddled"]


def straddled(shape: LayerShape, gamma: int) -> int:
    """The first position of any slice that may belong to another winner group than position 0; 0 if there is none."""
    return min((end for s in shape.slices(gamma) if 0 < (end := -s.start % gamma) < len(s)), default=0)


def place_layout(shape: LayerShape, gamma: int) -> data.StructLayout:
    """A slice: the row of its first output, which positions have an output (`inside`), which of them would still be
    in the winner group of position 0 (`early`), and whether a winner group `ends` in it."""
    width = shape.slice_width(gamma)
    return data.StructLayout({"row": row_layout(shape), "inside": width, "early": width, "ends": 1})


class SliceWalk(wiring.Component):
    """Shows the slices `shape.slices(gamma)` one by one; `step` goes on, from the last to the first of the next sample.

    `beat` is the slice's beat, and `part` its place there; `final` the last slice of a sample. `final` is a register
    (of two, where beats have several slices), `beat` and `part` are registers.
    """

    def __init__(self, shape: LayerShape, gamma: int) -> None:
        self._shape = shape
        self._gamma = gamma
        super().__init__(
            {
                "step": In(1),
                "beat": Out(range(shape.scan_beats)),
                "part": Out(range(shape.parts(gamma))),
                "final": Out(1),
                "place": Out(place_layout(shape, gamma)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, place = self._shape, self.place
        width, parts = shape.slice_width(self._gamma), shape.parts(self._gamma)
        part, part_last = _counter(m, self.step, parts)
        next_beat = self.step & part_last
        beat, beat_last = _counter(m, next_beat, shape.scan_beats)
        bank, group_last = _counter(m, next_beat, shape.beats, stride=shape.scan, restart=beat_last)
        with m.If(next_beat & (beat_last | group_last)):
            m.d.sync += place.row.group.eq(Mux(beat_last, 0, place.row.group + 1))

        counts = self._counts(beat_last, group_last, part)
        m.d.comb += [
            self.beat.eq(beat),
            self.part.eq(part),
            self.final.eq(beat_last & part_last),
            place.row.bank.eq(bank + part * width),
            place.inside.eq(counts(lambda count: (1 << count) - 1)),
        ]
        self._follow_groups(m, counts)
        return m

    def _counts(self, beat_last, group_last, part):
        """A function that makes a table over the three kinds of beats and their slices, and looks this slice up."""
        shape = self._shape
        width, parts = shape.slice_width(self._gamma), shape.parts(self._gamma)
        last = shape.groups - 1
        full, end, tail = shape.scan, len(shape.beat(0, shape.beats - 1)), len(shape.beat(last, shape.last_beats - 1))

        def look_up(entry):
            def pick(length):
                table = [entry(max(0, min(length - at * width, width))) for at in range(parts)]
                return Array(table)[part] if parts > 1 else C(table[0])

            return Mux(beat_last, pick(tail), Mux(group_last, pick(end), pick(full)))

        return look_up

    def _follow_groups(self, m, counts):
        """Count down to the end of the winner group, in the largest unit that divides all steps."""
        gamma, place = self._gamma, self.place
        unit = gcd(gamma, *map(len, self._shape.slices(gamma)))
        left = Signal(range(gamma // unit + 1), init=gamma // unit)
        count = counts(lambda count: count // unit)
        # The same without a comparison that every value of a single bit may pass.
        ends = left <= count if len(left) > 1 else ~left | count.any()
        m.d.comb += [
            place.ends.eq(ends),
            place.early.eq(Cat(left > position // unit for position in range(len(place.early)))),
        ]
        with m.If(self.step):
            m.d.sync += left.eq(Mux(place.ends, left + counts(lambda count: (gamma - count) // unit), left - count))


def _counter(m, step, size: int, *, stride: int = 1, restart=None):
    """Counts steps, times `stride`, from 0 to `size - 1` and again, or from `restart`; with the value a register that
    says whether it is the last."""
    if size == 1:
        return C(0), C(1)
    value, last = Signal(range((size - 1) * stride + 1), reset_less=True), Signal()
    again = last if restart is None else last | restart
    count_up(m, value, step, again, stride)
    with m.If(step):
        m.d.sync += last.eq(~again & (value == (size - 2) * stride))
    return value, last
