"""The forward pass of one layer or of the classifier: z of every output, folded."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.arithmetic import delay, next_index
from bephw.rtl_gen.compact.activation import sums_layout
from bephw.rtl_gen.compact.array import XnorPopcountArray, step_layout
from bephw.rtl_gen.compact.layouts import tag_layout
from bephw.rtl_gen.sample_memory import ReaderSignature
from bephw.shape import LayerShape

__all__ = ["ForwardUnit", "WeightsSignature"]


class WeightsSignature(wiring.Signature):
    """A read port on the weights, seen from the reader: `data` follows `address` by a cycle, where `enable` is high."""

    def __init__(self, shape: LayerShape, depth: int) -> None:
        super().__init__(
            {
                "address": Out(range(depth)),
                "enable": Out(1),
                "data": In(data.ArrayLayout(shape.columns, shape.rows)),
            }
        )


class ForwardUnit(wiring.Component):
    """Walks a sample's words through the array: row groups outside, column words inside.

    While `available`, a sample with `tag` waits in `inputs`. Weights are read at `base`, `base + 1`, ... in that
    order; `base` must be still while samples are present. `sums` carries z, a row group a beat.

    Throughput: a sample every `shape.forward_cycles` cycles. Back-pressure on `sums` stops the array.
    """

    def __init__(self, shape: LayerShape, classes: int, depth: int) -> None:
        self._shape = shape
        self._classes = classes
        self._depth = depth
        super().__init__(
            {
                "available": In(1),
                "tag": In(tag_layout(classes)),
                "inputs": Out(ReaderSignature(shape.columns, shape.words)),
                "base": In(range(depth)),
                "weights": Out(WeightsSignature(shape, depth)),
                "sums": Out(stream.Signature(sums_layout(shape, classes))),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.array = array = XnorPopcountArray(self._shape, self._classes)
        enable = Signal()
        step = self._walk(m, enable)
        m.d.comb += [
            enable.eq(~self.sums.valid | self.sums.ready),
            self.weights.enable.eq(enable),
            self.inputs.read.eq(enable),
            array.enable.eq(enable),
            # The memories answer a cycle after the address: what goes with the answer waits for it.
            array.step.eq(delay(m, step, 1, enable)),
            array.activations.eq(self.inputs.data),
            array.weights.eq(self.weights.data),
            self.sums.valid.eq(array.done.valid),
            self.sums.payload.z.eq(array.z),
            self.sums.payload.final.eq(array.done.final),
            self.sums.payload.tag.eq(array.done.tag),
        ]
        return m

    def _walk(self, m, enable):
        """One step of the two loops a cycle; returns what accompanies it."""
        shape = self._shape
        word, group = Signal(range(shape.words)), Signal(range(shape.groups))
        address = Signal(range(self._depth))
        step = Signal(step_layout(self._classes))
        last_word, last_group = Signal(), Signal()
        m.d.comb += [
            last_word.eq(word == shape.words - 1),
            last_group.eq(group == shape.groups - 1),
            step.valid.eq(self.available),
            step.first.eq(word == 0),
            step.last.eq(last_word),
            step.final.eq(last_group),
            step.tag.eq(self.tag),
            self.busy.eq(step.valid & enable),
            self.weights.address.eq(address),
            self.inputs.index.eq(word),
            self.inputs.done.eq(self.busy & last_word & last_group),
        ]
        with m.If(self.inputs.done | ~self.available):
            m.d.sync += address.eq(self.base)
        with m.Elif(self.busy):
            m.d.sync += address.eq(address + 1)
        with m.If(self.busy):
            m.d.sync += word.eq(next_index(word, shape.words))
            with m.If(last_word):
                m.d.sync += group.eq(next_index(group, shape.groups))
        return step
