"""How far a bench has come, for those who wait."""

from __future__ import annotations

import time
from pathlib import Path

__all__ = ["Progress"]

REPORT_SECONDS = 0.2


class Progress:
    """Keeps a number in a file up to date, but not more often than is of use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = 0.0

    def report(self, count: int) -> None:
        if time.monotonic() >= self._next:
            self._path.write_text(str(count))
            self._next = time.monotonic() + REPORT_SECONDS
