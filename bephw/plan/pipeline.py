"""A pipeline whose stages all move together, and stand still while its last one holds something that nobody takes."""

from __future__ import annotations

from collections import deque

__all__ = ["NEVER", "Pipeline"]

NEVER = -(10**9)  # a cycle before all others
KEPT = 64  # holds that are remembered: more than a pipeline has stages


class Pipeline:
    """Knows when it stands still, as far as it has been told (`hold`, in order); it remembers the last `kept` times."""

    def __init__(self, kept: int = KEPT) -> None:
        self._holds: deque[tuple[int, int]] = deque(maxlen=kept)

    def hold(self, arrived: int, taken: int) -> None:
        """Something was at the end from cycle `arrived` and left in cycle `taken`: in between, nothing moved."""
        if taken > arrived:
            self._holds.append((arrived, taken))

    def moving(self, cycle: int) -> int:
        """The first cycle from `cycle` on in which the stages move."""
        for arrived, taken in self._holds:
            if arrived <= cycle < taken:
                cycle = taken
        return cycle

    def after(self, cycle: int, moves: int) -> int:
        """The cycle after so many moves, the first of them in `cycle`, in which the stages do move."""
        end = cycle + moves
        for arrived, taken in self._holds:
            if arrived >= end:
                break
            if taken > cycle:
                end += taken - max(arrived, cycle)
        return end
