"""What a store asks of its memory, whatever that is."""

from __future__ import annotations

from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["MemorySignature", "request_layout"]


def request_layout(depth: int) -> data.StructLayout:
    """A run of words from `address` on, to be written or to be read."""
    return data.StructLayout({"address": range(depth), "write": 1})


class MemorySignature(wiring.Signature):
    """A memory of `depth` words of `width` bits, seen from who uses it: in runs of a fixed number of words.

    Every request is followed by that number of words, on `written` or on `read`; requests are carried out in their
    order, so that what was written is read. A run does not go beyond the memory's end.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__(
            {
                "requests": Out(stream.Signature(request_layout(depth))),
                "written": Out(stream.Signature(width)),
                "read": In(stream.Signature(width)),
            }
        )
