"""A campaign of damaged frames against the link of a virtual board: none may change what the trainer knows.

    python benchmarks/link_fuzz.py [--frames 1000000] [--seed 1] [--json OUT] [--uart] [--baud-error 0.02]

A small trainer learns on the board and in the golden model. Between its samples the board gets frames that are
damaged, each in a way of `DAMAGE`: those that have just taught it, and ones of random content. After each batch of them
the board has to answer a question, in a time that is measured; its statistics, and now and then its state, must not
have changed; then both learn on, and must agree. Without --uart the bytes go straight to the gateware behind the UART,
which is what makes a million frames possible; with it, the line may be off by --baud-error.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bephw.boards import board as board_named
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.host.board import Board
from bephw.host.connection import Connection
from bephw.host.frames import frame
from bephw.host.session import Session
from bephw.settings import Settings
from bephw.virtual.board import VirtualBoard
from bephw.virtual.kept import kept_board

SETTINGS = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"bits": 4, "batch": 5, "rates": 30_000, "r": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5, "profile": False},
    board={"name": "icebreaker", "clock_mhz": 24, "baud": 3_000_000},
)
BATCH = 1000
"""Frames between two looks at the board."""
WHOLE = 10
"""Batches between two looks at all of its state."""
PATIENCE = 0.002
"""Seconds of the board's time."""


def wrong(rng: random.Random, sent: bytes, others: list[bytes]) -> bytes:
    """Some bits are inverted."""
    at = rng.sample(range(1, len(sent) - 1), min(len(sent) - 2, rng.randint(1, 4)))
    return bytes(byte ^ (1 << rng.randrange(8) if place in at else 0) for place, byte in enumerate(sent))


def cut(rng: random.Random, sent: bytes, others: list[bytes]) -> bytes:
    """A part is missing."""
    start = rng.randrange(1, len(sent) - 1)
    return sent[:start] + sent[rng.randrange(start + 1, len(sent)) :]


def garbage(rng: random.Random, sent: bytes, others: list[bytes]) -> bytes:
    """Random bytes."""
    return rng.randbytes(rng.randint(1, 60))


def old(rng: random.Random, sent: bytes, others: list[bytes]) -> bytes:
    """Right, but once more."""
    return sent


def swapped(rng: random.Random, sent: bytes, others: list[bytes]) -> bytes:
    """Two that were right, in another order, the first one cut by the second."""
    return sent[: rng.randrange(1, len(sent))] + rng.choice(others)


def foreign(rng: random.Random, sent: bytes, others: list[bytes]) -> bytes:
    """A check sequence that is right, of a length that no command frame has."""
    return frame(rng.randbytes(rng.randint(0, 2)))


DAMAGE: dict[str, Callable[[random.Random, bytes, list[bytes]], bytes]] = {
    found.__name__: found for found in (wrong, cut, garbage, old, swapped, foreign)
}


class Recording:
    """A port that keeps what was sent."""

    def __init__(self, port: VirtualBoard) -> None:
        self._port = port
        self.sent: list[bytes] = []

    def read(self) -> bytes:
        return self._port.read()

    def write(self, data: bytes, /) -> None:
        self.sent += [b"\x7e" + part + b"\x7e" for part in data.split(b"\x7e") if len(part) > 6]
        self._port.write(data)

    def close(self) -> None:
        self._port.close()


class Campaign:
    """A board, and what the golden model knows of it."""

    def __init__(self, port: VirtualBoard, seed: int) -> None:
        self._port, self._recording = port, Recording(port)
        self._rng, self._random = random.Random(seed), np.random.default_rng(seed)
        self.board = Board(Connection(self._recording, Session(patience=PATIENCE), port.clock), SETTINGS)
        start = initial_state(SETTINGS)
        self._golden = GoldenModel(SETTINGS, start)
        self.board.until_idle()
        self.board.load_state(start)
        self.counts: Counter[str] = Counter()
        self.samples = self.bytes = 0
        self.slowest = 0.0  # seconds of the board's time from the last byte of garbage to an answer

    def learn(self) -> None:
        """A few samples, on both; the frames that carry them are those that will be damaged."""
        self._recording.sent.clear()
        x, y = self._random.integers(0, 2, (10, 7), np.uint8), self._random.integers(0, 3, 10)
        expected = self._golden.train(x, y)
        found = self.board.stream(x, y)
        assert found.label.tolist() == expected.prediction.tolist(), "predictions differ"
        assert found.taught.tolist() == expected.taught.tolist(), "what taught differs"
        self.samples += len(x)

    def disturb(self, frames: int) -> None:
        """A batch of damaged frames, then a question."""
        before = self.board.statistics()
        sent = list(self._recording.sent)
        line = bytearray()
        for _ in range(frames):
            name = self._rng.choice(list(DAMAGE))
            self.counts[name] += 1
            line += DAMAGE[name](self._rng, self._rng.choice(sent), sent)
        self.bytes += len(line)
        self._port.write(bytes(line))
        session = self.board.connection.session
        self._port.drain(lambda came: session.receive(came, self._port.clock()))
        begun = self._port.clock()
        self.board.read("batch")
        self.slowest = max(self.slowest, self._port.clock() - begun)
        found = self.board.statistics()
        assert found == before, f"statistics must be {before}, not {found}"

    def compare(self) -> None:
        """All of the state, which a damaged frame must not have changed."""
        self.board.end_batch()
        self._golden.end_batch()
        found = self.board.read_state().to_arrays()
        for name, array in self._golden.state.to_arrays().items():
            assert (found[name] == array).all(), f"{name} differs"


def run(program: Path, frames: int, seed: int, *, baud_error: float = 0.0) -> dict[str, Any]:
    """The figures. Raises `AssertionError` where a damaged frame did anything."""
    begun = time.monotonic()
    board = SETTINGS.board
    with VirtualBoard(program, board.clock_mhz or 0, board.baud * (1 + baud_error), seed=seed) as port:
        campaign = Campaign(port, seed)
        done = 0
        while done < frames:
            campaign.learn()
            size = min(BATCH, frames - done)
            campaign.disturb(size)
            done += size
            if done // BATCH % WHOLE == 0 or done == frames:
                campaign.compare()
        session = campaign.board.connection.session
        return {
            "frames": done,
            "kinds": dict(campaign.counts),
            "bytes": campaign.bytes,
            "samples": campaign.samples,
            "baud_error": baud_error,
            "slowest_answer_seconds": campaign.slowest,
            "changed": 0,
            "overflow": session.overflow,
            "cycles": port.cycles,
            "seconds": time.monotonic() - begun,
        }


def main() -> None:
    """Run the campaign that is asked for, and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--uart", action="store_true")
    parser.add_argument("--baud-error", type=float, default=0.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    program = kept_board(board_named(SETTINGS.board.name), SETTINGS, fast=not options.uart)
    figures = run(program, options.frames, options.seed, baud_error=options.baud_error)
    figures |= {"benchmark": "link_fuzz", "uart": options.uart}
    kinds = ", ".join(f"{name} {count:,}" for name, count in figures["kinds"].items())
    print(
        f"{figures['frames']:,} damaged frames ({kinds}): nothing changed; slowest answer "
        f"{1e6 * figures['slowest_answer_seconds']:.0f} us of the board's time; {figures['seconds']:.0f} s"
    )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
