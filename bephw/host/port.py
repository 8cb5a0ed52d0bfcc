"""What a link's bytes go through: any URL of pyserial's."""

from __future__ import annotations

import time
from typing import Any, Protocol

from bephw.errors import BephwError
from bephw.host.errors import LinkError
from bephw.host.port_errors import reason, refused

__all__ = ["Port", "SerialPort", "open_port"]

POLL = 0.0005
"""Seconds to the next look where nothing has come: little beside a USB bridge's own milliseconds."""
MOST = 1 << 16
"""Bytes of one look."""
LEAVING = 0.5
"""Seconds for which a refused connection is tried again: a served board needs a moment to see that a host has left."""


class Port(Protocol):
    """Bytes to and from a board."""

    def read(self) -> bytes:
        """What has come; nothing, after a moment, where nothing has."""
        ...

    def write(self, data: bytes, /) -> None:
        """All of it, sooner or later."""
        ...

    def close(self) -> None: ...


class SerialPort:
    """A `Port` that pyserial has opened with timeout 0. Raises `LinkError` where it is gone."""

    def __init__(self, serial: Any) -> None:
        self._serial = serial

    def read(self) -> bytes:
        # Not `in_waiting`: of a socket it says no more than whether there is anything.
        try:
            came = bytes(self._serial.read(MOST))
        except OSError as error:
            raise self._gone(error) from error
        if not came:
            time.sleep(POLL)
        return came

    def write(self, data: bytes, /) -> None:
        try:
            self._serial.write(data)
        except OSError as error:
            raise self._gone(error) from error

    def close(self) -> None:
        self._serial.close()

    def _gone(self, error: OSError) -> LinkError:
        return LinkError(f"port {self._serial.port} is gone: {error}")


def open_port(url: str, baud: int) -> SerialPort:
    """A device, "socket://localhost:4000", or what else pyserial knows; a device for this process alone.

    Raises `BephwError` where it cannot be opened, or without pyserial.
    """
    try:
        import serial
    except ImportError as error:
        raise BephwError(
            "pyserial is needed to talk to a board: install it with pip install 'bephw[boards]'"
        ) from error
    latest = time.monotonic() + LEAVING
    while True:
        try:
            return SerialPort(serial.serial_for_url(url, baudrate=baud, timeout=0, exclusive=True))
        except (serial.SerialException, ValueError, OSError) as error:
            if not refused(error) or time.monotonic() > latest:
                raise BephwError(f"port {url} cannot be opened: {reason(url, error)}") from error
        time.sleep(10 * POLL)
