"""One layer's hidden weights, with everything that changes them."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.parts.layouts import record_words, winner_layout
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.weights.counter_memory import CounterMemory
from bephw.rtl_gen.weights.lagging_plane import PLANES
from bephw.rtl_gen.weights.refresh import Refresh
from bephw.rtl_gen.weights.reinforcement import Reinforcement
from bephw.rtl_gen.weights.single_port_counters import SinglePortCounterMemory
from bephw.rtl_gen.weights.transfer import CounterTransfer, TransferSignature
from bephw.rtl_gen.weights.update import UpdateUnit
from bephw.shape import LayerShape

__all__ = ["HiddenWeights"]


class HiddenWeights(wiring.Component):
    """Counters of `bits` bits that follow the `winners`, a sample after the other (numerics.md sections 4, 5, 8).

    A sample takes winners * row_chunks + events cycles, an event one for each counter word of its burst; twice that
    with a `single_port`. An end that comes alone takes a cycle, but for what it has of events. While rows are updated
    the sample's events are prepared. An operation whose word is still being changed waits up to 4 cycles.

    `inputs` has the sample's activations; put the reader's data through no register: there is one in here.
    `done` pulses for each sample when everything has been issued; `inputs.done`, no earlier than the sample's last
    read, a cycle or more before. Signs of changed rows go to the live plane (`sign_*`, address `group * words +
    word`), all of them after power-up and after a load: until then `sweeping` is high.

    With `sweeps` the plane that a `swap` makes live is a batch behind, and has no other way to catch up: all rows are
    then walked through while no winner waits, which takes outputs * row_chunks of such cycles. Only then is it
    `settled`; the next `swap` has to wait for that.

    Where batches overlap (`lag`), a forward pass copies rows to the live plane while updates go on: but for operations
    during a `pause`; when those are done it is `resting`. No sample's winners are taken during a `hold`. Instead of a
    swap there is `renew`: all rows are walked through once for each plane, and `sign_plane` says in between that the
    next one is to be written.

    A `transfer` must come between samples; it makes winners wait. `settled`, 2 cycles late: nothing is on its way. The
    generator and the accumulator are those after the last sample's events whenever that is so.
    """

    def __init__(
        self,
        shape: LayerShape,
        bits: int,
        *,
        counters: Sequence[int] = (),
        single_port: bool = False,
        sweeps: bool = False,
        lag: bool = False,
        seed: int,
        accumulator: int = 0,
    ) -> None:
        self._shape = shape
        self._bits = bits
        self._counters = counters
        self._single_port = single_port
        self._sweeps = sweeps
        self._lag = lag
        self._seed = seed
        self._accumulator = accumulator
        super().__init__(
            {
                "winners": In(stream.Signature(winner_layout(shape))),
                "inputs": Out(ReaderSignature(shape.columns, record_words(shape, shape.words))),
                "sign_write": Out(1),
                "sign_bank": Out(range(shape.rows)),
                "sign_address": Out(range(shape.groups * shape.words)),
                "sign_data": Out(shape.columns),
                **(dict.fromkeys(("renew", "pause", "hold"), In(1)) if lag else {"swap": In(1)}),
                **(dict.fromkeys(("resting", "sign_plane"), Out(1)) if lag else {}),
                "transfer": In(TransferSignature(bits)),
                "rate": In(32),
                "set_data": In(32),
                "generator": Out(32, init=seed),
                "generator_set": In(1),
                "accumulator": Out(16, init=accumulator),
                "accumulator_set": In(1),
                "done": Out(1),
                "row_updated": Out(1),
                "settled": Out(1),
                "sweeping": Out(1, init=1),
                "busy_update": Out(1),
                "busy_reinforce": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, bits = self._shape, self._bits
        m.submodules.update = update = UpdateUnit(shape)
        m.submodules.counters = memory = (
            SinglePortCounterMemory(shape, bits) if self._single_port else CounterMemory(shape, bits, self._counters)
        )
        m.submodules.reinforcement = reinforcement = Reinforcement(shape, self._seed, self._accumulator)
        m.submodules.refresh = refresh = Refresh(shape)
        m.submodules.transfer = transfer = CounterTransfer(shape, bits)

        connect(m, flipped(self.winners), update.winners)
        connect(m, flipped(self.inputs), memory.inputs)
        connect(m, flipped(self.transfer), transfer.transfer)
        connect(m, refresh.rows, update.refresh)
        connect(m, transfer.operations, update.transfers)
        connect(m, reinforcement.events, update.events)
        self._connect_operations(m, update, memory)
        self._connect_reinforcement(m, reinforcement, update)

        resting = Signal(3)
        m.d.sync += resting.eq(Cat(update.idle, memory.idle, refresh.done))
        again = self._connect_rounds(m, resting.all() & refresh.done, transfer.loading)
        m.d.comb += [
            transfer.quiet.eq(resting[:2].all()),
            update.hold.eq(transfer.transfer.busy | (self.hold if self._lag else 0)),
            memory.shift.eq(transfer.shift),
            memory.value.eq(transfer.value),
            transfer.counter.eq(memory.counter),
            # Counters that are loaded are seen only by a sweep that starts afterwards.
            refresh.restart.eq(transfer.loading | again),
            *(getattr(self, name).eq(getattr(memory, name)) for name in SIGNS),
            self.row_updated.eq(update.row_done),
            self.busy_update.eq(update.busy_updating),
            self.busy_reinforce.eq(update.busy_reinforcing),
        ]
        m.d.sync += [
            self.done.eq(memory.sample_done),
            self.settled.eq(resting.all() & refresh.done & ~again & ~reinforcement.busy & ~transfer.transfer.busy),
        ]
        return m

    def _connect_operations(self, m, update, memory):
        if not self._lag:
            connect(m, update.operations, memory.operations)
            return
        offered, taken = update.operations, memory.operations
        paused = Signal()
        m.d.comb += [
            taken.payload.eq(offered.payload),
            taken.valid.eq(offered.valid & ~paused),
            offered.ready.eq(taken.ready & ~paused),
        ]
        # What is on offer stays there until it is taken.
        m.d.sync += [
            paused.eq(self.pause & (paused | ~taken.valid | taken.ready)),
            self.resting.eq(memory.idle),
        ]

    def _connect_rounds(self, m, rested, loading):
        """`sweeping` until all that is to be written anew has been; returns whether rows begin from the first again."""
        again = Signal()
        if not self._lag:
            m.d.comb += again.eq(self.swap if self._sweeps else 0)
            m.d.sync += self.sweeping.eq(loading | (self.sweeping & ~rested))
            return again
        left, ended = Signal(range(PLANES), init=PLANES - 1), Signal()
        m.d.comb += [
            ended.eq(self.sweeping & rested & ~loading),
            self.sign_plane.eq(ended),
            again.eq(self.renew | (ended & (left != 0))),
        ]
        with m.If(ended):
            m.d.sync += [left.eq(left - 1), self.sweeping.eq(left != 0)]
        with m.If(loading | self.renew):
            m.d.sync += [left.eq(PLANES - 1), self.sweeping.eq(1)]
        return again

    def _connect_reinforcement(self, m, reinforcement, update):
        m.d.comb += [
            reinforcement.start.eq(update.start),
            update.reinforcing.eq(reinforcement.busy),
            *(getattr(reinforcement, name).eq(getattr(self, name)) for name in ("rate", "set_data")),
            *(getattr(reinforcement, f"{name}_set").eq(getattr(self, f"{name}_set")) for name in STATE),
            *(getattr(self, name).eq(getattr(reinforcement, name)) for name in STATE),
        ]


SIGNS = ("sign_write", "sign_bank", "sign_address", "sign_data")
STATE = ("generator", "accumulator")
