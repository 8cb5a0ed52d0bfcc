"""Locks between processes: a file that is locked while a process works, whatever ends it."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bephw.errors import BephwError

__all__ = ["lock"]

# Some network file systems have no locks; a missing guard must not keep anybody from working there.
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)


@contextmanager
def lock(path: Path, taken: str, advice: str) -> Iterator[None]:
    """Hold the lock file `path`, which is gone afterwards (one that a killed process left is used again).

    Raises `BephwError`, "`taken` (process N): `advice`", where another process holds it, or where it cannot be made.
    """
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise BephwError(f"{path}: cannot be written: {error.strerror}") from error
        try:
            _acquire(handle, taken, advice)
            if not _is_at(handle, path):
                continue  # Whoever held it before has removed it in the meantime.
            with suppress(OSError):  # For messages only.
                os.ftruncate(handle, 0)
                os.write(handle, f"{os.getpid()}\n".encode())
            try:
                yield
            finally:
                with suppress(OSError):
                    path.unlink()
            return
        finally:
            os.close(handle)


def _acquire(handle: int, taken: str, advice: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            process = os.read(handle, 32).decode(errors="replace").strip()
            raise BephwError(f"{taken} (process {process or 'unknown'}): {advice}") from None


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
