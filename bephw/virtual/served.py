"""`ServedBoard`: a compiled board at a TCP port and a pseudo-terminal, where any host finds it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from bephw.errors import BephwError

__all__ = ["ServedBoard"]


class ServedBoard:
    """A board's whole design in a process of its own, at the other end of which one host after another may be.

    While one is there, others are refused. The board's time stands still while none is.

    Args:
        program: of `compile_board`.
        clock_mhz: of the trainer.
        baud: at this end.
        tcp: port on this machine; 0 takes any that is free, None has none.
        terminal: whether there is a pseudo-terminal.
        on_event: called from a thread with "host tcp", "host pty", "gone", and about once a second, while a host is
            there, "cycles NUMBER" (since power-up); before it ends by itself with "failed REASON".
        seed: for what has no value at power-up.

    Attributes:
        urls: for `bephw.host.connect`, the TCP port's first.

    Raises `BephwError` where the port is taken, or the process ends at once.
    """

    def __init__(
        self,
        program: Path,
        clock_mhz: float,
        baud: float,
        *,
        tcp: int | None = 0,
        terminal: bool = True,
        on_event: Callable[[str], object] = lambda event: None,
        seed: int = 1,
    ) -> None:
        wanted = (-1 if tcp is None else tcp, int(terminal))
        self._process = subprocess.Popen(
            [str(program), repr(clock_mhz * 1e6 / baud), str(seed), "serve", *map(str, wanted)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # an interrupt from the keyboard is for whoever serves the board
        )
        self._on_event = on_event
        try:
            self.urls = tuple(self._url() for _ in range((tcp is not None) + terminal))
        except BephwError:
            self.close()
            raise
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def process(self) -> int:
        """Its number."""
        return self._process.pid

    def power_up(self) -> None:
        """As if the board had just been switched off and on; hosts stay connected."""
        assert self._process.stdin is not None, "asked for"
        self._process.stdin.write("P")
        self._process.stdin.flush()

    def wait(self) -> None:
        """Until it ends by itself, which is an error. Raises `BephwError`."""
        status = self._process.wait()
        raise BephwError(f"the virtual board ended with status {status}")

    def close(self) -> None:
        """End the process, which is done when its input is."""
        assert self._process.stdin is not None and self._process.stdout is not None, "both were asked for"
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if hasattr(self, "_reader"):
            self._reader.join()
        self._process.stdout.close()

    def _url(self) -> str:
        assert self._process.stdout is not None, "asked for"
        kind, _, place = self._process.stdout.readline().strip().partition(" ")
        if kind == "tcp":
            return f"socket://localhost:{place}"
        if kind == "pty":
            return place
        raise BephwError(f"the virtual board cannot be served: {place or 'it ended at once'}")

    def _read(self) -> None:
        assert self._process.stdout is not None, "asked for"
        for line in self._process.stdout:
            self._on_event(line.strip())
