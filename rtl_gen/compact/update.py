"""The order of events at one layer's counters."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.compact.counter_memory import Operation, operation_layout
from bephw.rtl_gen.compact.layouts import element_layout, winner_layout
from bephw.shape import LayerShape

__all__ = ["UpdateUnit"]


class UpdateUnit(wiring.Component):
    """Feeds a counter memory: winner rows first, then, at a sample's `end`, its reinforcement events; in between, state
    transfers and the refresh of the live plane, a row at a time.

    `sample_done` and `row_done` are high for a cycle each. An update takes `shape.row_chunks + 1` cycles a row.
    """

    def __init__(self, shape: LayerShape, bits: int) -> None:
        self._shape = shape
        self._bits = bits
        super().__init__(
            {
                "winners": In(stream.Signature(winner_layout(shape))),
                "refresh": In(stream.Signature(winner_layout(shape))),
                "transfers": In(stream.Signature(operation_layout(shape, bits))),
                "events": In(stream.Signature(element_layout(shape))),
                "reinforce": Out(1),
                "reinforcing": In(1),
                "operations": Out(stream.Signature(operation_layout(shape, bits))),
                "settled": In(1),
                "sample_done": Out(1),
                "row_done": Out(1),
                "idle": Out(1),
                "busy_updating": Out(1),
                "busy_reinforcing": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        job = Signal(operation_layout(self._shape, self._bits))
        with m.FSM() as fsm:
            m.d.comb += [
                self.idle.eq(fsm.ongoing("IDLE")),
                self.busy_updating.eq(fsm.ongoing("ROW") & (job.kind == Operation.UPDATE)),
                self.busy_reinforcing.eq(fsm.ongoing("REINFORCE")),
            ]
            with m.State("IDLE"):
                self._choose(m, job)
            with m.State("ROW"):
                self._walk_row(m, job)
            with m.State("REINFORCE"):
                self._reinforce(m)
        return m

    def _choose(self, m, job):
        """What comes next: winners, the sample's end, a transfer, or the refresh."""
        with m.If(self.winners.valid & self.winners.payload.end):
            # The last operation still needs the sample's inputs when it is issued.
            m.d.comb += self.winners.ready.eq(self.settled)
            with m.If(self.settled & self.winners.payload.learn):
                m.d.comb += self.reinforce.eq(1)
                m.next = "REINFORCE"
            with m.Elif(self.settled):
                m.d.comb += self.sample_done.eq(1)
        with m.Elif(self.winners.valid):
            self._start_row(m, job, self.winners, Operation.UPDATE)
        with m.Elif(self.transfers.valid):
            m.d.comb += [
                self.operations.payload.eq(self.transfers.payload),
                self.operations.valid.eq(1),
                self.transfers.ready.eq(self.operations.ready),
            ]
        with m.Elif(self.refresh.valid):
            self._start_row(m, job, self.refresh, Operation.REFRESH)

    def _start_row(self, m, job, source, kind):
        shape, row = self._shape, source.payload.row
        m.d.comb += source.ready.eq(1)
        m.d.sync += [
            job.kind.eq(kind),
            job.desired.eq(source.payload.desired),
            job.word.eq((row.group * shape.rows + row.bank) * shape.row_chunks),
            job.chunk.eq(0),
            job.column_word.eq(0),
            job.plane.eq(row.group * shape.words),
            job.bank.eq(row.bank),
        ]
        m.next = "ROW"

    def _walk_row(self, m, job):
        """One operation a counter word, in order."""
        shape = self._shape
        m.d.comb += [self.operations.valid.eq(1), self.operations.payload.eq(job)]
        with m.If(self.operations.ready):
            m.d.sync += [job.word.eq(job.word + 1), job.chunk.eq(next_index(job.chunk, shape.chunks))]
            with m.If(job.chunk == shape.chunks - 1):
                m.d.sync += [job.plane.eq(job.plane + 1), job.column_word.eq(job.column_word + 1)]
                with m.If(job.column_word == shape.words - 1):
                    m.d.comb += self.row_done.eq(job.kind == Operation.UPDATE)
                    m.next = "IDLE"

    def _reinforce(self, m):
        """Events become operations; the sample is done when there are no more."""
        operation = self.operations.payload
        m.d.comb += [
            operation.kind.eq(Operation.REINFORCE),
            operation.word.eq(self.events.payload.word),
            operation.lane.eq(self.events.payload.lane),
            self.operations.valid.eq(self.events.valid),
            self.events.ready.eq(self.operations.ready),
        ]
        with m.If(~self.reinforcing):
            m.d.comb += self.sample_done.eq(1)
            m.next = "IDLE"
