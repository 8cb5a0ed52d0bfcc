"""How a record of a sample is read."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay, turns

__all__ = ["ReaderSignature", "read_in_turn"]


class ReaderSignature(wiring.Signature):
    """Read access to a sample's record, seen from the reader.

    `data` follows `index` by a cycle, where `read` is high; `done` goes on to the next sample.
    """

    def __init__(self, shape, words: int) -> None:
        super().__init__({"index": Out(range(words)), "read": Out(1), "data": In(shape), "done": Out(1)})


def read_in_turn(m: Module, reader, memories: Sequence, name: str) -> Value:
    """One `reader` of samples that lie in several `memories` by turns, from the first on: whose turn it is."""
    turn = turns(m, len(memories), reader.done, name)
    answering = delay(m, turn, 1, reader.read) if len(memories) > 1 else turn
    for index, inner in enumerate(memories):
        m.d.comb += [
            inner.index.eq(reader.index),
            inner.read.eq(reader.read),
            inner.done.eq(reader.done & (turn == index)),
        ]
    m.d.comb += reader.data.eq(Array(inner.data for inner in memories)[answering])
    return turn
