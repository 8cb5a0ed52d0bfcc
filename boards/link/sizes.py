"""How much the two ends of a link keep."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LARGEST_WINDOW", "LEAST_SIZES", "LinkSizes"]

LARGEST_WINDOW = 4096


@dataclass(frozen=True)
class LinkSizes:
    """Bytes that a board keeps, powers of two each.

    Attributes:
        window: of commands that have not been carried out.
        replies: that the host may not have got yet.
        identity: of the identity block, as much as it is long.
    """

    window: int
    replies: int = 512


LEAST_SIZES = LinkSizes(window=512)
"""Where memory is short."""
