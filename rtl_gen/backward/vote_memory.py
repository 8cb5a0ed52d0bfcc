"""How every row of a layer votes on its inputs, of the samples of one channel."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.backward.two_sets import TwoSets
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import row_layout, step_field
from bephw.rtl_gen.parts.storage import RamForm, block_memory
from bephw.shape import LayerShape

__all__ = ["VoteMemory", "VotesSignature", "votes_layout"]


def votes_layout(shape: LayerShape) -> data.StructLayout:
    """The votes of a row group: of a row whose gate is open (`present`) its desired bit, of any other a bit that it
    votes with whatever its weights are; a row beyond the last votes 0."""
    return data.StructLayout({"present": shape.rows, "wishes": shape.rows})


class VotesSignature(wiring.Signature):
    """Read access to a sample's votes, seen from the reader.

    While `available`, there is a sample, with its flags; `odd`: the number of its open rows is. `votes` follow the
    `group` by a cycle. `release` gives the sample up. Of a cell they are those of the step `at`.
    """

    def __init__(self, shape: LayerShape) -> None:
        super().__init__(
            {
                "available": In(1),
                "teach": In(1),
                "learn": In(1),
                "odd": In(1),
                **{name: In(layout) for name, layout in step_field(shape).items()},
                "group": Out(range(shape.groups)),
                "votes": In(votes_layout(shape)),
                "release": Out(1),
            }
        )


@emitted_once
class VoteMemory(wiring.Component):
    """Votes of two samples: the winner search fills one set while error propagation reads the other.

    It is filled as `OpenRows` is; `push_inside` marks the positions that have a row. Closed rows vote by turns 0 and 1,
    from 0 on: so of all votes as many as there are rows, half, rounded down, of those of closed ones, are 1.

    Latency: 2 cycles from `close` to `available`. A set that waits is shown in the cycle after `release`.
    """

    def __init__(self, shape: LayerShape, gamma: int, *, block: bool = True) -> None:
        self._shape = shape
        self._gamma = gamma
        self._block = block
        width = shape.slice_width(gamma)
        super().__init__(
            {
                "free": Out(1, init=1),
                "start": In(1),
                "push_inside": In(width),
                "push": In(width),
                "push_row": In(row_layout(shape)),
                "push_desired": In(width),
                "close": In(1),
                "close_teach": In(1),
                "close_learn": In(1),
                **{f"close_{name}": In(layout) for name, layout in step_field(shape).items()},
                "reader": In(VotesSignature(shape)),
            }
        )

    @staticmethod
    def ram(shape: LayerShape, *, block: bool = True) -> RamForm:
        """Its memory: a word a row group, in two halves."""
        return RamForm(votes_layout(shape).size, 2 * shape.groups, block=block)

    def elaborate(self, platform):
        m = Module()
        reader = self.reader
        flags, closed_flags = Cat(reader.teach, reader.learn), Cat(self.close_teach, self.close_learn)
        if self._shape.steps is not None:
            flags, closed_flags = Cat(flags, reader.at), Cat(closed_flags, self.close_at)
        m.submodules.sets = sets = TwoSets(len(flags))
        m.d.comb += [
            self.free.eq(sets.free),
            sets.start.eq(self.start),
            sets.close.eq(self.close),
            sets.closed_flags.eq(closed_flags),
            reader.available.eq(sets.available),
            flags.eq(sets.flags),
            sets.release.eq(reader.release),
        ]
        self._count(m, sets.show)
        self._keep(m, sets, self._vote(m, sets.show))
        return m

    def _count(self, m, show):
        """Whether the open rows are odd in number."""
        odd, odd_next = Signal(), Signal()
        m.d.comb += odd_next.eq(odd ^ delay(m, self.push.xor(), 1))
        m.d.sync += odd.eq(odd_next & ~show)
        with m.If(show):
            m.d.sync += self.reader.odd.eq(odd_next)

    def _vote(self, m, show):
        """What the positions of a slice vote, a cycle later: closed rows one after the other 0 and 1."""
        turn, wishes = Signal(), Signal(len(self.push))
        value: Value = turn
        for position, wish in enumerate(wishes):
            closed = self.push_inside[position] & ~self.push[position]
            m.d.comb += wish.eq(Mux(closed, value, self.push_desired[position]))
            value = value ^ closed
        m.d.sync += turn.eq(value)
        # The next sample's first slice may come in the cycle after this one's end.
        with m.If(self.close):
            m.d.sync += turn.eq(0)
        return delay(m, wishes, 1, reset_less=True)

    def _keep(self, m, sets, wishes):
        """A word grows slice by slice, and is written with every one of them."""
        shape, width = self._shape, len(self.push)
        form = self.ram(shape, block=self._block)
        m.submodules.memory = memory = block_memory(votes_layout(shape), form.depth, block=form.block)
        write, read = memory.write_port(), memory.read_port()
        present, row = delay(m, self.push, 1, reset_less=True), delay(m, self.push_row, 1, reset_less=True)
        kept = Signal(votes_layout(shape), reset_less=True)
        last_group, rows_left = row.group == shape.groups - 1, shape.outputs - (shape.groups - 1) * shape.rows
        m.d.comb += [
            write.en.eq(delay(m, self.push_inside.any(), 1)),
            write.addr.eq(Cat(sets.filling, row.group)),
            read.en.eq(1),
            read.addr.eq(Cat(sets.reading, self.reader.group)),
            self.reader.votes.eq(read.data),
        ]
        for bank in range(shape.rows):
            position = bank % shape.scan % width
            here = row.bank == bank - position
            for name, votes in (("present", present), ("wishes", wishes)):
                value = Mux(here, votes[position], kept[name][bank])
                m.d.comb += write.data[name][bank].eq(value & ~last_group if bank >= rows_left else value)
        with m.If(write.en):
            m.d.sync += kept.eq(write.data)
