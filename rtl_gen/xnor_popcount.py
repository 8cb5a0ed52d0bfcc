"""XNOR-popcount: how many inputs of one output agree with its weights."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import popcount, sum_tree

__all__ = ["XnorPopcount"]

PIECE = 16  # lanes that are counted in one clock cycle's worth of logic


class XnorPopcount(wiring.Component):
    """`columns` lanes of one output.

    `count` is the number of lanes in which `weights` equals `activations`; where `last` is high, only the lowest
    `valid_in_last` lanes count (the padding of the last word of a row).

    Latency: `latency` cycles in which `enable` is high: 1 up to 16 columns, else 2. Throughput: one word a cycle.
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
        return 1 if columns <= PIECE else 2

    def elaborate(self, platform):
        m = Module()
        agree = Signal(self._columns)
        always = self._valid_in_last
        m.d.comb += agree.eq(
            ~(self.weights ^ self.activations) & Cat(C(-1, always), (~self.last).replicate(self._columns - always))
        )
        if self._columns <= PIECE:
            with m.If(self.enable):
                m.d.sync += self.count.eq(popcount(agree))
            return m
        pieces = []
        for start in range(0, self._columns, PIECE):
            bits = agree[start : start + PIECE]
            piece = Signal(range(len(bits) + 1), name=f"piece_{start}")
            with m.If(self.enable):
                m.d.sync += piece.eq(popcount(bits))
            pieces.append(piece)
        with m.If(self.enable):
            m.d.sync += self.count.eq(sum_tree(pieces))
        return m
