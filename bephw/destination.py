"""Where an output path leads: to a file that is replaced whole, or to something that is written into.

Symbolic links are followed. What is no regular file (a terminal, a pipe, a device) is never replaced: a rename over it
would take it from everybody else.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from bephw.errors import BephwError, check

__all__ = ["Destination", "destination"]

MOST_LINKS = 40  # As Linux has it.
DESCRIPTOR = re.compile(r"/proc/(\d+)(?:/task/\d+)?/fd/(\d+)|/dev/fd/(\d+)")


@dataclass(frozen=True)
class Destination:
    """Where a path leads.

    Attributes:
        path: with all symbolic links followed.
        descriptor: the number, where this is an open file of this process (as /dev/stdout and /dev/fd/N are).
        stream: whether it is written into: a descriptor, a pipe or a character device.
        exists: whether there is something already.
    """

    path: Path
    descriptor: int | None
    stream: bool
    exists: bool

    def same(self, other: Destination) -> bool:
        """Whether both are one file that can be overwritten; streams take what comes, one thing after the other."""
        if self.stream or other.stream:
            return False
        if self.exists and other.exists:
            return os.path.samefile(self.path, other.path)
        return os.path.realpath(self.path) == os.path.realpath(other.path)


def destination(path: Path) -> Destination:
    """Raises `BephwError` where `path` is a folder, a socket or a disk, its links go round in a circle, or it cannot be
    looked at.
    """
    try:
        return _destination(path)
    except OSError as error:
        raise BephwError(f"{path}: cannot be written: {error.strerror}") from error


def _destination(path: Path) -> Destination:
    final = _follow(path)
    descriptor = _descriptor(final)
    if descriptor is not None:
        check(_is_open(descriptor), f"{path}: cannot be written: descriptor {descriptor} is not open")
        return Destination(final, descriptor, stream=True, exists=True)
    try:
        mode = os.stat(final).st_mode
    except FileNotFoundError:
        return Destination(final, None, stream=False, exists=False)
    except NotADirectoryError:  # A file where a folder of the path should be: `make_folder` says so.
        return Destination(final, None, stream=False, exists=False)
    check(not stat.S_ISDIR(mode), f"{path}: is a folder, not a file to write")
    check(not stat.S_ISSOCK(mode), f"{path}: is a socket, not a file to write")
    check(not stat.S_ISBLK(mode), f"{path}: is a disk (a block device), not a file to write")
    elsewhere = bool(DESCRIPTOR.fullmatch(str(final)))  # Another process' descriptor.
    return Destination(final, None, stream=elsewhere or not stat.S_ISREG(mode), exists=True)


def _follow(path: Path) -> Path:
    """The end of the symbolic links of the last name; it need not exist. A descriptor's own link is not followed: what
    it reads (as "pipe:[123]") is no path, and to open a file anew would lose the place in it.
    """
    for _ in range(MOST_LINKS):
        place = Path(os.path.realpath(path.parent)) / path.name if path.name else path
        if DESCRIPTOR.fullmatch(str(place)) or not place.is_symlink():
            return place
        path = place.parent / os.readlink(place)
    raise BephwError(f"{path}: cannot be written: its symbolic links go round in a circle")


def _descriptor(place: Path) -> int | None:
    found = DESCRIPTOR.fullmatch(str(place))
    if found is None:
        return None
    process, number, directly = found.groups()
    return int(number or directly) if process in (None, str(os.getpid())) else None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
