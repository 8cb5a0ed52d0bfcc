"""When lessons come down: from the classifier to the last layer, and from each layer to the one below."""

from __future__ import annotations

from collections import deque

from bephw.plan.passes import GIVEN_BACK
from bephw.plan.pipeline import NEVER
from bephw.rtl_gen.backward.credit import BEYOND, CreditUnit
from bephw.rtl_gen.backward.credit import OUTSTANDING as LESSONS_OUTSTANDING
from bephw.rtl_gen.classifier.teacher import OUTSTANDING as DECISIONS_OUTSTANDING
from bephw.shape import LayerShape

__all__ = ["SENT", "TIES_READ", "CreditModel", "TeacherModel"]

SENT = 3  # cycles from a prototype word's address to its beat: memory, its register, queue
TIES_READ = 3  # cycles from the reading of the inputs to a word's beat


class TeacherModel:
    """Sends the prototypes of samples that teach (rtl_gen/classifier/teacher.py).

    Attributes:
        decided: cycle in which the last decision was given up.
        complete: cycle in which the last lesson's last beat was taken.
        teaching: busy cycles so far.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._words = shape.words
        self._read = self.complete = self.decided = NEVER
        self._taken: deque[int] = deque([NEVER] * DECISIONS_OUTSTANDING, maxlen=DECISIONS_OUTSTANDING)
        self.teaching = 0

    def take(self, known: int, below_free: int, *, teach: bool) -> None:
        """A decision waits from cycle `known` on; the taker of the lesson is free from `below_free` on."""
        words = self._words if teach else 1
        taken = max(self.complete, below_free - 1)
        for _ in range(words):
            self._read = max(known, self._read + 1, self._taken[0] + 1)
            taken = max(self._read + SENT, taken + 1)
            self._taken.append(taken)
        self.teaching += words
        self.decided = self._read
        self.complete = taken


class CreditModel:
    """Sends what the layer below should have been (rtl_gen/backward/open_rows.py, credit.py).

    Attributes:
        list_free: cycle from which the sample after the next may start its list.
        complete: cycle in which the last lesson's last beat was taken.
        inputs_done: cycle in which the sample's inputs were given up.
        passing: busy cycles so far.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._words = len(shape.passed_on_words)
        self._latency = CreditUnit.latency(shape) + 1
        self._released: deque[int] = deque([NEVER, NEVER], maxlen=2)
        self._taken: deque[int] = deque([NEVER] * LESSONS_OUTSTANDING, maxlen=LESSONS_OUTSTANDING)
        self.complete = self.inputs_done = NEVER
        self.passing = 0

    @property
    def list_free(self) -> int:
        return self._released[0] + 1

    def take(self, closed: int, below_free: int, longest: int, *, teach: bool) -> None:
        """A lesson's lists were complete in cycle `closed`; the taker of the lesson is free from `below_free` on."""
        begun = max(closed + 1, self._released[-1]) + 1
        later = max(longest, 1)
        steps = longest + BEYOND + 1 if teach else 1
        words = self._words if teach else 1
        taken = max(self.complete, below_free - 1)
        for _ in range(words):
            begun = max(begun, self._taken[0] + GIVEN_BACK)
            taken = max(begun + steps - 1 + self._latency, taken + 1)
            self._taken.append(taken)
            begun += steps
            self.passing += steps if teach else 0
            steps = later
        self._released.append(begun)
        self.complete = taken
        self.inputs_done = begun - 1 + self._latency - TIES_READ
