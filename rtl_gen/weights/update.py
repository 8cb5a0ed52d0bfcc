"""The order of events at one layer's counters."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.layouts import winner_layout
from bephw.rtl_gen.weights.counter_memory import Operation, operation_layout
from bephw.rtl_gen.weights.reinforcement import event_layout
from bephw.rtl_gen.weights.row_places import RowPlaces, placed_layout
from bephw.shape import LayerShape

__all__ = ["UpdateUnit"]


class UpdateUnit(wiring.Component):
    """Feeds a counter memory: a sample's winner rows, then, at its `end`, its reinforcement events, then the next
    sample's. Rows to `refresh` come in where no winners wait; transfers where nothing else is on its way.

    A row takes `shape.row_chunks` cycles, each of `events` one; a sample's end none, but one where it comes without a
    row and there are no events. The first operation comes `RowPlaces`' latency and a cycle after its winner.

    Where a sample's first beat comes to its turn, `start` pulses if the sample has winners or may learn: it asks for
    `events`, and `reinforcing` says from the next cycle until the last of them is taken that they are not complete.
    During a `hold` nothing begins. `row_done` is high for a cycle; `idle`: nothing that has begun is left.
    """

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        super().__init__(
            {
                "winners": In(stream.Signature(winner_layout(shape))),
                "refresh": In(stream.Signature(winner_layout(shape))),
                "transfers": In(stream.Signature(operation_layout(shape))),
                "hold": In(1),
                "start": Out(1),
                "reinforcing": In(1),
                "events": In(stream.Signature(event_layout(shape))),
                "operations": Out(stream.Signature(operation_layout(shape))),
                "row_done": Out(1),
                "idle": Out(1),
                "busy_updating": Out(1),
                "busy_reinforcing": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.places = places = RowPlaces(self._shape)
        self._take_jobs(m, places.jobs)
        # At most one of these: a row's words, or what is left of a sample behind its rows.
        walking, finishing = Signal(), Signal()
        place, row_ends, events_left = Signal(placed_layout(self._shape)), Signal(), Signal()
        self._begin_sample(m, places.placed, events_left)
        self._do_jobs(m, places.placed, place, walking, finishing, row_ends, events_left)
        self._operate(m, place, walking, finishing, row_ends, events_left)
        m.d.comb += [
            self.idle.eq(~places.busy & ~walking & ~finishing),
            self.busy_updating.eq(walking & ~place.job.refresh),
            self.busy_reinforcing.eq(finishing),
        ]
        return m

    def _take_jobs(self, m, jobs):
        """Winners first; where nothing is under way, rows to refresh, one at a time: winners do not wait for many."""
        winners, refresh, job = self.winners, self.refresh, jobs.payload
        winner, refreshes = winners.payload, Signal()
        m.d.comb += [
            refreshes.eq(refresh.valid & ~m.submodules.places.busy),
            jobs.valid.eq((winners.valid | refreshes) & ~self.hold),
            winners.ready.eq(jobs.ready & ~self.hold),
            refresh.ready.eq(refreshes & jobs.ready & ~self.hold & ~winners.valid),
            job.refresh.eq(~winners.valid),
            job.present.eq(~winners.valid | winner.present),
            job.end.eq(winners.valid & winner.end),
            job.learn.eq(winner.present | winner.learn),
            job.desired.eq(winner.desired),
            job.row.eq(Mux(winners.valid, winner.row, refresh.payload.row)),
        ]
        if self._shape.steps is not None:
            m.d.comb += job.at.eq(winner.at)

    def _begin_sample(self, m, placed, events_left):
        """A sample's first job starts its reinforcement, in the first cycle in which it is done."""
        job, inside = placed.payload.job, Signal()
        m.d.sync += self.start.eq(0)
        with m.If(placed.valid & placed.ready & ~job.refresh):
            m.d.sync += [inside.eq(~job.end), self.start.eq(~inside & job.learn)]
        m.d.comb += events_left.eq(self.start | self.reinforcing)

    def _do_jobs(self, m, placed, place, walking, finishing, row_ends, events_left):
        """A job at a time: its row, word by word, then its events, or an end by itself."""
        shape, ready, coming, job = self._shape, self.operations.ready, placed.payload.job, place.job
        chunk, column_word = Signal(range(shape.chunks)), Signal(range(shape.words))
        last_chunk, ends = Signal(), Signal()
        m.d.comb += [
            last_chunk.eq(chunk == shape.chunks - 1),
            row_ends.eq(last_chunk & (column_word == shape.words - 1)),
            ends.eq(
                Mux(
                    walking,
                    row_ends & ~(job.end & events_left),
                    ~events_left | (self.events.valid & self.events.payload.last),
                )
            ),
            placed.ready.eq((ends & ready) | ~(walking | finishing)),
            self.operations.payload.chunk.eq(chunk),
            self.operations.payload.column_word.eq(column_word),
        ]
        with m.If(placed.ready):
            m.d.sync += [
                walking.eq(placed.valid & coming.present),
                finishing.eq(placed.valid & ~coming.present),
                place.eq(placed.payload),
                chunk.eq(0),
                column_word.eq(0),
            ]
        with m.Elif(walking & ready):
            m.d.sync += [
                walking.eq(~row_ends),
                finishing.eq(row_ends),
                place.word.eq(place.word + 1),
                chunk.eq(Mux(last_chunk, 0, chunk + 1)),
            ]
            with m.If(last_chunk & ~row_ends):
                m.d.sync += [column_word.eq(column_word + 1), place.plane.eq(place.plane + 1)]

    def _operate(self, m, place, walking, finishing, row_ends, events_left):
        """The job's next operation, or, where there is no job, a transfer's."""
        operation, event, job, ready = self.operations.payload, self.events.payload, place.job, self.operations.ready
        m.d.comb += [
            self.operations.valid.eq(walking | (finishing & (self.events.valid | ~events_left))),
            operation.word.eq(Mux(walking, place.word, event.element.word)),
            operation.lane.eq(event.element.lane),
            operation.desired.eq(job.desired),
            operation.plane.eq(place.plane),
            operation.bank.eq(job.row.bank),
            operation.end.eq(Mux(walking, row_ends & job.end & ~events_left, ~events_left | event.last)),
            self.row_done.eq(walking & row_ends & ~job.refresh & ready),
            self.events.ready.eq(finishing & ready),
        ]
        if self._shape.steps is not None:
            m.d.comb += operation.at.eq(job.at)
        with m.If(walking):
            m.d.comb += operation.kind.eq(Mux(job.refresh, Operation.REFRESH, Operation.UPDATE))
        with m.Else():
            m.d.comb += operation.kind.eq(Mux(events_left, Operation.REINFORCE, Operation.NOTHING))
        # Of a transfer's operation only these matter.
        with m.If(self.hold & ~walking & ~finishing):
            m.d.comb += [
                operation.kind.eq(self.transfers.payload.kind),
                operation.word.eq(self.transfers.payload.word),
                operation.end.eq(0),
                self.operations.valid.eq(self.transfers.valid),
                self.transfers.ready.eq(ready),
            ]
