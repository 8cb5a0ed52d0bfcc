"""Spans of cycles, and how many cycles are in any of them."""

from __future__ import annotations

from collections.abc import Iterable

from bephw.plan.pipeline import NEVER

__all__ = ["covered"]


def covered(spans: Iterable[tuple[int, int]]) -> int:
    """Cycles that are in one of the spans or in several: (first, the first after it), in any order."""
    cycles, until = 0, NEVER
    for first, after in sorted(spans):
        cycles += max(after - max(first, until), 0)
        until = max(until, after)
    return cycles
