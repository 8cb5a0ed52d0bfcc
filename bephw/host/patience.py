"""How long to wait for an answer, measured as TCP does (RFC 6298), and how long frames may be for that."""

from __future__ import annotations

__all__ = ["LONGEST_PAYLOAD", "Patience"]

LONGEST_PAYLOAD, SHORTEST_PAYLOAD = 240, 30
"""Bytes of commands in a frame: a damaged frame costs so many, and its ends 9 more."""

SMOOTHING, DEVIATION = 1 / 8, 1 / 4  # weights of a round trip in their mean, and in their mean deviation
DEVIATIONS = 4  # by which a round trip may be late


class Patience:
    """Seconds without progress until something is sent again.

    A mean round trip and four mean deviations, at least `least`, at most `most`. Doubled when that was in vain and yet
    the board was heard, and nothing damaged with it: what is late looks like what is lost, and a line that is slow must
    not get everything twice, while on one that is bad whoever waits longer goes on later. Only a round trip of what was
    sent once ends that. Before the first one it is doubled again and again; later once.

    Nothing can get on while a frame is on the line. So frames begin short, and become longer only when such a one was
    there and back in time: whatever the speed of the line, waiting for one is not in vain.

    Attributes:
        payload: bytes of commands in a frame, at most.
    """

    def __init__(self, least: float, most: float) -> None:
        self._least = least
        self._most = most
        self._mean: float | None = None
        self._deviation = 0.0
        self._doubled = 0
        self._heard = self._damaged = False  # since something was last sent in vain
        # Position behind a frame that was sent once, when, and its length.
        self._timed: tuple[int, float, int] | None = None
        self.payload = SHORTEST_PAYLOAD

    @property
    def seconds(self) -> float:
        usual = 0.0 if self._mean is None else self._mean + DEVIATIONS * self._deviation
        return float(min(self._most, max(self._least, usual) * 2**self._doubled))

    def sent(self, end: int, length: int, now: float) -> None:
        """A frame of so many bytes was sent for the first time; its last one is before position `end`."""
        if self._timed is None:
            self._timed = (end, now, length)

    def heard(self) -> None:
        """The board has said something."""
        self._heard = True

    def damaged(self) -> None:
        """Something came that was no right frame."""
        self._damaged = True

    def accepted(self, position: int, now: float) -> None:
        """All up to there has arrived, and the answer is back."""
        if self._timed is None or position < self._timed[0]:
            return
        _, began, length = self._timed
        trip = now - began
        if length >= self.payload:
            self.payload = min(LONGEST_PAYLOAD, 2 * self.payload)
        self._timed, self._doubled = None, 0
        if self._mean is None:
            self._mean, self._deviation = trip, trip / 2
        else:
            self._deviation += DEVIATION * (abs(trip - self._mean) - self._deviation)
            self._mean += SMOOTHING * (trip - self._mean)

    def in_vain(self) -> None:
        """Something is sent again: of what was under way nobody will know which one was answered."""
        self._timed = None
        self.payload = max(SHORTEST_PAYLOAD, self.payload // 2)
        if self._heard and not self._damaged and self.seconds < self._most:
            self._doubled = self._doubled + 1 if self._mean is None else 1
        self._heard = self._damaged = False
