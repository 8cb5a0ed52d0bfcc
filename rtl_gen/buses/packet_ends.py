"""Which predictions end a packet: those of samples that did."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

__all__ = ["PacketEnds"]


class PacketEnds(wiring.Component):
    """Carries TLAST of the sample stream around a network that knows nothing of packets.

    A sample is `words` words, or so many for each of its `steps` (1 to `most_steps`, counted with its first word).
    `taken`: a word goes in, `last`: its TLAST, which counts in a sample's last word only. `known`: the oldest sample
    under way is whole, and `ends` says whether its last word had TLAST, so that its prediction ends a packet;
    `predicted`, only while `known`, goes on to the next sample. A word may go in while there is `room`, for which there
    are `places`; while `between`, that begins a sample.

    Latency: 2 cycles from a sample's last word to `known`.
    """

    def __init__(self, words: int, places: int, most_steps: int | None = None) -> None:
        self._words = words
        self._places = places
        self._most_steps = most_steps
        super().__init__(
            {
                **({} if most_steps is None else {"steps": In(range(most_steps + 1))}),
                "taken": In(1),
                "last": In(1),
                "room": Out(1),
                "between": Out(1),
                "known": Out(1),
                "ends": Out(1),
                "predicted": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        word, first, last_word = Signal(range(self._words)), Signal(), Signal()
        m.submodules.queue = queue = SyncFIFOBuffered(width=1, depth=max(self._places, 2))
        m.d.comb += [first.eq(word == 0), last_word.eq(word == self._words - 1)]
        with m.If(self.taken):
            m.d.sync += word.eq(Mux(last_word, 0, word + 1))
        first_step, last_step = self._count_steps(m, first, last_word)
        m.d.comb += [
            self.between.eq(first & first_step),
            self.room.eq(queue.w_rdy),
            queue.w_data.eq(self.last),
            queue.w_en.eq(self.taken & last_word & last_step),
            self.known.eq(queue.r_rdy),
            self.ends.eq(queue.r_data),
            queue.r_en.eq(self.predicted),
        ]
        return m

    def _count_steps(self, m, first, last_word):
        """Whether the step is its sample's first, and whether it is its last."""
        if self._most_steps is None:
            return C(1), C(1)
        begun, kept, left = Signal(), Signal(range(self._most_steps + 1)), Signal(range(self._most_steps + 1))
        m.d.comb += left.eq(Mux(begun, kept, self.steps))  # steps to come, this one included
        with m.If(self.taken):
            m.d.sync += [begun.eq(1), kept.eq(left)]
        with m.If(self.taken & last_word):
            m.d.sync += [begun.eq(left != 1), kept.eq(left - 1)]
        return ~begun, left == 1
