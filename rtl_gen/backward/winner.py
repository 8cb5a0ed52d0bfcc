"""Group winner: which rows of a layer a sample updates."""

from typing import NamedTuple

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.backward.slice_walk import SliceWalk, place_layout, straddled
from bephw.rtl_gen.backward.winner_records import WinnerRecords
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.buffered_queue import BufferedQueue
from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import (
    outcome_layout,
    record_index,
    record_words,
    row_layout,
    step_field,
    step_layout,
    winner_layout,
)
from bephw.rtl_gen.parts.storage import RamForm
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.shape import LayerShape

__all__ = ["WINNERS_WAITING", "WinnerSearch", "search_latency", "slice_layout"]

WINNERS_WAITING = 9  # in the queue: one shown, and a power of two behind it


def slice_layout(shape: LayerShape, gamma: int) -> data.StructLayout:
    """What travels through the search beside the outcomes: a slice (`valid`), the `end` of a sample, or both."""
    return data.StructLayout(
        {
            "valid": 1,
            "end": 1,
            "teach": 1,
            "learn": 1,
            "part": range(shape.parts(gamma)),
            "desired": shape.slice_width(gamma),
            "place": place_layout(shape, gamma),
            **step_field(shape),
        }
    )


def search_latency(shape: LayerShape, gamma: int) -> int:
    """Cycles from the first in which a slice's desired bits are taken until its winner is shown, the queue empty."""
    levels = (shape.slice_width(gamma) - 1).bit_length()
    return 6 + (shape.parts(gamma) > 1) + levels


class Candidate(NamedTuple):
    """An output that may win. The smallest key wins: half of |z|, and above it a bit that says that it may not."""

    key: Value
    desired: Value
    position: Value


