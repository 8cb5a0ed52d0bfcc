"""Why a port cannot be opened, and what to do about it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = ["reason", "refused"]

DIALOUT = "dialout"


def reason(url: str, error: Exception) -> str:
    """Of pyserial's error, in one line."""
    code = _code(error)
    if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return f"it is not there: is the board plugged in? {_ports()}"
    if code in (errno.EACCES, errno.EPERM):
        group = _group(url)
        return f"no rights to it: add yourself to its group (sudo usermod -a -G {group} $USER), and log in again"
    if code in (errno.EAGAIN, errno.EBUSY):
        return "it is in use: another program has it (a lock, Resource busy)"
    if code == errno.ECONNREFUSED:
        return "nobody listens there, or another host is connected (Connection refused)"
    if code == errno.ENOTTY:
        return "it is no serial port"
    if url.startswith("socket://") and isinstance(error.__context__, TypeError):
        return "it must name a port, as in socket://localhost:4000"
    return (" ".join(str(error).split())) or type(error).__name__


def refused(error: Exception) -> bool:
    """Whether the other end was there, and took no connection."""
    return _code(error) == errno.ECONNREFUSED


def _code(error: Exception) -> object:
    """The system's, where there is one."""
    # pyserial wraps what the system said, and words it anew.
    cause = error.__context__ or error
    return getattr(cause, "errno", None) or next(iter(cause.args), None)  # termios.error has no more than arguments


def _ports() -> str:
    """Those that there are."""
    from serial.tools.list_ports import comports

    found = sorted(port.device for port in comports())
    return f"There is {', '.join(found)}" if found else "There is no serial port at all"


def _group(url: str) -> str:
    """That owns the device."""
    try:
        import grp

        return grp.getgrgid(os.stat(Path(url)).st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return DIALOUT
