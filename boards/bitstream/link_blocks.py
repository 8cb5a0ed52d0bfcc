"""What the link to the host takes of a board's memories."""

from __future__ import annotations

from bephw.boards.bitstream.memories import Family, Memory, rams
from bephw.boards.link.identity import identity_length
from bephw.boards.link.sizes import LEAST_SIZES, LinkSizes
from bephw.settings import Settings

__all__ = ["link_blocks"]


def link_blocks(
    settings: Settings,
    family: Family,
    sizes: LinkSizes = LEAST_SIZES,
    store: list[str | int] | None = None,
    *,
    identity_in_luts: bool = False,
) -> int:
    """Block RAMs of the link to the host: commands, replies, the identity block, which may speak of a `store`, and
    which may be kept out of them."""
    memories = [Memory("commands", 8, sizes.window), Memory("replies", 8, sizes.replies)]
    if not identity_in_luts:
        memories.append(Memory("identity", 8, identity_length(settings, sizes, store), fixed=True))
    built = [rams(memory, family) for memory in memories]
    return sum(found.number for found in built if found.kind == "block")
