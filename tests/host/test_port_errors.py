"""Why a port cannot be opened: in plain words, with what to do."""

import errno
import os

import pytest
from serial import SerialException

from bephw.host.port_errors import reason


def wrapped(code):
    """As pyserial does it: without a word of what it comes from."""
    try:
        try:
            raise OSError(code, os.strerror(code))
        except OSError as cause:
            raise SerialException(code, f"could not open port: {cause}")  # noqa: B904
    except SerialException as error:
        return error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOENT, "it is not there: is the board plugged in? There is "),
        (errno.EBUSY, "it is in use: another program has it"),
        (errno.EAGAIN, "it is in use: another program has it"),
        (errno.ENOTTY, "it is no serial port"),
        (errno.ECONNREFUSED, "nobody listens there, or another host is connected"),
        (errno.EIO, f"could not open port: [Errno {errno.EIO}]"),
    ],
)
def test_what_the_system_said(code, expected):
    assert expected in reason("/dev/ttyUSB1", wrapped(code))


def test_no_rights_names_the_group_to_join(tmp_path):
    import grp

    device = tmp_path / "port"
    device.touch()
    group = grp.getgrgid(device.stat().st_gid).gr_name
    assert reason(str(device), wrapped(errno.EACCES)) == (
        f"no rights to it: add yourself to its group (sudo usermod -a -G {group} $USER), and log in again"
    )
    assert "-G dialout $USER" in reason("/dev/no_such_port", wrapped(errno.EACCES))
