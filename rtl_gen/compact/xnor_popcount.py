"""XNOR-popcount: how many inputs of one output agree with its weights."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import popcount, sum_tree

__all__ = ["XnorPopcount"]

PIECE = 16  # lanes that are counted in one clock cycle


class XnorPopcount(wiring.Component):
    """`columns` lanes of one output.

    `count` is the number of lanes in which `weights` equals `activations`; where `last` is high, only the lowest
    `valid_in_last` lanes count (the padding of the last word of a row).

    Latency: `latency(columns)` cycles in which `enable` is high: 2 up to 16 columns, else 3. Throughput: one word a
    cycle.
    """

    def __init__(self, columns: int, valid_in_last: int) -> None:
        self._columns = columns
        self._valid_in_last = valid_in_last
        super().__init__(
            {
                "enable": In(1),
                "weights": In(columns),
                "activations": In(columns),
                "last": In(1),
                "count": Out(range(columns + 1)),
            }
        )

    @staticmethod
    def latency(columns: int) -> int:
        """Cycles from input to `count`."""
        return 2 if columns <= PIECE else 3

    def elaborate(self, platform):
        m = Module()
        agree = Signal(self._columns)
        counts = Cat(C(-1, self._valid_in_last), (~self.last).replicate(self._columns - self._valid_in_last))
        pieces = [agree[start : start + PIECE] for start in range(0, self._columns, PIECE)]
        with m.If(self.enable):
            # The inputs come from memories, which are slow to answer: one gate, and then a register.
            m.d.sync += agree.eq(~(self.weights ^ self.activations) & counts)
            if len(pieces) == 1:
                m.d.sync += self.count.eq(popcount(agree))
                return m
            partial = [Signal(range(len(piece) + 1), name=f"partial_{index}") for index, piece in enumerate(pieces)]
            m.d.sync += [count.eq(popcount(piece)) for count, piece in zip(partial, pieces, strict=True)]
            m.d.sync += self.count.eq(sum_tree(partial))
        return m
