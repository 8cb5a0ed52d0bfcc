"""A line that does to frames whatever a line can do."""

import random
import re
from collections import Counter

FRAME = re.compile(rb"\x7e[^\x7e]+\x7e")
KINDS = ("garbage", "cut", "duplicate", "late", "wrong", "lost", "old")


class BadLine:
    """Damages frames, a share of them, in a way that `kinds` has. Bytes wait until their frame is whole.

    garbage: bytes before it. cut: a part of it is missing. duplicate: twice. late: behind the next one. wrong: bits
    are inverted. lost: nothing of it comes. old: one of the last hundred that passed comes again, too.

    Attributes:
        counts: of what was done.
        frames: that came in.
        share: may be changed at any time; 0 is a good line.
    """

    def __init__(self, seed, share=0.2, kinds=KINDS):
        self._rng, self.share, self._kinds = random.Random(seed), share, kinds
        self._pending, self._kept, self._seen = b"", b"", []
        self.counts, self.frames = Counter(), 0

    def __call__(self, data):
        self._pending += data
        out, at = b"", 0
        for found in FRAME.finditer(self._pending):
            out += self._pending[at : found.start()] + self._passed(found[0])
            at = found.end()
        self._pending = self._pending[at:]
        if b"\x7e" not in self._pending:
            out, self._pending = out + self._pending, b""
        return out

    def _passed(self, frame):
        rng = self._rng
        self.frames += 1
        self._seen = [*self._seen[-99:], frame]
        kept, self._kept = self._kept, b""
        if rng.random() >= self.share:
            return frame + kept
        kind = rng.choice(self._kinds)
        self.counts[kind] += 1
        if kind == "late":
            self._kept = frame
            return kept
        return self._damaged(kind, frame) + kept

    def _damaged(self, kind, frame):
        rng = self._rng
        if kind == "garbage":
            return rng.randbytes(rng.randrange(1, 40)) + frame
        if kind == "cut":
            start, end = sorted(rng.randrange(len(frame) + 1) for _ in range(2))
            return frame[:start] + frame[end:]
        if kind == "duplicate":
            return frame + frame
        if kind == "wrong":
            return bytes(byte ^ (rng.random() < 0.05) * rng.randrange(256) for byte in frame)
        if kind == "lost":
            return b""
        return frame + rng.choice(self._seen)


class Damaged:
    """A port behind bad lines."""

    def __init__(self, port, going=bytes, coming=bytes):
        self._port, self._going, self._coming = port, going, coming

    def read(self):
        return self._coming(self._port.read())

    def write(self, data):
        self._port.write(self._going(data))

    def close(self):
        self._port.close()
