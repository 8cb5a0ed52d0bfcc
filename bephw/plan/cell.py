"""When a recurrent cell is done with each sample (rtl_gen/recurrent/cell.py)."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.activity import Activity
from bephw.plan.counters import CountersModel
from bephw.plan.lessons import CreditModel
from bephw.plan.passes import GIVEN_BACK, GearboxModel
from bephw.plan.pipeline import NEVER
from bephw.plan.search import BufferModel, SearchModel
from bephw.plan.turns import TurnsModel
from bephw.settings import Settings

__all__ = ["CellModel"]


class CellModel:
    """All parts of a cell. Samples of as many steps as those of `activity` come in `beats` a step.

    Attributes:
        ahead: samples that may come in before the first of them ends.
        steps: cycles that the array is busy with a sample.
        lesson: the buffer of lessons from above.
    """

    def __init__(self, settings: Settings, activity: Activity, beats: Sequence[range]) -> None:
        shape, hardware = settings.shapes[0], settings.hardware
        self._words, self._slots = len(beats), hardware.slots
        self._count = activity.winners[0].shape[1]
        self._inputs = GearboxModel(beats, shape.columns)
        self._turns = TurnsModel(shape, hardware.slots, hardware.wire_registers)
        self._admitted = 0
        self._freed: list[int] = []  # for each sample, when everybody has done with its inputs
        self.counters = CountersModel(shape, single_port=settings.single_ports[0])
        self.search = SearchModel(shape, settings.gamma[0], self.counters)
        self.credit = CreditModel(shape)
        self.lesson, self._own = BufferModel(), BufferModel()
        self._winners = activity.winners[0].tolist()
        self._events = activity.event_words(0, shape.row_chunks, shape.update_columns)
        self._longest = activity.longest_lists(0, shape.rows).tolist()
        self.ahead, self.steps = hardware.slots, self._count * shape.forward_cycles

    def admit(self, free: int) -> int:
        """The next sample comes in, from cycle `free` on; the cycle of its last word."""
        if self._admitted >= self._slots:
            free = max(free, self._freed[self._admitted - self._slots] + GIVEN_BACK)
        self._admitted += 1
        inputs = []
        for _ in range(self._count):
            last = max(free, self._inputs.room) + self._words - 1
            inputs.append(self._inputs.arrive(last) + 1)
            free = last + 1
        self._turns.admit(inputs)
        return free - 1

    def pass_up(self, room: int) -> int:
        """The next sample's last step, for which there is room above from a cycle on; the cycle of its last outputs."""
        return self._turns.finish(room)

    def learn(self, number: int, taken: int, *, teach: bool, learn: bool) -> None:
        """A lesson's last beat was taken in cycle `taken`, and those of the steps before follow from it, each from the
        one of the step after it: one sample after the other."""
        shown = self.lesson.complete(taken)
        for step in reversed(range(self._count)):
            ends = step == 0 or not teach
            self.search.take(
                shown,
                self.credit.list_free,
                self._winners[number][step],
                teach=teach,
                learn=learn,
                events=self._events[number],
                ends=ends,
            )
            buffer = self.lesson if step == self._count - 1 else self._own
            buffer.consumed = self.search.consumed
            # What ends a sample is no lesson, and nobody need be free for it.
            free = NEVER if ends else self._own.shown
            self.credit.take(self.search.closed, free, self._longest[number][step], teach=not ends)
            if ends:
                break
            shown = self._own.complete(self.credit.complete)
        self._freed.append(max(self.counters.inputs_done, self.credit.inputs_done))
