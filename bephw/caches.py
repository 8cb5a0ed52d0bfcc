"""Where compiled code and downloads are kept: a folder of the user's cache, or a temporary one.

A home that is not there is never made: in containers and services `HOME` is often a name that means nothing.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bephw.errors import BephwError, check

__all__ = ["cache_folder", "home", "temporary_folder"]


def home(environment: Mapping[str, str]) -> Path | None:
    """The user's home, by `HOME` or where that is not set by the system's users; None where it holds no files."""
    path = Path(environment.get("HOME") or _home_of_user())
    usable = path.is_absolute() and path.is_dir() and os.access(path, os.W_OK | os.X_OK)
    return path if usable else None


def cache_folder(environment: Mapping[str, str]) -> Path:
    """A folder that can be written: `bephw` in `XDG_CACHE_HOME` or else in `.cache` of the user's home, made where it
    is not there; `temporary_folder()` where that cannot be. Raises `BephwError` as it does.
    """
    folder = _wanted(environment)
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return temporary_folder()
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    return temporary_folder()


def temporary_folder() -> Path:
    """A folder of this user alone among the system's temporary files, made where it is not there.

    Raises `BephwError` where something is there under its name that is not the user's own folder: what lies in it may
    be run.
    """
    path = Path(tempfile.gettempdir()) / f"bephw-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
        check(ours, f"{path}: must be a folder of your own: remove it, or set XDG_CACHE_HOME")
        path.chmod(0o700)
    except OSError as error:
        raise BephwError(f"{path}: cannot be made: {error.strerror}: set XDG_CACHE_HOME") from error
    return path


def _wanted(environment: Mapping[str, str]) -> Path | None:
    """Where the cache belongs; None where that lies in a home that is not there."""
    there, named = home(environment), environment.get("XDG_CACHE_HOME")
    if named and Path(named).is_absolute():
        lost = there is None and Path(named).is_relative_to(environment.get("HOME") or _home_of_user())
        return None if lost and not Path(named).exists() else Path(named) / "bephw"
    return there / ".cache" / "bephw" if there else None


def _home_of_user() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):  # A user without an entry, as containers have.
        return ""
