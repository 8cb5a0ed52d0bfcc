"""The order of events at one layer's counters."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.counter_memory import Operation, operation_layout
from bephw.rtl_gen.layouts import winner_layout
from bephw.rtl_gen.reinforcement import event_layout
from bephw.rtl_gen.row_places import RowPlaces, job_layout, placed_layout
from bephw.shape import LayerShape

__all__ = ["UpdateUnit"]


class UpdateUnit(wiring.Component):
    """Feeds a counter memory: a sample's winner rows, then, at its `end`, its reinforcement events, then the next
    sample's. Rows to `refresh` come in where no winners wait; transfers where nothing else is on its way.

    A row takes `shape.row_chunks` cycles, an event one; a sample's end none, but one where it comes without a row
    and there are no events. A sample that is a single beat takes 2 at least, if it pulses `start`. The first operation
    comes `RowPlaces`' latency and 2 cycles after its winner.

    A sample's first beat pulses `start`, which asks for its events, if the sample has winners or `learn`; from the
    next cycle until the next `start`, `have_events` says whether there are any. No first beat goes on before
    `start_ready`, which may fall after a `start` only. During a `hold` nothing begins, from its second cycle on. An
    event that is `last` must be valid. `row_done` is high for a cycle; `idle`: nothing that has begun is left.
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
                "start_ready": In(1),
                "have_events": In(1),
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
        taken = self._take_jobs(m, places)
        current, updating, reinforcing = self._do_jobs(m, places)
        m.d.comb += [
            self.idle.eq(~taken & ~places.busy & ~current),
            self.busy_updating.eq(updating),
            self.busy_reinforcing.eq(reinforcing),
        ]
        return m

    def _take_jobs(self, m, places):
        """Winners first, then rows to refresh; a sample's first beat starts its reinforcement."""
        valid, job = Signal(), Signal(job_layout(self._shape))
        inside, learns = Signal(), Signal()  # a sample's: between its first beat and its end; it has a share of events
        # A winner that cannot go on waits in `spare`, so that `winners.ready` is a register.
        spare, spare_used = Signal(winner_layout(self._shape)), Signal()
        winner, winner_valid = Signal.like(spare), Signal()
        free, first, taken, inside_next = Signal(), Signal(), Signal(), Signal()
        # The only register that says whether a beat may be taken, apart from there being a place for it.
        blocked = Signal()
        m.d.comb += [
            free.eq((~valid | places.jobs.ready) & ~blocked),
            self.winners.ready.eq(~spare_used),
            winner.eq(Mux(spare_used, spare, self.winners.payload)),
            winner_valid.eq(spare_used | self.winners.valid),
            self.refresh.ready.eq(free & ~winner_valid),
            taken.eq(winner_valid & free),
            first.eq(taken & ~inside),
            self.start.eq(first & (winner.present | winner.learn)),
            inside_next.eq(Mux(taken, ~winner.end, inside)),
            places.jobs.valid.eq(valid),
            places.jobs.payload.eq(job),
            places.jobs.payload.events.eq(job.end & learns & self.have_events),
        ]
        with m.If(~valid | places.jobs.ready):
            m.d.sync += [
                valid.eq(~blocked & (winner_valid | self.refresh.valid)),
                job.refresh.eq(~winner_valid),
                job.present.eq(~winner_valid | winner.present),
                job.end.eq(winner_valid & winner.end),
                job.desired.eq(winner.desired),
                job.row.eq(Mux(winner_valid, winner.row, self.refresh.payload.row)),
            ]
        with m.If(~spare_used):
            m.d.sync += spare.eq(self.winners.payload)
        with m.If(first):
            m.d.sync += learns.eq(winner.present | winner.learn)
        m.d.sync += [
            inside.eq(inside_next),
            # Whether the next start may come soon is not known in the cycle of a start.
            blocked.eq(
                self.hold
                | Mux(
                    taken,
                    winner.end & (~self.start_ready | (~inside & (winner.present | winner.learn))),
                    ~inside & ~self.start_ready,
                )
            ),
            spare_used.eq(winner_valid & ~free),
        ]
        return valid

    def _do_jobs(self, m, places):
        """A job at a time: its row, word by word, then its events, or an end by itself."""
        shape, placed, ready = self._shape, places.placed, self.operations.ready
        # At most one of these: a row's words, the words of events, or an end by itself. `closing`: the operation at
        # hand is the job's last, unless it is an event; it is high also where there is none.
        walking, drawing, ending, closing = Signal(), Signal(), Signal(), Signal(init=1)
        place, chunk, column_word = (
            Signal(placed_layout(shape)),
            Signal(range(shape.chunks)),
            Signal(range(shape.words)),
        )
        left = Signal(range(-1, max(shape.row_chunks - 1, 1)))  # below 0 at the row's last word
        last_chunk, last_column_word = Signal(), Signal()
        row_ends, coming = left[-1], placed.payload.job
        self._operate(m, walking, drawing, ending, place, row_ends)
        m.d.comb += [
            placed.ready.eq(ready & (closing | (drawing & self.events.payload.last))),
            self.operations.payload.chunk.eq(chunk),
            self.operations.payload.column_word.eq(column_word),
            last_chunk.eq(chunk == shape.chunks - 1),
            last_column_word.eq(column_word == shape.words - 1),
        ]
        with m.If(placed.ready):
            m.d.sync += [
                walking.eq(placed.valid & coming.present),
                drawing.eq(placed.valid & ~coming.present & coming.events),
                ending.eq(placed.valid & ~coming.present & ~coming.events),
                closing.eq(~placed.valid | (~coming.events & (~coming.present | C(shape.row_chunks == 1)))),
                place.eq(placed.payload),
                left.eq(shape.row_chunks - 2),
                chunk.eq(0),
                column_word.eq(0),
            ]
        with m.Elif(walking & ready):
            m.d.sync += [
                walking.eq(~row_ends),
                drawing.eq(row_ends),
                closing.eq((left == 0) & ~place.job.events),
                left.eq(left - 1),
                place.word.eq(place.word + 1),
                chunk.eq(Mux(last_chunk, 0, chunk + 1)),
            ]
            with m.If(last_chunk):
                m.d.sync += [
                    column_word.eq(Mux(last_column_word, 0, column_word + 1)),
                    place.plane.eq(place.plane + 1),
                ]
        current = walking | drawing | ending
        with m.If(self.hold & ~current):
            # Later assignments win: a transfer's operation, where there is no job.
            m.d.comb += [
                self.operations.payload.eq(self.transfers.payload),
                self.operations.valid.eq(self.transfers.valid),
                self.transfers.ready.eq(ready),
            ]
        return current, walking & ~place.job.refresh, drawing | ending

    def _operate(self, m, walking, drawing, ending, place, row_ends):
        """The job's next operation."""
        operation, event, job, ready = self.operations.payload, self.events.payload, place.job, self.operations.ready
        m.d.comb += [
            self.operations.valid.eq(walking | ending | (drawing & self.events.valid)),
            operation.word.eq(Mux(walking, place.word, event.element.word)),
            operation.lane.eq(event.element.lane),
            operation.desired.eq(job.desired),
            operation.plane.eq(place.plane),
            operation.bank.eq(job.row.bank),
            operation.end.eq(Mux(walking, row_ends & job.end & ~job.events, ending | event.last)),
            self.row_done.eq(walking & row_ends & ~job.refresh & ready),
            self.events.ready.eq(drawing & ready),
        ]
        with m.If(walking):
            m.d.comb += operation.kind.eq(Mux(job.refresh, Operation.REFRESH, Operation.UPDATE))
        with m.Else():
            m.d.comb += operation.kind.eq(Mux(drawing, Operation.REINFORCE, Operation.NOTHING))
