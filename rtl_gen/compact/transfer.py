"""State transfers: loading and dumping the counters of a layer, one element a beat."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.compact.counter_memory import Operation, operation_layout
from bephw.rtl_gen.compact.element_walk import ElementWalk
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
    """Turns a layer's state transfer into operations on its counter memory, in row-major order."""

    def __init__(self, shape: LayerShape, bits: int) -> None:
        self._shape = shape
        super().__init__(
            {
                "transfer": In(TransferSignature(bits)),
                "operations": Out(stream.Signature(operation_layout(shape, bits))),
                "dump_valid": In(1),
                "dumped": In(signed(bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.walk = walk = ElementWalk(self._shape)
        transfer, operation = self.transfer, self.operations.payload
        value = Signal.like(transfer.loads.payload)
        m.d.comb += [
            operation.word.eq(walk.element.word),
            operation.lane.eq(walk.element.lane),
            operation.value.eq(value),
        ]
        with m.FSM() as fsm:
            m.d.comb += transfer.busy.eq(~fsm.ongoing("IDLE"))
            with m.State("IDLE"):
                with m.If(transfer.load):
                    m.next = "LOAD"
                with m.If(transfer.dump):
                    m.next = "DUMP"
            with m.State("LOAD"):
                m.d.comb += transfer.loads.ready.eq(1)
                m.d.sync += value.eq(transfer.loads.payload)
                with m.If(transfer.loads.valid):
                    m.next = "STORE"
            with m.State("STORE"):
                m.d.comb += [operation.kind.eq(Operation.LOAD), self.operations.valid.eq(1)]
                with m.If(self.operations.ready):
                    m.d.comb += walk.advance.eq(1)
                    m.next = "LOAD"
                    with m.If(walk.last):
                        m.next = "IDLE"
            with m.State("DUMP"):
                m.d.comb += [operation.kind.eq(Operation.DUMP), self.operations.valid.eq(1)]
                with m.If(self.operations.ready):
                    m.next = "WAIT"
            with m.State("WAIT"), m.If(self.dump_valid):
                m.d.sync += [transfer.dumps.payload.eq(self.dumped), transfer.dumps.valid.eq(1)]
                m.next = "SEND"
            with m.State("SEND"), m.If(transfer.dumps.ready):
                m.d.sync += transfer.dumps.valid.eq(0)
                m.d.comb += walk.advance.eq(1)
                with m.If(walk.last):
                    m.next = "IDLE"
                with m.Else():
                    m.next = "DUMP"
        return m


class TransferRouter(wiring.Component):
    """Connects the trainer's `load` and `dump` streams to one state space at a time.

    `start`, for a cycle, starts a transfer of `space` in the direction `dumping`; a space that does not exist
    starts nothing.
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
        chosen = Signal(range(len(self._widths)))
        with m.If(self.start):
            m.d.sync += chosen.eq(self.space)
        spaces = [getattr(self, f"space_{index}") for index in range(len(self._widths))]
        m.d.comb += self.busy.eq(Cat(space.busy for space in spaces).any())
        for index, space in enumerate(spaces):
            here = chosen == index
            m.d.comb += [
                space.load.eq(self.start & ~self.dumping & (self.space == index)),
                space.dump.eq(self.start & self.dumping & (self.space == index)),
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
