"""When a recurrent cell is done with each sample (rtl_gen/recurrent/cell.py)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bephw.plan.activity import Activity
from bephw.plan.counters import CountersModel
from bephw.plan.lessons import CreditModel
from bephw.plan.passes import GIVEN_BACK, GearboxModel, StreamModel
from bephw.plan.pipeline import NEVER
from bephw.plan.search import BufferModel, SearchTimes
from bephw.plan.turns import TurnsModel
from bephw.rtl_gen.recurrent.lesson_turns import lessons_together
from bephw.settings import Settings

__all__ = ["CellModel"]


@dataclass
class _Lesson:
    """A lesson for a step of a sample; when its list of open rows was complete and, as soon as it is known, when its
    last beat came and from which cycle on it is shown."""

    number: int
    step: int
    closed: int = NEVER
    taken: int | None = None
    shown: int | None = None


@dataclass
class _Winners:
    """Those of a sample, when each was written and its row or -1, and whether they are all."""

    beats: list[tuple[int, int]] = field(default_factory=list)
    complete: bool = False


class CellModel:
    """All parts of a cell. Samples of as many steps as those of `activity` come in `beats` a step.

    Attributes:
        ahead: samples that may come in before the first of them ends.
        steps: cycles that the array is busy with a sample.
        lesson: the buffer of lessons from above.
        taught: whether each sample teaches.
        done: for each sample that has ended, when.
        search: its busy cycles, as `searching`.
    """

    def __init__(self, settings: Settings, activity: Activity, beats: Sequence[range]) -> None:
        shape, hardware = settings.shapes[0], settings.hardware
        self._stream, self._slots = StreamModel(len(beats)), hardware.slots
        self._count = activity.winners[0].shape[1]
        self._inputs = GearboxModel(beats, shape.columns)
        self._turns = TurnsModel(shape, hardware.wire_registers)
        self._admitted = 0
        self._freed: list[int] = []  # for each sample, when its inputs were given up
        self.counters = CountersModel(shape, single_port=settings.single_ports[0])
        self.search = _StepSearch(SearchTimes(shape, settings.gamma[0]))
        self.credit = CreditModel(shape)
        self.lesson, self._own_lesson = BufferModel(), BufferModel()
        self._above: _Lesson | None = None  # the next one from above, if it is known
        self._together = lessons_together(shape, settings.gamma[0])
        self._own: deque[_Lesson] = deque()  # those that the cell sends itself, up to one a sample
        self._released: deque[int] = deque([NEVER, NEVER], maxlen=2)  # when lists were given up, as far as it is known
        self._unknown = 0  # lists begun since then
        self._winners: dict[int, _Winners] = {}
        self._rows = activity.winners[0].tolist()
        self._events = activity.event_words(shape)
        self._longest = activity.longest_lists(0, shape.rows).tolist()
        self._learn = False
        self.taught = activity.teaching(0).tolist()
        self.ahead, self.steps = hardware.slots, self._count * shape.forward_cycles
        self.done: list[int] = []

    def admit(self, free: int) -> int:
        """The next sample comes in, from cycle `free` on; the cycle of its last word."""
        room = self._freed[self._admitted - self._slots] + GIVEN_BACK if self._admitted >= self._slots else NEVER
        self._admitted += 1
        inputs = []
        for _ in range(self._count):
            last = self._stream.admit(free, max(room, self._inputs.room))
            inputs.append(self._inputs.arrive(last) + 1)
            free = last + 1
        self._turns.admit(inputs)
        return free - 1

    @property
    def awaits(self) -> bool:
        """Whether a lesson from above could be the next to be taken."""
        return self._above is None and len(self._own) < self._together and self._own_shown > self.search.consumed + 1

    @property
    def _own_shown(self) -> int:
        """The cycle from which the next lesson of the cell's own is shown."""
        if not self._own:
            return -NEVER
        shown = self._own[0].shown
        assert shown is not None
        return shown

    def pass_up(self, room: int) -> int | None:
        """The next sample's last step, for which there is room above from a cycle on; the cycle of its last outputs, or
        None, if a lesson of the cell's own comes earlier."""
        return self._turns.finish(room, self._own_shown)

    def learn(self, number: int, taken: int, *, learn: bool) -> None:
        """A lesson's last beat from above was taken in cycle `taken`."""
        self._learn = learn
        self._above = _Lesson(number, self._count - 1, taken=taken, shown=self.lesson.complete(taken))

    def go_on(self) -> None:
        """The next lesson is taken: the cell's own, but where one from above may be taken before it is shown."""
        above = self._above if len(self._own) < self._together else None
        if above is not None and self._starts(above) < self._own_shown:
            self._above = None
            self._take(above, self.lesson)
        else:
            self._take(self._own.popleft(), self._own_lesson)
        self._send_own()
        while self._winners.get(len(self.done), _Winners()).complete:
            self._update(len(self.done))

    def _follows(self, lesson: _Lesson) -> bool:
        """Whether another one of its sample follows: then this one needs a list of open rows."""
        return self.taught[lesson.number] and lesson.step > 0

    def _starts(self, lesson: _Lesson) -> int:
        """The first cycle of its search."""
        assert lesson.shown is not None
        # There are two lists: one is free when the last but one that was begun has been given up.
        list_free = self._released[self._unknown - 2] + 1 if self._follows(lesson) else NEVER
        return max(lesson.shown, list_free, self.search.consumed + 1)

    def _take(self, lesson: _Lesson, buffer: BufferModel) -> None:
        """Its winners, and what becomes of it."""
        number, teach, follows = lesson.number, self.taught[lesson.number], self._follows(lesson)
        closed, beats = self.search.take(
            self._starts(lesson), self._rows[number][lesson.step], teach=teach, ends=not follows
        )
        buffer.consumed = self.search.consumed
        winners = self._winners.setdefault(number, _Winners())
        winners.beats += beats
        winners.complete = not follows
        if follows:
            self._unknown += 1
            self._own.append(_Lesson(number, lesson.step - 1, closed))

    def _send_own(self) -> None:
        """What the error propagation makes of the lists: the next lesson is shown, and the one after it is on its way,
        or waits for its place in the buffer."""
        for place, lesson in enumerate(list(self._own)[:2]):
            if lesson.taken is None:
                longest = self._longest[lesson.number][lesson.step + 1]
                self.credit.take(lesson.closed, self._own_lesson.shown, longest, teach=True)
                lesson.taken = self.credit.complete
                self._released.append(self.credit.released)
                self._unknown -= 1
            if place == 0 and lesson.shown is None:
                lesson.shown = self._own_lesson.complete(lesson.taken)

    def _update(self, number: int) -> None:
        """The counters take the winners of a sample."""
        beats = self._winners.pop(number).beats
        for index, (written, row) in enumerate(beats):
            self.counters.take(
                written,
                row,
                first=index == 0,
                end=index == len(beats) - 1,
                learn=self._learn,
                events=self._events[number],
            )
        self._freed.append(self.counters.inputs_done)
        self.done.append(self.counters.sample_done)


class _StepSearch:
    """A winner search whose winners never wait (rtl_gen/backward/winner_records.py).

    Attributes:
        consumed: cycle in which the last lesson was given up.
        searching: busy cycles so far.
    """

    def __init__(self, times: SearchTimes) -> None:
        self._times = times
        self.consumed = NEVER
        self.searching = 0

    def take(self, first: int, winners: Sequence[int], *, teach: bool, ends: bool) -> tuple[int, list[tuple[int, int]]]:
        """A lesson whose search begins in cycle `first`: when its list of open rows is complete, and when each winner
        is written, with its row, or -1."""
        slices = self._times.slices if teach else 1
        self.searching += slices if teach else 0
        self.consumed = first + slices - 1
        beats = self._times.beats(winners, teach=teach, ends=ends)
        return self.consumed + self._times.fetched, [(first + place + self._times.written, row) for place, row in beats]