@emitted_once
class WinnerSearch(wiring.Component):
    """Examines the outputs of one sample in order, a slice a cycle (numerics.md section 4, winner mask).

    While `lesson_valid`, the lesson's flags are steady, and `desired` are the bits wanted of the next slice of
    `shape.slices(gamma)`; `shift` asks for those after it, `consumed` gives the lesson up. Beats of `scan` outcomes
    are read through `outcomes`; what is read beyond a layer's last output does not matter. All |z| must be as odd or
    even as `inputs`, which z is.

    Winners leave in order; the last slice's beat, with or without a winner, is the sample's `end`, and all that a
    sample that does not teach produces. `open_push` marks the outputs of a slice whose gate is open, and `open_inside`
    all of them: `open_row` is the row of position 0, `open_desired` what they should be. `open_close` comes with the
    last of them or later, and with it the sample's flags. A sample starts (`open_start`) only while `list_free`.

    Latency: `search_latency` cycles. Throughput: a sample every `len(shape.slices(gamma))` cycles, or 1 where it does
    not teach, if the winners are taken: of those `WINNERS_WAITING` - 1 are kept before the search stops.

    In a cell lessons are those of steps (`lesson_at`), and `together` samples take turns: winners leave sample by
    sample, the first step's lesson ends its sample's, and as many are kept as there may be. Lists are made of lessons
    that others follow, and only these need a free one.
    """

    def __init__(self, shape: LayerShape, gamma: int, together: int = 1) -> None:
        self._shape = shape
        self._gamma = gamma
        self._together = together
        self._width = width = shape.slice_width(gamma)
        super().__init__(
            {
                "lesson_valid": In(1),
                "lesson_teach": In(1),
                "lesson_learn": In(1),
                "desired": In(width),
                "shift": Out(1),
                "consumed": Out(1),
                "list_free": In(1),
                "outcomes": Out(
                    ReaderSignature(
                        data.ArrayLayout(outcome_layout(shape), shape.scan), record_words(shape, shape.scan_beats)
                    )
                ),
                "open_start": Out(1),
                "open_inside": Out(width),
                "open_push": Out(width),
                "open_row": Out(row_layout(shape)),
                "open_desired": Out(width),
                "open_close": Out(1),
                "open_teach": Out(1),
                "open_learn": Out(1),
                **(
                    {}
                    if shape.steps is None
                    else {"lesson_at": In(step_layout(shape)), "open_at": Out(step_layout(shape))}
                ),
                "winners": Out(stream.Signature(winner_layout(shape))),
                "busy": Out(1),
            }
        )

    @staticmethod
    def ram(shape: LayerShape, gamma: int, together: int = 1) -> RamForm:
        """The memory of the winners that wait."""
        if together > 1:
            return WinnerRecords.ram(shape, gamma)
        return BufferedQueue.ram(winner_layout(shape).size, WinnerSearch._waiting(shape, gamma))

    @staticmethod
    def _waiting(shape: LayerShape, gamma: int) -> int:
        """Places in the queue; of a cell, one for each winner of all samples."""
        return WINNERS_WAITING if shape.steps is None else WinnerRecords.ram(shape, gamma).depth + 1

    def elaborate(self, platform):
        m = Module()
        enable = Signal()
        issued = self._issue(m, enable)
        fetched, outcomes = self._fetch(m, issued, enable)
        self._push_open(m, fetched, outcomes, enable)
        levels = (self._width - 1).bit_length()
        examined = delay(m, fetched, 1 + levels, enable)
        early, late = self._compare(m, fetched, outcomes, levels, enable)
        self._queue(m, self._choose(m, examined, early, late, enable), enable)
        return m

    def _issue(self, m, enable):
        """Take the next slice's desired bits, and ask for its outcomes."""
        m.submodules.walk = walk = SliceWalk(self._shape, self._gamma)
        begun, go, slice_issued = Signal(), Signal(), Signal(slice_layout(self._shape, self._gamma))
        m.d.comb += [
            go.eq(self.lesson_valid & (begun | self.list_free | ~self._has_list(slice_issued)) & enable),
            walk.step.eq(go & self.lesson_teach),
            self.shift.eq(go),
            self.consumed.eq(go & (walk.final | ~self.lesson_teach)),
            self.open_start.eq(go & ~begun & self._has_list(slice_issued)),
            self.outcomes.index.eq(record_index(self._shape, walk.beat, self._shape.scan_beats, slice_issued)),
            self.outcomes.read.eq(enable),
            self.outcomes.done.eq(self.consumed & self._ends_sample(slice_issued)),
            slice_issued.valid.eq(walk.step),
            slice_issued.end.eq(self.consumed),
            slice_issued.teach.eq(self.lesson_teach),
            slice_issued.learn.eq(self.lesson_learn),
            slice_issued.part.eq(walk.part),
            slice_issued.desired.eq(self.desired),
            slice_issued.place.eq(walk.place),
        ]
        m.d.sync += self.busy.eq(walk.step)
        with m.If(go):
            m.d.sync += begun.eq(~self.consumed)
        if self._shape.steps is not None:
            m.d.comb += slice_issued.at.eq(self.lesson_at)
        return slice_issued

    def _ends_sample(self, of) -> Value:
        """Whether the end of a lesson is that of its sample: in a cell, where it is for the first step or does not
        teach."""
        return C(1) if self._shape.steps is None else ~of.teach | (of.at.step == 0)

    def _has_list(self, of) -> Value:
        """Whether a list of open rows is made of a lesson. A layer makes one of each, for the layer below is told of
        every sample, also that it does not teach; a cell only of those that another step's lesson follows."""
        return C(1) if self._shape.steps is None else ~self._ends_sample(of)

    def _fetch(self, m, issued, enable):
        """The slice's outcomes: memory, the register behind it, and another that takes a beat slice by slice."""
        width, parts = self._width, self._shape.parts(self._gamma)
        outcomes = delay(m, self.outcomes.data, 1, enable, reset_less=True)
        fetched = delay(m, issued, 2, enable)
        if parts == 1:
            return fetched, outcomes
        left = Signal.like(outcomes, reset_less=True)
        with m.If(enable):
            m.d.sync += left.eq(left.as_value() >> width * outcome_layout(self._shape).size)
            with m.If(fetched.part == 0):
                m.d.sync += left.eq(outcomes)
        return delay(m, fetched, 1, enable), left

    def _push_open(self, m, fetched, outcomes, enable):
        has_list = self._has_list(fetched)
        gates = Cat(outcomes[position].open for position in range(self._width))
        m.d.comb += [
            self.open_inside.eq(Mux(fetched.valid & enable & has_list, fetched.place.inside, 0)),
            self.open_push.eq(self.open_inside & gates),
            self.open_row.eq(fetched.place.row),
            self.open_desired.eq(fetched.desired),
            self.open_close.eq(fetched.end & enable & has_list),
            self.open_teach.eq(fetched.teach),
            self.open_learn.eq(fetched.learn),
        ]
        if self._shape.steps is not None:
            m.d.comb += self.open_at.eq(fetched.at)

    def _compare(self, m, fetched, outcomes, levels, enable):
        """The best candidate of the winner group in which the slice starts, and of the one after it, if need be."""
        place, split = fetched.place, straddled(self._shape, self._gamma)
        early, late = [], []
        for position in range(self._width):
            outcome, desired = outcomes[position], fetched.desired[position]
            half = outcome.magnitude[1:]
            possible = place.inside[position] & (desired ^ outcome.active)
            if self._shape.inputs % 2 == 0:  # else z is never zero
                possible &= half.any()
            both = 0 < split <= position
            key = delay(m, half, 1, enable, reset_less=True)
            wanted = delay(m, desired, 1, enable, reset_less=True)
            for leaves, ours in (early, place.early[position] if both else 1), (late, ~place.early[position]):
                if leaves is early or both:
                    excluded = delay(m, ~(possible & ours), 1, enable, reset_less=True)
                    leaves.append(Candidate(Cat(key, excluded), wanted, C(0, 0)))
        least = _least(m, early, levels, enable)
        if not late:
            return least, None
        key, desired, position = _least(m, late, levels, enable)
        return least, Candidate(key, desired, position + split)

    def _choose(self, m, examined, early, late, enable):
        """Keep the best of the winner group over its slices; let it go where the group ends."""
        chosen = Signal(
            data.StructLayout({"valid": 1, "position": range(self._width), "winner": winner_layout(self._shape)})
        )
        best = Signal(
            data.StructLayout(
                {
                    "key": self._shape.z_bits - 1,
                    "none": 1,
                    "desired": 1,
                    "position": range(self._width),
                    "row": row_layout(self._shape),
                }
            ),
            init={"none": 1},
        )
        place, none = examined.place, early.key[-1]
        better = Signal()
        m.d.comb += better.eq(early.key < Cat(best.key, best.none))
        found = examined.valid & place.ends & ~(none & best.none)
        end = examined.end & self._ends_sample(examined)
        if self._shape.steps is not None:
            with m.If(enable):
                m.d.sync += chosen.winner.at.eq(examined.at)
        with m.If(enable):
            m.d.sync += [
                chosen.valid.eq(found | end),
                chosen.winner.present.eq(found),
                chosen.winner.end.eq(end),
                chosen.winner.learn.eq(examined.learn),
                chosen.winner.desired.eq(Mux(better, early.desired, best.desired)),
                chosen.winner.row.eq(Mux(better, place.row, best.row)),
                chosen.position.eq(Mux(better, early.position, best.position)),
            ]
        if all(len(outputs) in (0, self._gamma) for outputs in self._shape.slices(self._gamma)):
            return chosen  # every slice is a winner group: nothing to keep
        # What is kept after the end of a group: the best of the next one's, which has begun in this slice, or none.
        begun = late or Candidate(Cat(early.key[:-1], 1), early.desired, early.position)
        kept = Candidate(*(Mux(place.ends, after, within) for after, within in zip(begun, early, strict=True)))
        with m.If(enable & examined.valid & (place.ends | better)):
            m.d.sync += [
                Cat(best.key, best.none).eq(kept.key),
                best.desired.eq(kept.desired),
                best.position.eq(kept.position),
                best.row.eq(place.row),
            ]
        return chosen

    def _queue(self, m, chosen, enable):
        """Winners wait here while rows are updated. The search goes on while two would fit: one may be on its way; for
        those of a cell there is always room."""
        winner = Signal(winner_layout(self._shape))
        if self._together > 1:
            queue = WinnerRecords(self._shape, self._gamma)
        else:
            queue = BufferedQueue(len(winner.as_value()), self._waiting(self._shape, self._gamma))
        if self._shape.steps is None:
            m.d.sync += enable.eq(queue.level <= WINNERS_WAITING - 2)
        else:
            m.d.comb += enable.eq(1)
        m.submodules.queue = queue
        m.d.comb += [
            winner.eq(chosen.winner),
            winner.row.bank.eq(chosen.winner.row.bank + chosen.position),
            queue.w_en.eq(chosen.valid & enable),
            queue.w_data.eq(winner),
            self.winners.valid.eq(queue.r_rdy),
            self.winners.payload.as_value().eq(queue.r_data),
            queue.r_en.eq(self.winners.ready),
        ]


def _least(m: Module, candidates: list[Candidate], levels: int, enable: Value) -> Candidate:
    """The candidate with the smallest key, the first among equals, and its position, `levels` cycles later."""
    for _ in range(levels):
        pairs = [_lesser(m, *pair) for pair in zip(candidates[::2], candidates[1::2], strict=False)]
        candidates = [
            Candidate(*(delay(m, value, 1, enable, reset_less=True) for value in candidate))
            for candidate in pairs + candidates[len(pairs) * 2 :]
        ]
    return candidates[0]


def _lesser(m: Module, first: Candidate, second: Candidate) -> Candidate:
    take = Signal()
    m.d.comb += take.eq(second.key < first.key)
    position = Cat(Mux(take, second.position, first.position), take)
    return Candidate(Mux(take, second.key, first.key), Mux(take, second.desired, first.desired), position)
