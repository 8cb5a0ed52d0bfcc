"""Output files: checked before the work starts, and written whole or not at all.

A regular file is replaced by one that was written beside it, under the same mode and owner. Where that cannot be (its
folder admits no new file, or it is mounted by itself) it is written in place, and gets its old content back if that
fails; so it is where its owner could not be kept. Pipes, terminals and devices are written into (`bephw.destination`).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bephw.destination import Destination, destination
from bephw.errors import BephwError, check

__all__ = [
    "check_distinct",
    "check_writable",
    "errors_named",
    "make_folder",
    "write_bytes",
    "write_json",
    "write_text",
]

LONGEST_NAME = 200  # Of a temporary file's part that comes from the file's own name; file systems take 255 bytes.
# What a folder answers that holds a writable file, but admits no other in its place.
NOT_BESIDE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)


def make_folder(path: Path) -> Path:
    """`path`, made with its parents where it is not there. Raises `BephwError` where it cannot hold files."""
    _make(path)
    if not os.access(path, os.W_OK | os.X_OK):
        raise BephwError(f"folder {path}: cannot be written to")
    return path


def _make(path: Path) -> None:
    try:
        os.makedirs(os.path.realpath(path), exist_ok=True)  # Also where a link leads to, which may not be there yet.
    except OSError as error:
        raise BephwError(f"folder {path}: cannot be made: {error.strerror}") from error


def check_writable(*paths: Path | None) -> None:
    """Raise `BephwError` for the first path that could not be written: before a long run, not after it.

    A pipe is not opened: that would wait for its reader.
    """
    for path in paths:
        if path is None:
            continue
        target = destination(path)
        if target.descriptor is not None:
            continue
        if target.exists:
            check(os.access(target.path, os.W_OK), f"{path}: cannot be written: {os.strerror(errno.EACCES)}")
        else:
            make_folder(path.parent if target.path.parent == path.parent else target.path.parent)


@contextlib.contextmanager
def errors_named(place: Path | str) -> Iterator[None]:
    """Within, errors of the system that name no file become a `BephwError` with `place` (a file or a folder); so does
    whatever goes wrong while the disk is full: tools say that in many ways, or not at all.
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None or not error.errno:
            raise
        raise BephwError(f"{place}: cannot be written: {error.strerror}") from error
    except Exception as error:
        if _is_full(place):
            raise BephwError(f"{place}: cannot be written: {os.strerror(errno.ENOSPC)}") from error
        raise


def _is_full(place: Path | str) -> bool:
    try:
        return shutil.disk_usage(place).free == 0
    except OSError:
        return False


def check_distinct(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None] | None = None) -> None:
    """Raise `BephwError` where an output (by its option) would be written over another one, or over an input."""
    given = {name: destination(path) for name, path in outputs.items() if path is not None}
    read = {name: destination(path) for name, path in (inputs or {}).items() if path is not None and path.is_file()}
    before: dict[str, Destination] = dict(read)
    for name, target in given.items():
        for other, there in before.items():
            check(
                not target.same(there),
                f"{name} {outputs[name]}: would overwrite {other}: choose another name",
            )
        before[name] = target


def write_bytes(path: Path, content: bytes) -> None:
    """Write `path`, whole or not at all. Raises `BephwError`; `BrokenPipeError` where stdout's reader went away."""
    target = destination(path)
    try:
        if target.stream:
            _write_into(target, content)
        else:
            if not target.exists:
                _make(path.parent if target.path.parent == path.parent else target.path.parent)
            _replace(target.path, content)
    except OSError as error:
        if isinstance(error, BrokenPipeError) and target.descriptor is not None:
            raise
        raise BephwError(f"{path}: cannot be written: {error.strerror}") from error


def _write_into(target: Destination, content: bytes) -> None:
    if target.descriptor is not None:
        for printed in (sys.stdout, sys.stderr):
            if printed is not None:
                printed.flush()  # What was printed before comes before.
        handle = os.dup(target.descriptor)
    else:
        handle = os.open(target.path, os.O_WRONLY | os.O_NOCTTY)
    with os.fdopen(handle, "wb", buffering=0) as file:
        left = memoryview(content)
        while left:
            left = left[file.write(left) or 0 :]


def _replace(path: Path, content: bytes) -> None:
    """The file `path`, which may exist, through a temporary one beside it where that can be."""
    with contextlib.suppress(FileNotFoundError):
        if not os.access(path, os.W_OK) and os.stat(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    try:
        with _temporary(path) as temporary:
            with open(temporary, "r+b") as file:
                file.write(content)
            _take_after(path, temporary)
            os.replace(temporary, path)
    except OSError as error:
        if error.errno not in NOT_BESIDE or not path.exists():
            raise
        _write_in_place(path, content)


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A new file beside `path`, with the mode that any new file gets; gone afterwards, if it is still there."""
    stem = os.fsdecode(os.fsencode(path.name)[:LONGEST_NAME])
    temporary = path.with_name(f".{stem}.{secrets.token_hex(4)}")
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _take_after(path: Path, temporary: Path) -> None:
    """Owner and mode of the file that is about to be replaced. Raises `OSError` where the owner cannot be kept."""
    with contextlib.suppress(FileNotFoundError):
        old, new = os.stat(path), os.stat(temporary)
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            os.chown(temporary, old.st_uid, old.st_gid)
        os.chmod(temporary, stat.S_IMODE(old.st_mode))


def _write_in_place(path: Path, content: bytes) -> None:
    with open(path, "r+b", buffering=0) as file:
        old = file.read()
        try:
            _overwrite(file, content)
        except BaseException:
            _overwrite(file, old)
            raise


def _overwrite(file: Any, content: bytes) -> None:
    file.seek(0)
    file.truncate()
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def write_text(path: Path, text: str) -> None:
    """`write_bytes` of UTF-8 text; what is no text (bytes of a file's name, say) becomes a question mark."""
    write_bytes(path, text.encode(errors="replace"))


def write_json(path: Path | None, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON; nothing where `path` is None."""
    if path is not None:
        write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")
