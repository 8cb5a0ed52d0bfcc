"""What the link to the host takes of a board's memories."""

from __future__ import annotations

from bephw.boards.bitstream.memories import Family, Memory, rams
from bephw.boards.link.identity import identity_length
from bephw.boards.link.sizes import LEAST_SIZES, LinkSizes
from bephw.settings import Settings

__all__ = ["link_blocks"]


def link_blocks(
    settings: Settings, family: Family, sizes: LinkSizes = LEAST_SIZES, store: list[str | int] | None = None
) -> int:
    """Block RAMs of the link to the host: commands, replies, the identity block, which may speak of a `store`."""
    built = (
        rams(Memory("commands", 8, sizes.window), family),
        rams(Memory("replies", 8, sizes.replies), family),
        rams(Memory("identity", 8, identity_length(settings, sizes, store), fixed=True), family),
    )
    return sum(found.number for found in built if found.kind == "block")
