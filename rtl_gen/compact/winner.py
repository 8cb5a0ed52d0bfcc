"""Group winner: which rows of a layer a sample updates."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.compact.layouts import outcome_layout, row_layout, winner_layout
from bephw.rtl_gen.sample_memory import ReaderSignature
from bephw.shape import LayerShape

__all__ = ["WinnerSearch", "scan_layout"]


def scan_layout(shape: LayerShape) -> data.StructLayout:
    """An output under examination: its row, and whether it is the first or last of its group of gamma."""
    return data.StructLayout({"valid": 1, "first": 1, "last": 1, "row": row_layout(shape)})


class WinnerSearch(wiring.Component):
    """Examines the outputs of one sample in order, one a cycle (numerics.md section 4, winner mask).

    While `lesson_valid`, the lesson's flags are steady, and `desired` is the bit wanted of the next output; `shift`
    asks for the one after it, `consumed` gives the lesson up. Outcomes are read a row group at a time: `outcomes`
    follows `outcome_index` by a cycle. Winners leave in order, then an `end` beat, which is all that a sample that
    does not teach produces. Where `open_push` is high, the output's gate is open: `open_*` say where its row is and
    what it should be. A sample starts only while `list_free`.

    Latency: 4 cycles, then one output a cycle; the end beat 2 cycles after the last. Throughput: a sample every
    `outputs` + 6 cycles, or 3 where it does not teach.
    """

    def __init__(self, shape: LayerShape, gamma: int) -> None:
        self._shape = shape
        self._gamma = gamma
        super().__init__(
            {
                "lesson_valid": In(1),
                "lesson_teach": In(1),
                "lesson_learn": In(1),
                "desired": In(1),
                "shift": Out(1),
                "consumed": Out(1),
                "list_free": In(1),
                "outcomes": Out(ReaderSignature(data.ArrayLayout(outcome_layout(shape), shape.rows), shape.groups)),
                "open_push": Out(1),
                "open_row": Out(row_layout(shape)),
                "open_desired": Out(1),
                "winners": Out(stream.Signature(winner_layout(shape))),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        enable, scanning = Signal(), Signal()
        m.d.comb += enable.eq(~self.winners.valid | self.winners.ready)
        issued, final = self._issue(m, scanning & enable, enable)
        fetched, entry = self._fetch(m, issued, enable)
        self._push_open(m, fetched, entry, enable)
        self._choose(m, fetched, entry, enable)

        with m.FSM():
            with m.State("IDLE"), m.If(self.lesson_valid & self.list_free):
                with m.If(self.lesson_teach):
                    m.next = "SCAN"
                with m.Else():
                    m.next = "END"
            with m.State("SCAN"):
                m.d.comb += scanning.eq(1)
                with m.If(final & enable):
                    m.next = "FLUSH"
            with m.State("FLUSH"), m.If(enable & ~issued.valid & ~fetched.valid):
                m.next = "END"
            with m.State("END"), m.If(enable):
                m.d.sync += [
                    self.winners.valid.eq(1),
                    self.winners.payload.end.eq(1),
                    self.winners.payload.learn.eq(self.lesson_learn),
                ]
                m.d.comb += [self.consumed.eq(1), self.outcomes.done.eq(1)]
                m.next = "RELEASED"
            with m.State("RELEASED"):  # the lesson is replaced in this cycle
                m.next = "IDLE"
        m.d.comb += self.busy.eq(scanning)
        return m

    def _issue(self, m, step, enable):
        """Walk over the outputs, asking for outcomes at the start of each row group."""
        shape = self._shape
        bank, group, member = Signal(range(shape.rows)), Signal(range(shape.groups)), Signal(range(self._gamma))
        output = Signal(range(shape.outputs))
        final = Signal()
        issued = Signal(scan_layout(shape))
        m.d.comb += [
            final.eq(output == shape.outputs - 1),
            self.outcomes.index.eq(group),
            self.outcomes.read.eq(step & (bank == 0)),
        ]
        with m.If(step):
            m.d.sync += [
                issued.first.eq(member == 0),
                issued.last.eq(member == self._gamma - 1),
                issued.row.group.eq(group),
                issued.row.bank.eq(bank),
                output.eq(Mux(final, 0, output + 1)),
                member.eq(next_index(member, self._gamma)),
                bank.eq(Mux(final, 0, next_index(bank, shape.rows))),
            ]
            with m.If(final | (bank == shape.rows - 1)):
                m.d.sync += group.eq(Mux(final, 0, group + 1))
        with m.If(enable):
            m.d.sync += issued.valid.eq(step)
        return issued, final

    def _fetch(self, m, issued, enable):
        """The outcome of the output asked for, chosen from its row group."""
        fetched = Signal(scan_layout(self._shape))
        entry = Signal(outcome_layout(self._shape))
        with m.If(enable):
            m.d.sync += [fetched.eq(issued), entry.eq(self.outcomes.data[issued.row.bank])]
        return fetched, entry

    def _push_open(self, m, fetched, entry, enable):
        m.d.comb += [
            self.shift.eq(fetched.valid & enable),
            self.open_push.eq(fetched.valid & enable & entry.open),
            self.open_row.eq(fetched.row),
            self.open_desired.eq(self.desired),
        ]

    def _choose(self, m, fetched, entry, enable):
        """Keep the best of the group; let it go at the group's end."""
        shape = self._shape
        best = Signal(winner_layout(shape))
        best_magnitude, found = Signal(shape.z_bits), Signal()
        wrong = (self.desired != entry.active) & (entry.magnitude != 0)
        held = found & ~fetched.first
        better = Signal()
        m.d.comb += better.eq(wrong & (~held | (entry.magnitude < best_magnitude)))
        now = Signal(winner_layout(shape))
        m.d.comb += now.eq(best)
        with m.If(better):
            m.d.comb += [
                now.desired.eq(self.desired),
                now.row.eq(fetched.row),
            ]
        with m.If(enable):
            m.d.sync += self.winners.valid.eq(0)
            with m.If(fetched.valid):
                m.d.sync += [best.eq(now), found.eq(better | held)]
                with m.If(better):
                    m.d.sync += best_magnitude.eq(entry.magnitude)
                with m.If(fetched.last):
                    m.d.sync += [self.winners.valid.eq(better | held), self.winners.payload.eq(now)]
