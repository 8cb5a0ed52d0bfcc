"""Compiled code kept on disk, safely: numba's cache with two dangers removed.

Numba notices a change of the file that holds a function, but not of those that it calls: here the folder's name is
a checksum of all sources. And processes that compile at the same time may give one name to different code: here they
wait for one another.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import FunctionCache

from bephw.caches import cache_folder
from bephw.errors import BephwError

__all__ = ["compiled"]


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` on first use and keep it for later processes (not where there is no folder to write to).

    Exact integers only: no fast-math. Indices are not checked: the engine has made arrays of the right sizes.
    """
    dispatcher = njit(nogil=True)(function)
    if _FOLDER is not None:
        before, config.CACHE_DIR = config.CACHE_DIR, str(_FOLDER)
        try:
            dispatcher._cache = _SharedCache(function)
        finally:
            config.CACHE_DIR = before
    return dispatcher


class _SharedCache(FunctionCache):
    """One process at a time reads or writes a file and its index."""

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        with _locked():
            return super().load_overload(signature, target_context)

    def save_overload(self, signature: Any, data: Any) -> None:
        with _locked():
            super().save_overload(signature, data)


@contextmanager
def _locked() -> Iterator[None]:
    assert _FOLDER is not None
    with open(_FOLDER / "lock", "w") as file:
        # Released by the system when the process ends, however it ends.
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _folder() -> Path | None:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    checksum = zlib.crc32(b"".join(source.read_bytes() for source in sources))
    try:
        folder = cache_folder(os.environ) / f"compiled-{checksum:08x}"
        folder.mkdir(exist_ok=True)
    except (BephwError, OSError):
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _folder()
