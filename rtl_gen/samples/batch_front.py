"""Where a stage stands when one batch follows another without a pause."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["BatchFront", "first_channels", "next_channel"]


class BatchFront(wiring.Component):
    """Counts the samples on their way to a stage, which pass it in order, up to `together` at once.

    `entered` of them have set out in this cycle, `begins` if they are the first of a new batch; as many as are
    `passing` have `passed`, which may be known late in the cycle. Those of the new batch may not pass with any of the
    old one: `most` may pass together, none while the new batch `waits`, that is from when the last of the old one has
    passed until `cross`. `pending` from `begins` on until then; meanwhile no other batch may begin. At most `capacity`
    samples may be on their way.
    """

    def __init__(self, capacity: int, together: int, entering: int = 1) -> None:
        self._capacity = capacity
        self._together = together
        super().__init__(
            {
                "entered": In(range(entering + 1)),
                "begins": In(1),
                "passing": In(range(together + 1)),
                "passed": In(1),
                "cross": In(1),
                "most": Out(range(together + 1), init=together),
                "waits": Out(1),
                "pending": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        names = ("between", "left", "before", "after")
        between, left, before, after = (Signal(range(self._capacity + 1), name=name) for name in names)
        pending = Signal()
        m.d.comb += [
            before.eq(Mux(self.begins, between, left)),
            after.eq(before - self.passing),
            pending.eq((self.begins | self.pending) & ~self.cross),
        ]
        # A stage decides by `most` and `waits` within a cycle: so they are found out a cycle earlier, for both cases.
        m.d.sync += [
            between.eq(Mux(self.passed, between + self.entered - self.passing, between + self.entered)),
            left.eq(Mux(self.passed, after, before)),
            self.pending.eq(pending),
            self.waits.eq(pending & Mux(self.passed, after == 0, before == 0)),
            self.most.eq(Mux(pending, Mux(self.passed, self._at_most(after), self._at_most(before)), self._together)),
        ]
        return m

    def _at_most(self, count):
        return Mux(count < self._together, count, self._together)


def first_channels(head: Value, most: Value) -> Value:
    """Of channels that take samples in turn, the `most` whose turns come first; `head`, one bit a channel, is next."""
    channels: Value = C(0, len(head))
    for place in range(len(head)):
        channels |= Mux(most > place, head.rotate_left(place), 0)
    return channels[: len(head)]


def next_channel(head: Value, taken: Value) -> Value:
    """The `head` after samples were `taken`, in order from it on: by no channel, some, or all."""
    behind = (taken.rotate_left(1) & ~taken)[: len(head)]
    return Mux(behind.any(), behind, head)
