"""A lock goes with its process, and leaves nothing."""

import fcntl
import os
import signal
import subprocess
import sys

import pytest

from bephw.errors import BephwError
from bephw.locks import lock

HOLD = """
import sys, time
from pathlib import Path
from bephw.locks import lock
with lock(Path(sys.argv[1]), "taken", "wait"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_at_a_time_and_nothing_left(tmp_path):
    path = tmp_path / ".lock"
    for _ in range(2):
        with lock(path, "{taken}", "wait"):
            with (
                pytest.raises(BephwError, match=rf"^{{taken}} \(process {os.getpid()}\): wait$"),
                lock(path, "{taken}", "wait"),
            ):
                pass
            assert path.exists()
        assert not path.exists()


def test_a_killed_process_gives_it_up(tmp_path):
    path = tmp_path / ".lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(BephwError, match=rf"process {process.pid}"), lock(path, "taken", "wait"):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert path.exists()
    with lock(path, "taken", "wait"):
        pass
    assert not path.exists()


def test_a_file_that_was_removed_meanwhile_is_not_the_lock(tmp_path, monkeypatch):
    """Whoever held it removes it between our opening and our locking: a third process may have made it anew."""
    path, flock, calls = tmp_path / ".lock", fcntl.flock, []

    def late(handle, operation):
        if not calls:
            path.unlink()
        calls.append(handle)
        flock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with lock(path, "taken", "wait"):
        assert path.exists() and len(calls) == 2


def test_file_systems_without_locks(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", none)
    with lock(tmp_path / ".lock", "taken", "wait"):
        pass


def test_a_lock_that_cannot_be_made(tmp_path):
    with (
        pytest.raises(BephwError, match=r"\.lock: cannot be written: No such file or directory$"),
        lock(tmp_path / "no" / ".lock", "taken", "wait"),
    ):
        pass
