"""How a record of a sample is read."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ReaderSignature"]


class ReaderSignature(wiring.Signature):
    """Read access to a sample's record, seen from the reader.

    `data` follows `index` by a cycle, where `read` is high; `done` goes on to the next sample.
    """

    def __init__(self, shape, words: int) -> None:
        super().__init__({"index": Out(range(words)), "read": Out(1), "data": In(shape), "done": Out(1)})
