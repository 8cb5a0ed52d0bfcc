"""How long to wait for an answer, measured as TCP does (RFC 6298)."""

from __future__ import annotations

__all__ = ["Patience"]

SMOOTHING, DEVIATION = 1 / 8, 1 / 4  # weights of a round trip in their mean, and in their mean deviation
DEVIATIONS = 4  # by which a round trip may be late


class Patience:
    """Seconds without progress until something is sent again.

    A mean round trip and four mean deviations, at least `least`, at most `most`. Doubled when that was in vain and yet
    the board was heard, and nothing damaged with it: what is late looks like what is lost, and a line that is slow must
    not get everything twice, while on one that is bad whoever waits longer goes on later. Only a round trip of what was
    sent once ends that. Before the first one it is doubled again and again; later once.
    """

    def __init__(self, least: float, most: float) -> None:
        self._least = least
        self._most = most
        self._mean: float | None = None
        self._deviation = 0.0
        self._doubled = 0
        self._heard = self._damaged = False  # since something was last sent in vain
        self._timed: tuple[int, float] | None = None  # position behind a frame that was sent once, and when

    @property
    def seconds(self) -> float:
        usual = 0.0 if self._mean is None else self._mean + DEVIATIONS * self._deviation
        return float(min(self._most, max(self._least, usual) * 2**self._doubled))

    def sent(self, end: int, now: float) -> None:
        """A frame was sent for the first time; its last byte is before position `end`."""
        if self._timed is None:
            self._timed = (end, now)

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
        trip = now - self._timed[1]
        self._timed, self._doubled = None, 0
        if self._mean is None:
            self._mean, self._deviation = trip, trip / 2
        else:
            self._deviation += DEVIATION * (abs(trip - self._mean) - self._deviation)
            self._mean += SMOOTHING * (trip - self._mean)

    def in_vain(self) -> None:
        """Something is sent again: of what was under way nobody will know which one was answered."""
        self._timed = None
        if self._heard and not self._damaged and self.seconds < self._most:
            self._doubled = self._doubled + 1 if self._mean is None else 1
        self._heard = self._damaged = False
