"""The outcomes of a layer's forward pass, until the winner search has seen them."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.parts.emitted_once import emitted_once
from bephw.rtl_gen.parts.layouts import outcome_layout
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.samples.sample_memory import SampleMemory
from bephw.shape import LayerShape

__all__ = ["OutcomeMemory", "keep", "kept_layout", "show"]


def kept_layout(shape: LayerShape, *, gated: bool) -> data.StructLayout:
    """What is kept of an outcome."""
    return data.StructLayout({"active": 1, "half": shape.z_bits - 1, **({"open": 1} if gated else {})})


def keep(kept, outcome) -> list:
    """Statements that make a record of `kept_layout` from an outcome."""
    statements = [kept.active.eq(outcome.active), kept.half.eq(outcome.magnitude[1:])]
    return [*statements, kept.open.eq(outcome.open)] if "open" in dict(kept.shape()) else statements


def show(outcome, kept, shape: LayerShape) -> list:
    """Statements that make an outcome from such a record: all |z| are as odd or even as `shape.inputs`."""
    statements = [outcome.active.eq(kept.active), outcome.magnitude.eq(Cat(C(shape.inputs & 1, 1), kept.half))]
    return [*statements, outcome.open.eq(kept.open)] if "open" in dict(kept.shape()) else statements


@emitted_once
class OutcomeMemory(wiring.Component):
    """`SampleMemory` for the outcomes of `slots` samples, a beat of outputs a word, without the bits that are known.

    All z of a layer are as odd or even as its number of inputs, so the lowest bit of |z| is not stored; nor is the gate
    of a layer that does not propagate (not `gated`), where it reads as closed.
    """

    def __init__(self, shape: LayerShape, slots: int, *, gated: bool) -> None:
        self._shape = shape
        self._slots = slots
        self._gated = gated
        outcomes = data.ArrayLayout(outcome_layout(shape), shape.scan)
        super().__init__(
            {
                "write": In(1),
                "index": In(range(shape.scan_beats)),
                "data": In(outcomes),
                "written": In(1),
                "reader": In(ReaderSignature(outcomes, shape.scan_beats)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.memory = memory = SampleMemory(
            data.ArrayLayout(kept_layout(shape, gated=self._gated), shape.scan), shape.scan_beats, self._slots, 1
        )
        inner = memory.reader_0
        m.d.comb += [
            memory.write.eq(self.write),
            memory.index.eq(self.index),
            memory.written.eq(self.written),
            inner.index.eq(self.reader.index),
            inner.read.eq(self.reader.read),
            inner.done.eq(self.reader.done),
        ]
        for place in range(shape.scan):
            m.d.comb += keep(memory.data[place], self.data[place])
            m.d.comb += show(self.reader.data[place], inner.data[place], shape)
        return m
