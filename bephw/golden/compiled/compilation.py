"""How long the compiled engine was compiled, apart from what it then does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.event import TimingListener, install_listener

__all__ = ["Compilation", "compilation"]


class Compilation(TimingListener):
    """Listens to numba; code that comes from the cache is not compiled."""

    def __init__(self, on_begin: Callable[[], object] | None) -> None:
        super().__init__()
        self._on_begin = on_begin

    @property
    def seconds(self) -> float:
        """Time that compiling took so far; 0 where nothing was compiled."""
        return float(self.duration) if self.done else 0.0

    def on_start(self, event: Any) -> None:
        """numba's: something begins to be compiled."""
        if self._on_begin is not None:
            self._on_begin()
            self._on_begin = None
        super().on_start(event)


@contextmanager
def compilation(on_begin: Callable[[], object] | None = None) -> Iterator[Compilation]:
    """Within, compiling is timed, also that in other threads; `on_begin` is called once, when it begins."""
    with install_listener("numba:compile", Compilation(on_begin)) as listener:
        yield listener
