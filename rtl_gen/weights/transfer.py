"""State transfers: loading and dumping the counters of a layer, one element a beat."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.weights.counter_memory import Operation, operation_layout
from bephw.rtl_gen.weights.element_walk import ElementWalk
from bephw.shape import LayerShape

__all__ = ["CounterTransfer", "TransferRouter", "TransferSignature"]


class TransferSignature(wiring.Signature):
    """A state space, seen from the router: a pulse on `load` or `dump` starts, and `busy` stays high until the
    last element has passed."""

    def __init__(self, bits: int) -> None:
        super().__init__(
            {
                "load": Out(1),
                "dump": Out(1),
                "busy": In(1),
                "loads": Out(stream.Signature(signed(bits))),
                "dumps": In(stream.Signature(signed(bits))),
            }
        )


class CounterTransfer(wiring.Component):
    """A layer's state transfer, counter by counter in row-major order; between the stream and the memory, word by word.

    The word lies in the counter memory's result register, whose lowest counter is `counter`: a cycle after `shift`
    every counter moves down a lane, and `value` into the top one. A FETCH brings a word there; a STORE shifts once
    more, for the word's last counter, and takes it back. A step begins when nothing is on its way (`quiet`, which may
    be up to 2 cycles late).

    A counter takes 4 cycles, if the stream does not wait, and a word some 15 more.
    """

    def __init__(self, shape: LayerShape, bits: int) -> None:
        self._shape = shape
        super().__init__(
            {
                "transfer": In(TransferSignature(bits)),
                "loading": Out(1),
                "quiet": In(1),
                "operations": Out(stream.Signature(operation_layout(shape))),
                "shift": Out(1),
                "value": Out(signed(bits)),
                "counter": In(signed(bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.walk = walk = ElementWalk(self._shape)
        operation = self.operations.payload
        m.d.comb += [
            operation.word.eq(walk.word),
            operation.kind.eq(Mux(self.loading, Operation.STORE, Operation.FETCH)),
        ]
        m.d.sync += self.shift.eq(0)  # unless a state says otherwise: what goes to many bits comes from a register
        asking, showing = self._pass_beats(m)
        waiting, quiet = self._wait(m)
        with m.FSM():
            self._start(m, waiting, quiet)
            self._move(m, walk, asking, showing)
            self._operate(m, walk, waiting, quiet)
        return m

    def _pass_beats(self, m):
        """A beat waits to be taken: from one stream (`asking`), or by the other (`showing`)."""
        loads, dumps = self.transfer.loads, self.transfer.dumps
        asking, showing = Signal(), Signal()
        m.d.comb += [dumps.payload.eq(self.counter), loads.ready.eq(asking), dumps.valid.eq(showing)]
        with m.If(asking):
            m.d.sync += [self.value.eq(loads.payload), asking.eq(~loads.valid)]
        with m.If(showing):
            m.d.sync += showing.eq(~dumps.ready)
        return asking, showing

    def _wait(self, m):
        """While `waiting`: a register that says that it is quiet, long enough for what was begun before to show."""
        waiting, waited, quiet = Signal(), Signal(range(4)), Signal()
        m.d.sync += [
            waited.eq(Mux(waiting, waited + (waited != 3), 0)),
            quiet.eq(self.quiet & waiting & (waited == 3) & ~quiet),
        ]
        return waiting, quiet

    def _start(self, m, waiting, quiet):
        transfer = self.transfer
        with m.State("IDLE"):
            m.d.sync += [self.loading.eq(transfer.load), transfer.busy.eq(transfer.load | transfer.dump)]
            with m.If(transfer.load | transfer.dump):
                m.next = "START"
        with m.State("START"):
            m.d.comb += waiting.eq(1)
            with m.If(quiet):
                m.next = "OPERATE"
                with m.If(self.loading):
                    m.next = "MOVE"

    def _move(self, m, walk, asking, showing):
        """A counter, between the stream and the word."""
        with m.State("MOVE"):
            m.d.sync += [asking.eq(self.loading & ~walk.padding), showing.eq(~self.loading & ~walk.padding)]
            m.next = "PASS"
        with m.State("PASS"), m.If(~asking & ~showing):
            with m.If(self.loading & walk.word_ends):
                m.next = "OPERATE"
            with m.Else():
                m.d.sync += self.shift.eq(1)
                self._advance(m, walk, then="OPERATE")

    def _operate(self, m, walk, waiting, quiet):
        """A word, between its register and the memory."""
        with m.State("OPERATE"):
            m.d.comb += self.operations.valid.eq(1)
            with m.If(self.operations.ready):
                m.next = "WAIT"
        with m.State("WAIT"):
            m.d.comb += waiting.eq(1)
            with m.If(quiet):
                m.next = "MOVE"
                with m.If(self.loading):
                    self._advance(m, walk, then="SETTLE")
        with m.State("SETTLE"):  # until the walk shows where it is
            m.next = "MOVE"

    def _advance(self, m, walk, *, then):
        """To the next counter; `then` follows at the end of a word."""
        m.d.comb += walk.advance.eq(1)
        m.next = "SETTLE"
        with m.If(walk.word_ends):
            m.next = then
        with m.If(walk.last):
            m.d.sync += [self.loading.eq(0), self.transfer.busy.eq(0)]
            m.next = "IDLE"


class TransferRouter(wiring.Component):
    """Connects the trainer's `load` and `dump` streams to one state space at a time.

    `start`, for a cycle, starts a transfer of `space` in the direction `dumping`, in the next cycle; a space that
    does not exist starts nothing. `busy` at once.
    """

    def __init__(self, widths: list[int]) -> None:
        self._widths = widths
        super().__init__(
            {
                "start": In(1),
                "space": In(16),
                "dumping": In(1),
                "busy": Out(1),
                "load": In(stream.Signature(32)),
                "dump": Out(stream.Signature(32)),
                **{f"space_{index}": Out(TransferSignature(bits)) for index, bits in enumerate(widths)},
            }
        )

    def elaborate(self, platform):
        m = Module()
        started, dumping = Signal(), Signal()
        m.d.sync += [started.eq(self.start), dumping.eq(self.dumping)]
        spaces = [getattr(self, f"space_{index}") for index in range(len(self._widths))]
        m.d.comb += self.busy.eq(self.start | started | Cat(space.busy for space in spaces).any())
        for index, space in enumerate(spaces):
            here = Signal(name=f"chosen_{index}")
            with m.If(self.start):
                m.d.sync += here.eq(self.space == index)
            m.d.comb += [
                space.load.eq(started & here & ~dumping),
                space.dump.eq(started & here & dumping),
                space.loads.payload.eq(self.load.payload),
                space.loads.valid.eq(self.load.valid & here),
            ]
            with m.If(here):
                m.d.comb += [
                    self.load.ready.eq(space.loads.ready),
                    self.dump.valid.eq(space.dumps.valid),
                    self.dump.payload.eq(space.dumps.payload),
                    space.dumps.ready.eq(self.dump.ready),
                ]
        return m
