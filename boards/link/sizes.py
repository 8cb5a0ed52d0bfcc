"""How much the two ends of a link keep."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LARGEST_SIZES", "LEAST_SIZES", "LinkSizes"]


@dataclass(frozen=True)
class LinkSizes:
    """Bytes that a board keeps, powers of two each.

    Attributes:
        window: of commands that have not been carried out.
        replies: that the host may not have got yet.
    """

    window: int
    replies: int = 512


LEAST_SIZES = LinkSizes(window=512, replies=128)
"""Where memory is short: any reply fits twice or nearly, and on ECP5 those need no block RAM."""
LARGEST_SIZES = LinkSizes(window=4096, replies=512)
