"""`Harness`: a compiled design without Python in its loop, as a process that does what it is asked (`harness.cpp`)."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY
from bephw.sim.job import Stalls
from bephw.sim.words import word_blocks, word_size, words_per_sample

__all__ = ["Harness"]

HANGS = 3  # status with which it ends where the design does
WORD = 8  # bytes of an operand, and of an answer


class Harness:
    """The process, and what may be asked of it.

    Args:
        command: that starts it, without its own arguments.
        folder: to start it in.
        silence: cycles in which a request must move something, or the design hangs.
        stalls: of the streams.
        arguments: for Verilator.

    Raises `BephwError`, anywhere, where the design hangs or the process is gone.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, *, silence: int, stalls: Stalls, arguments: Sequence[str] = ()
    ) -> None:
        self._silence = silence
        self._taken = 0
        chances = (stalls.samples, stalls.predictions, stalls.transfers)
        numbers = (silence, WRITE_LATENCY, READ_LATENCY, stalls.seed % 2**64, *(repr(float(part)) for part in chances))
        self._process = subprocess.Popen(
            [*command, *map(str, numbers), *arguments], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        self._process.communicate()

    def write(self, address: int, value: int) -> None:
        """Of a register, modulo 2^32."""
        self._ask("W", address, value % 2**32)

    def read(self, address: int) -> int:
        """Of a register, unsigned."""
        self._ask("R", address)
        return self._number()

    def until_clear(self, address: int, mask: int) -> None:
        """Until none of these bits is set in the register."""
        self._ask("I", address, mask)

    def load(self, payloads: Iterable[int]) -> None:
        """Send state, whose transfer has been begun."""
        values = np.fromiter(payloads, "<u8")
        self._ask("L", len(values), blocks=[values])

    def dump(self, count: int) -> NDArray[np.uint64]:
        """Take so many elements of state."""
        self._ask("D", count)
        return self._numbers(count)

    def steps(self, count: int) -> None:
        """Drive the port `steps` from now on."""
        self._ask("S", count)

    def stream(
        self,
        x: NDArray[np.uint8],
        y: NDArray[np.integer],
        width: int,
        into: list[int],
        *,
        then: tuple[int, int] | None = None,
        on_predictions: Callable[[int], None],
    ) -> None:
        """Send samples in words of `width` input bits, and append their predictions to `into`.

        `then`: address and value of a register to be written at once after the last word. `on_predictions` is called
        with the length of `into` when that has grown.
        """
        before = len(into)
        operands = (int(then is not None), *(then or (0, 0)))
        words = len(x) * words_per_sample(x, width)
        self._ask("X", len(x), word_size(y, width), words, *operands, blocks=word_blocks(x, y, width))
        while len(into) - before < len(x):
            into += self._numbers(self._number()).tolist()
            self._taken = len(into)
            on_predictions(len(into))

    def cut_off(self, x: NDArray[np.uint8], y: NDArray[np.integer], width: int, beats: int, cycles: int) -> None:
        """Send samples until so many beats have moved, and `cycles` longer; then reset."""
        words = len(x) * words_per_sample(x, width)
        self._ask("K", word_size(y, width), words, beats, cycles, blocks=word_blocks(x, y, width))

    @property
    def clocks(self) -> int:
        """Clock cycles so far."""
        self._ask("C")
        return self._number()

    def _ask(self, request: str, *operands: int, blocks: Iterable[NDArray] = ()) -> None:
        pipe = self._pipe(self._process.stdin)
        try:
            pipe.write(request.encode() + struct.pack(f"<{len(operands)}Q", *operands))
            for block in blocks:
                pipe.write(np.ascontiguousarray(block).tobytes())
            pipe.flush()
        except BrokenPipeError:
            raise self._gone() from None

    def _number(self) -> int:
        return int(self._numbers(1)[0])

    def _numbers(self, count: int) -> NDArray[np.uint64]:
        answer = self._pipe(self._process.stdout).read(WORD * count)
        if len(answer) < WORD * count:
            raise self._gone()
        return np.frombuffer(answer, "<u8")

    def _gone(self) -> BephwError:
        status = self._process.wait()
        if status == HANGS:
            return BephwError(
                f"the design hangs: no stream moved for {self._silence} cycles, after {self._taken} predictions"
            )
        return BephwError(f"the simulation ended with status {status}")

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None, "both were asked for"
        return pipe
