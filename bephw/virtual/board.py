"""`VirtualBoard`: a compiled board as a port, whose time is the board's own."""

from __future__ import annotations

import contextlib
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, Self

from bephw.errors import BephwError

__all__ = ["VirtualBoard"]

POLL = 0.0005
"""Seconds of the board's time that reading waits for a byte."""
DRAIN = 0.05
"""Seconds of the board's time in which what comes is collected, while something is sent."""


class VirtualBoard:
    """A board's whole design in a process, and this end of its serial line: a `bephw.host.port.Port`.

    Time passes only while somebody reads, and is counted in the board's cycles: runs repeat to the bit.

    Args:
        program: of `compile_board`.
        clock_mhz: of the trainer.
        baud: at this end.
        seed: for what has no value at power-up.

    Raises `BephwError`, anywhere, where the process is gone.
    """

    def __init__(self, program: Path, clock_mhz: float, baud: float, *, seed: int = 1) -> None:
        self._hertz = clock_mhz * 1e6
        self.cycles = 0
        self._process = subprocess.Popen(
            [str(program), repr(self._hertz / baud), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def clock(self) -> float:
        """Seconds of the board's time so far."""
        return self.cycles / self._hertz

    def write(self, data: bytes, /) -> None:
        """Onto the line, behind what is not gone yet."""
        self._ask(b"S" + struct.pack("<Q", len(data)) + data)

    def read(self) -> bytes:
        """What has come; waits a moment for it."""
        came, _ = self._run(POLL)
        return came

    def drain(self, on_read: Callable[[bytes], None] = lambda data: None) -> None:
        """Until all that was written is on the line; what comes meanwhile is handed over."""
        going = 1
        while going:
            came, going = self._run(DRAIN, b"D")
            on_read(came)

    def power_up(self) -> None:
        """As if the board had just been switched on; its time goes on."""
        self._ask(b"P")

    def close(self) -> None:
        """End the process, which is done when its input is."""
        with contextlib.suppress(BrokenPipeError):
            self._pipe(self._process.stdin).close()
        self._pipe(self._process.stdout).close()
        self._process.wait()

    def _run(self, seconds: float, request: bytes = b"R") -> tuple[bytes, int]:
        """What came, and how many bytes are still to be sent."""
        self._ask(request + struct.pack("<Q", round(seconds * self._hertz)))
        passed, going, count = struct.unpack("<3Q", self._take(24))
        self.cycles += passed
        return self._take(count), going

    def _ask(self, request: bytes) -> None:
        pipe = self._pipe(self._process.stdin)
        try:
            pipe.write(request)
            pipe.flush()
        except BrokenPipeError:
            raise self._gone() from None

    def _take(self, size: int) -> bytes:
        answer = self._pipe(self._process.stdout).read(size)
        if len(answer) < size:
            raise self._gone()
        return answer

    def _gone(self) -> BephwError:
        return BephwError(f"the virtual board ended with status {self._process.wait()}")

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None, "both were asked for"
        return pipe
