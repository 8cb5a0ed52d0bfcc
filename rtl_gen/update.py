"""The order of events at one layer's counters."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
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
    and there are no events. The first operation comes `RowPlaces`' latency and 2 cycles after its winner.

    A sample's first beat pulses `start`, which asks for its events, if the sample has winners or `learn`; from the
    next cycle until the next `start`, `have_events` says whether there are any. No first beat is taken without
    `start_ready`, and none at all during a `hold`. `row_done` is high for a cycle; `idle`: nothing taken is left.
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
        current, walking = self._do_jobs(m, places)
        m.d.comb += [
            self.idle.eq(~taken & ~places.busy & ~current),
            self.busy_updating.eq(current & walking & (self.operations.payload.kind == Operation.UPDATE)),
            self.busy_reinforcing.eq(current & ~walking),
        ]
        return m

    def _take_jobs(self, m, places):
        """Winners first, then rows to refresh; a sample's first beat starts its reinforcement."""
        valid, job = Signal(), Signal(job_layout(self._shape))
        inside, learns = Signal(), Signal()  # a sample's: between its first beat and its end; it has a share of events
        winner, row = self.winners.payload, Mux(self.winners.valid, self.winners.payload.row, self.refresh.payload.row)
        free, first, taken = Signal(), Signal(), Signal()
        m.d.comb += [
            free.eq((~valid | places.jobs.ready) & (inside | self.start_ready) & ~self.hold),
            self.winners.ready.eq(free),
            self.refresh.ready.eq(free & ~self.winners.valid),
            taken.eq(self.winners.valid & free),
            first.eq(taken & ~inside),
            self.start.eq(first & (winner.present | winner.learn)),
            places.jobs.valid.eq(valid),
            places.jobs.payload.eq(job),
            places.jobs.payload.events.eq(job.end & learns & self.have_events),
        ]
        with m.If(~valid | places.jobs.ready):
            m.d.sync += [
                valid.eq(free & (self.winners.valid | self.refresh.valid)),
                job.refresh.eq(~self.winners.valid),
                job.present.eq(~self.winners.valid | winner.present),
                job.end.eq(self.winners.valid & winner.end),
                job.desired.eq(winner.desired),
                job.row.eq(row),
            ]
        with m.If(taken):
            m.d.sync += inside.eq(~winner.end)
        with m.If(first):
            m.d.sync += learns.eq(winner.present | winner.learn)
        return valid

    def _do_jobs(self, m, places):
        """A job at a time: its row, word by word, then its events, or an end by itself."""
        shape, placed = self._shape, places.placed
        valid, walking, finished = Signal(), Signal(), Signal()
        place, chunk, column_word = (
            Signal(placed_layout(shape)),
            Signal(range(shape.chunks)),
            Signal(range(shape.words)),
        )
        left = Signal(range(-1, max(shape.row_chunks - 1, 1)))  # below 0 at the row's last word
        self._operate(m, valid, walking, finished, place, left[-1])
        m.d.comb += [
            placed.ready.eq(~valid | finished),
            self.operations.payload.chunk.eq(chunk),
            self.operations.payload.column_word.eq(column_word),
        ]
        with m.If(placed.ready):
            m.d.sync += [
                valid.eq(placed.valid),
                place.eq(placed.payload),
                walking.eq(placed.payload.job.present),
                left.eq(shape.row_chunks - 2),
                chunk.eq(0),
                column_word.eq(0),
            ]
        with m.Elif(walking & self.operations.ready):
            m.d.sync += [walking.eq(~left[-1]), left.eq(left - 1), place.word.eq(place.word + 1), chunk.eq(chunk + 1)]
            with m.If(chunk == shape.chunks - 1):
                m.d.sync += [
                    chunk.eq(0),
                    column_word.eq(next_index(column_word, shape.words)),
                    place.plane.eq(place.plane + 1),
                ]
        with m.If(self.hold & ~valid):
            # Later assignments win: a transfer's operation, where there is no job.
            m.d.comb += [
                self.operations.payload.eq(self.transfers.payload),
                self.operations.valid.eq(self.transfers.valid),
                self.transfers.ready.eq(self.operations.ready),
            ]
        return valid, walking

    def _operate(self, m, valid, walking, finished, place, row_ends):
        """The job's next operation."""
        operation, event, job = self.operations.payload, self.events.payload, place.job
        m.d.comb += [
            operation.word.eq(Mux(walking, place.word, event.element.word)),
            operation.lane.eq(event.element.lane),
            operation.desired.eq(job.desired),
            operation.plane.eq(place.plane),
            operation.bank.eq(job.row.bank),
            self.row_done.eq(valid & walking & row_ends & ~job.refresh & self.operations.ready),
        ]
        with m.If(walking):
            m.d.comb += [
                self.operations.valid.eq(valid),
                operation.kind.eq(Mux(job.refresh, Operation.REFRESH, Operation.UPDATE)),
                operation.end.eq(row_ends & job.end & ~job.events),
                finished.eq(row_ends & ~job.events & self.operations.ready),
            ]
        with m.Else():
            m.d.comb += [
                self.operations.valid.eq(valid & (self.events.valid | ~job.events)),
                operation.kind.eq(Mux(job.events, Operation.REINFORCE, Operation.NOTHING)),
                operation.end.eq(event.last | ~job.events),
                self.events.ready.eq(valid & job.events & self.operations.ready),
                finished.eq(self.operations.ready & (~job.events | (self.events.valid & event.last))),
            ]
