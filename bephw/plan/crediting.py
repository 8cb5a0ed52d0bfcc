"""When error propagation takes samples, alone or together (rtl_gen/backward/credit.py, dense_credit.py)."""

from __future__ import annotations

from collections.abc import Sequence

from bephw.plan.gathering import gather
from bephw.plan.lessons import TIES_READ
from bephw.plan.overlap import OverlapModel
from bephw.plan.passes import GIVEN_BACK
from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Process, Times, Waiting
from bephw.plan.sending import LessonsModel, SenderModel
from bephw.rtl_gen.backward.credit import BEYOND, OUTSTANDING, CreditUnit
from bephw.rtl_gen.backward.dense_credit import AFTER, GATHERED, DenseCredit
from bephw.rtl_gen.backward.two_sets import SHOWN
from bephw.shape import LayerShape

__all__ = ["DenseCreditModel", "ListCreditModel"]


class _Crediting:
    """What both kinds have.

    Attributes:
        released: the cycle in which each sample's set of records was given up.
        inputs_done: in which its inputs were.
        passing: busy cycles so far.
    """

    def __init__(
        self,
        clock: Clock,
        shape: LayerShape,
        below: LessonsModel,
        taught: Sequence[bool],
        places: int,
        overlap: OverlapModel | None,
    ) -> None:
        self.released, self.inputs_done = Times(clock), Times(clock)
        self.passing = 0
        self._samples, self._taught = len(taught), taught
        self._channels = shape.samples
        self._overlap = overlap
        self._beats = [len(shape.passed_on_words) if teach else 1 for teach in taught]
        self._senders = [
            SenderModel(clock, below, range(channel, self._samples, shape.samples), self._beats, places)
            for channel in range(shape.samples)
        ]

    def list_free(self, number: int) -> Waiting[int]:
        """First cycle in which a sample's winner search may fill a set."""
        return (yield from self.released.of(number - 2 * self._channels)) + 1

    def _batch(self, number: int) -> Waiting[tuple[int, int]]:
        """The first cycle in which a sample's batch is passed, where batches overlap, and the first sample after it."""
        if self._overlap is None:
            return NEVER, self._samples
        batch = number // self._overlap.batch
        return (yield from self._overlap.backward.of(batch)) + 1, (batch + 1) * self._overlap.batch


class ListCreditModel(_Crediting):
    """Sends lessons of one sample after the other, from lists of open rows of which the `longest` counts."""

    def __init__(
        self,
        clock: Clock,
        shape: LayerShape,
        below: LessonsModel,
        taught: Sequence[bool],
        longest: Sequence[int],
        overlap: OverlapModel | None,
    ) -> None:
        super().__init__(clock, shape, below, taught, OUTSTANDING, overlap)
        self._latency = CreditUnit.latency(shape) + 1
        self._longest = longest

    def follow(self, closed: Times) -> Process:
        """Pass all samples, whose records are complete in the cycles `closed`."""
        (sender,) = self._senders
        for number in range(self._samples):
            before = yield from self.released.of(number - 1)
            begun = max((yield from closed.of(number)) + SHOWN, before + 1)
            begun = max(begun, (yield from self._batch(number))[0])
            longest, teach = self._longest[number], self._taught[number]
            steps = longest + BEYOND + 1 if teach else 1
            for _ in range(self._beats[number]):
                begun = max(begun, (yield from sender.left()) + GIVEN_BACK)
                sender.offer(begun + steps - 1 + self._latency)
                begun += steps
                self.passing += steps if teach else 0
                steps = max(longest, 1)
            self.inputs_done.set(number, begun - 1 + self._latency - TIES_READ)
            self.released.set(number, begun)


class DenseCreditModel(_Crediting):
    """Passes samples together, over all rows, for a layer below of so many `receivers`.

    Attributes:
        together: of each sample, the first behind those that passed forward with it; to be set from outside.
    """

    def __init__(
        self,
        clock: Clock,
        shape: LayerShape,
        below: LessonsModel,
        taught: Sequence[bool],
        receivers: int,
        overlap: OverlapModel | None,
    ) -> None:
        super().__init__(clock, shape, below, taught, DenseCredit.outstanding(shape, receivers), overlap)
        self.together: dict[int, int] = {}
        self._shape = shape
        self._latency = DenseCredit.latency(shape) + 1
        self._giving_up = DenseCredit.giving_up(shape)

    def follow(self, closed: Times) -> Process:
        """Pass all samples, whose records are complete in the cycles `closed`."""

        def there(number: int) -> int | None:
            """When a sample that passes with those before it, or after them, is there."""
            cycle, before = closed.known(number), self.released.known(number - self._channels)
            return None if cycle is None or before is None else max(cycle + SHOWN, before + 1) + GATHERED

        def room(number: int) -> Waiting[int]:
            return (yield from self._sender(number).left()) + GIVEN_BACK

        first, free = 0, NEVER
        while first < self._samples:
            yield from closed.of(first)
            allowed, batch_end = yield from self._batch(first)
            stop = min(first + self._channels, batch_end, self._samples)
            earliest = max(free, allowed + GATHERED)
            for number in range(first, self.together[first]):
                yield from closed.of(number)
                cycle = there(number)
                assert cycle is not None, "all before it in its channel have passed"
                earliest = max(earliest, cycle)
            begun, group = yield from gather(first, stop, earliest, there, room)
            first, free = group.stop, (yield from self._pass(begun, group)) + AFTER

    def _pass(self, begun: int, group: range) -> Waiting[int]:
        """A pass; the cycle in which its samples are given up."""
        teaching = [number for number in group if self._taught[number]]
        steps = self._shape.groups if teaching else 1
        for word in range(max(self._beats[number] for number in group)):
            senders = [self._sender(number) for number in (teaching if word else group)]
            for sender in senders:
                begun = max(begun, (yield from sender.left()) + GIVEN_BACK)
            for sender in senders:
                sender.offer(begun + steps - 1 + self._latency)
            begun += steps
            self.passing += steps if teaching else 0
        released = begun - 1 + DenseCredit.released(self._shape, teach=bool(teaching))
        for number in group:
            self.released.set(number, released)
            self.inputs_done.set(number, begun - 1 + self._giving_up)
        return released

    def _sender(self, number: int) -> SenderModel:
        return self._senders[number % self._channels]
