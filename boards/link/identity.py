"""The identity block: what a board says of itself, before anything else is asked of it."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bephw.boards.link.protocol import PAGE, VERSION, element_bytes, prediction_bytes, word_bytes
from bephw.boards.link.sizes import LinkSizes
from bephw.errors import BephwError
from bephw.rtl_gen.registers.map import ADDRESS_WIDTH
from bephw.settings import Settings

__all__ = ["HEAD", "describe", "identity_block", "identity_length", "read_identity", "stored_identity"]

MAGIC = b"bephw"
HEAD = struct.Struct("<5sBH")
"""Magic bytes, version of the protocol, bytes that follow."""

Store = list[str | int] | None

MOST_PAGES = 1 << ADDRESS_WIDTH


def describe(settings: Settings, sizes: LinkSizes, store: Store = None) -> dict[str, Any]:
    """What a host must know of a board: its link's, all that decides what the trainer computes, and its store, if it
    has one (`StorePlan.description`)."""
    network, learning, hardware = settings.network, settings.learning, settings.hardware
    return {
        "settings": _fingerprint(settings),
        "algorithm": learning.algorithm,
        "sizes": list(network.sizes),
        "classes": network.classes,
        "bits": learning.bits,
        **({} if settings.data.steps is None else {"steps": settings.data.steps}),
        "rows": _plain(hardware.rows),
        "columns": _plain(hardware.columns),
        "samples": _plain(hardware.samples),
        "stream_width": hardware.stream_width,
        "bytes": [word_bytes(settings), element_bytes(settings), prediction_bytes(settings)],
        **asdict(sizes),
        **({} if store is None else {"store": store}),
    }


def identity_block(settings: Settings, sizes: LinkSizes, store: Store = None) -> bytes:
    """As the host reads it."""
    text = json.dumps(describe(settings, sizes, store), separators=(",", ":")).encode()
    return HEAD.pack(MAGIC, VERSION, len(text)) + text


def identity_length(settings: Settings, sizes: LinkSizes, store: Store = None) -> int:
    """Bytes that it takes in whole pages, a power of two of them."""
    return PAGE << (-(-len(identity_block(settings, sizes, store)) // PAGE) - 1).bit_length()


def stored_identity(settings: Settings, sizes: LinkSizes, store: Store = None) -> list[int]:
    """As it lies in a board's memory: each page from its end, as bytes are counted down there."""
    block = identity_block(settings, sizes, store).ljust(identity_length(settings, sizes, store), b"\0")
    return [byte for start in range(0, len(block), PAGE) for byte in reversed(block[start : start + PAGE])]


def read_identity(block: bytes) -> dict[str, Any]:
    """What `describe` said. Raises `BephwError` where the board speaks another protocol."""
    magic, version, length = HEAD.unpack_from(block)
    if magic != MAGIC:
        raise BephwError(f"what answers is no bephw board: its identity must begin with {MAGIC!r}, not {magic!r}")
    if version != VERSION:
        raise BephwError(f"the board's protocol must be version {VERSION}, not {version}: build its bitstream anew")
    found: Mapping[str, Any] = json.loads(block[HEAD.size : HEAD.size + length])
    return dict(found)


def _fingerprint(settings: Settings) -> str:
    """Of what cannot be changed at run time: 128 bits of SHA-256."""
    learning = settings.learning
    fixed = {
        "network": settings.network.model_dump(mode="json"),
        "hardware": settings.hardware.model_dump(mode="json"),
        "steps": settings.data.steps,
        "gamma": settings.gamma,
        **{name: getattr(learning, name) for name in ("algorithm", "bits", "burst", "lag", "tie")},
    }
    return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()[:32]


def _plain(value: int | tuple[int, ...]) -> int | list[int]:
    return value if isinstance(value, int) else list(value)
