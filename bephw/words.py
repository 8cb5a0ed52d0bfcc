"""Numbers with their nouns, in messages."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str, many: str | None = None) -> str:
    """`1 layer`, `2 layers`, `0 layers`; `many` is the plural where an s does not make it."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"
