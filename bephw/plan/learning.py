"""When a layer is done with each lesson: the winner searches of its channels, and the updates, which they share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TypeAlias

from bephw.plan.activity import Activity
from bephw.plan.counters import CountersModel
from bephw.plan.overlap import OverlapModel
from bephw.plan.pausing import PausingCountersModel
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.plan.search import SearchModel, SearchTimes
from bephw.plan.searching import SearchingModel
from bephw.plan.sending import LessonsModel
from bephw.plan.spans import covered
from bephw.settings import Settings

__all__ = ["LearningModel", "ListFree", "OverlappingLearningModel"]

ListFree: TypeAlias = Callable[[int], Waiting[int]]  # the first cycle in which a sample's list of open rows may begin


class LearningModel:
    """Learns in sample order: winners of a sample come to the counters after those of all samples before.

    Attributes:
        consumed: the cycle in which each sample's lesson was given up.
        closed: in which its list of open rows was complete.
        updated: in which its inputs were given up.
        done: in which its updates were done.
        counters: that they change.
    """

    def __init__(self, clock: Clock, settings: Settings, activity: Activity, index: int) -> None:
        shape = settings.shapes[index]
        self.consumed, self.closed, self.updated, self.done = (Times(clock) for _ in range(4))
        self.counters = CountersModel(shape, single_port=settings.single_ports[index])
        self._searches = [SearchModel(shape, settings.gamma[index], self.counters) for _ in range(shape.samples)]
        self._taught = activity.teaching(index).tolist()
        self._winners = activity.winners[index].tolist()
        self._events = activity.event_words(shape)

    @property
    def searching(self) -> int:
        """Cycles in which any search was busy."""
        return covered(chain(*(search.spans for search in self._searches)))

    def start(self, clock: Clock, lessons: LessonsModel, list_free: ListFree, *, learn: bool) -> None:
        """Take all lessons."""
        clock.start(self._follow(lessons, list_free, learn))

    def _follow(self, lessons: LessonsModel, list_free: ListFree, learn: bool) -> Process:
        for number, teach in enumerate(self._taught):
            shown = yield from lessons.shown.of(number)
            free = yield from list_free(number)
            search = self._searches[number % len(self._searches)]
            search.take(shown, free, self._winners[number], teach=teach, learn=learn, events=self._events[number])
            self.consumed.set(number, search.consumed)
            self.closed.set(number, search.closed)
            self.updated.set(number, self.counters.inputs_done)
            self.done.set(number, self.counters.sample_done)


class OverlappingLearningModel:
    """The same where batches overlap, so that updates pause."""

    def __init__(self, clock: Clock, settings: Settings, activity: Activity, index: int, overlap: OverlapModel) -> None:
        shape, samples = settings.shapes[index], activity.samples
        taught, winners = activity.teaching(index).tolist(), activity.winners[index].tolist()
        self._searches = [
            SearchingModel(
                clock,
                SearchTimes(shape, settings.gamma[index]),
                range(channel, samples, shape.samples),
                winners,
                taught,
            )
            for channel in range(shape.samples)
        ]
        self.counters = PausingCountersModel(
            clock, shape, overlap, self._searches, samples, single_port=settings.single_ports[index]
        )
        self.consumed, self.closed = Times(clock), Times(clock)
        self.updated, self.done = self.counters.updated, self.counters.done
        self._overlap = overlap
        self._events = activity.event_words(shape)

    @property
    def searching(self) -> int:
        """Cycles in which any search was busy."""
        return covered(chain(*(search.spans for search in self._searches)))

    def start(self, clock: Clock, lessons: LessonsModel, list_free: ListFree, *, learn: bool) -> None:
        """Take all lessons."""
        for search in self._searches:
            clock.start(search.search(lessons, list_free, self.consumed))
            clock.start(search.close(self.closed))
            clock.start(search.write())
        clock.start(self.counters.take_all())
        clock.start(self.counters.work(self._events, learn=learn))
        clock.start(self._overlap.go_live(self.counters.ended, self.counters.settled_after))
