"""Commands that fill a folder with cells, stopped in the middle of it."""

import subprocess
import sys
import time


def finished(folder):
    return sorted((folder / "cells").glob("*.json"))


def broken_off(command, path, folder, send):
    """The exit code and last words of `bephw COMMAND PATH`, which `send` stops when it has finished another cell of
    `folder`. A machine that is busy elsewhere lets it come to its end first: what it did is then taken away, and it is
    started again."""
    before = {file for file in folder.rglob("*") if file.is_file()}
    cells = finished(folder)
    for _ in range(5):
        with _start(command, path, folder) as process:
            until = time.monotonic() + 60
            while finished(folder) == cells and process.poll() is None and time.monotonic() < until:
                time.sleep(0.002)
            if process.poll() is None:
                send(process)
            _, err = process.communicate(timeout=60)
        if process.returncode:
            return process.returncode, err
        for file in {file for file in folder.rglob("*") if file.is_file()} - before:
            file.unlink()
    raise AssertionError("it came to its end five times")


def _start(command, path, folder):
    """In a process group of its own, so that it is stopped or killed as from outside."""
    return subprocess.Popen(
        [sys.executable, "-m", "bephw", command, str(path), "--output", str(folder), "--jobs", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
