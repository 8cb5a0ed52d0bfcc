"""Votes of the open rows on one input, added up."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay, sum_tree
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.popcount.xnor_popcount import XnorPopcount

__all__ = ["VoteCount"]

TABLE = 4  # inputs of a table
FIRST, LATER = 3, 4  # tables, then sums, that are added up in a cycle


@emitted_once
class VoteCount(wiring.Component):
    """`excess`: how many of `rows` votes are 1, less half of them (rounded up).

    A vote is `weights[i] ^ wishes[i]` where its row is `present`, else `wishes[i]`.

    Latency: `latency(rows)` cycles. Throughput: one sum a cycle. On an ECP5 platform, or with `family="ecp5"`, the
    votes are counted in carry cells; everywhere else in tables and adders. The values and the latency are the same.
    """

    def __init__(self, rows: int, family: str | None = None) -> None:
        self._rows = rows
        self._family = family
        self._half = (rows + 1) // 2
        super().__init__(
            {
                "weights": In(rows),
                "present": In(rows),
                "wishes": In(rows),
                "excess": Out(range(-self._half, rows - self._half + 1)),
            }
        )

    @staticmethod
    def latency(rows: int) -> int:
        """Cycles: the votes, and their sum (1 up to 9 rows, 2 up to 33, ...)."""
        return 1 + XnorPopcount.latency(rows, spare=True)

    def elaborate(self, platform):
        m = Module()
        if (self._family or getattr(platform, "family", None)) == "ecp5":
            self._count_in_carry_cells(m)
        else:
            self._count_in_tables(m)
        return m

    def _count_in_carry_cells(self, m):
        """The weight of an absent row is cleared by its register's own reset, so that the XNOR needs no table."""
        weights, wishes = Signal(self._rows, reset_less=True), Signal(self._rows, reset_less=True)
        m.d.sync += [weights.eq(self.weights), wishes.eq(self.wishes)]
        for row in range(self._rows):
            with m.If(~self.present[row]):
                m.d.sync += weights[row].eq(0)
        m.submodules.votes = votes = XnorPopcount(self._rows, "ecp5", spare=True)
        m.d.comb += [
            votes.enable.eq(1),
            votes.weights.eq(weights),
            votes.activations.eq(~wishes),
            self.excess.eq(self._less_half(votes.count, votes.carry)),
        ]

    def _less_half(self, count, carry):
        """The sum, as tables where they have no more than four inputs."""
        parts = Cat(count, carry)
        if len(parts) > TABLE:
            return count + carry - self._half
        values = [(value & (1 << len(count)) - 1) + (value >> len(count)) for value in range(1 << len(parts))]
        return _table(parts, [value - self._half for value in values])

    def _count_in_tables(self, m):
        votes = Signal(self._rows, reset_less=True)
        m.d.sync += votes.eq((self.weights & self.present) ^ self.wishes)
        fours = [votes[at : at + TABLE] for at in range(0, self._rows, TABLE)]
        sums = [
            _table(four, [votes.bit_count() - (len(four) + 1) // 2 for votes in range(1 << len(four))])
            for four in fours
        ]
        for cycle in range(self.latency(self._rows) - 1):
            together = LATER if cycle else FIRST
            groups = [sums[at : at + together] for at in range(0, len(sums), together)]
            sums = [delay(m, sum_tree(group), 1, reset_less=True) for group in groups]
        m.d.comb += self.excess.eq(sums[0])


def _table(inputs: Value, values: list[int]) -> Value:
    """The signed number at the place `inputs` of a table."""
    shape = Shape.cast(range(min(values), max(values) + 1))
    bits = [sum((value >> bit & 1) << place for place, value in enumerate(values)) for bit in range(shape.width)]
    return Cat(C(table, len(values)).bit_select(inputs, 1) for table in bits).as_signed()
