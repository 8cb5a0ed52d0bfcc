"""The forward pass of one layer or of the classifier: z of every output, folded."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rtl_gen.activation import sums_layout
from bephw.rtl_gen.activation_buffer import ActivationBuffer
from bephw.rtl_gen.arithmetic import delay, next_index
from bephw.rtl_gen.array import XnorPopcountArray, step_layout
from bephw.rtl_gen.layouts import chunk_layout
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

    Weights are read at `base`, `base + 1`, ... in that order; `base` must be still while samples are present. The
    first group's words also leave by `context_*`, for whoever needs the inputs later. A sample starts only while
    `may_start`; `started` is high for the cycle in which it does, and `finished` for that of its last word. `sums`
    carries z, a row group a beat.

    Throughput: a sample every `shape.forward_cycles` cycles. Back-pressure on `sums` stops the array.
    """

    def __init__(self, shape: LayerShape, width: int, classes: int, depth: int) -> None:
        self._shape = shape
        self._width = width
        self._classes = classes
        self._depth = depth
        super().__init__(
            {
                "chunks": In(stream.Signature(chunk_layout(width, classes))),
                "base": In(range(depth)),
                "weights": Out(WeightsSignature(shape, depth)),
                "may_start": In(1),
                "started": Out(1),
                "finished": Out(1),
                "context_valid": Out(1),
                "context_index": Out(range(shape.words)),
                "context_data": Out(shape.columns),
                "sums": Out(stream.Signature(sums_layout(shape, classes))),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.buffer = buffer = ActivationBuffer(self._shape, self._width, self._classes)
        m.submodules.array = array = XnorPopcountArray(self._shape, self._classes)
        connect(m, flipped(self.chunks), buffer.chunks)

        enable = Signal()
        m.d.comb += enable.eq(~self.sums.valid | self.sums.ready)
        step = self._walk(m, buffer, enable)
        m.d.comb += [
            self.weights.enable.eq(enable),
            array.enable.eq(enable),
            # The memory answers a cycle after the address: the rest waits for it.
            array.step.eq(delay(m, step, 1, enable)),
            array.activations.eq(delay(m, buffer.word, 1, enable)),
            array.weights.eq(self.weights.data),
            self.sums.valid.eq(array.done.valid),
            self.sums.payload.z.eq(array.z),
            self.sums.payload.final.eq(array.done.final),
            self.sums.payload.tag.eq(array.done.tag),
        ]
        return m

    def _walk(self, m, buffer, enable):
        """One step of the two loops a cycle; returns what accompanies it."""
        shape = self._shape
        word, group = Signal(range(shape.words)), Signal(range(shape.groups))
        address = Signal(range(self._depth))
        step = Signal(step_layout(self._classes))
        starting, last_word, last_group = Signal(), Signal(), Signal()
        m.d.comb += [
            last_word.eq(word == shape.words - 1),
            last_group.eq(group == shape.groups - 1),
            starting.eq((word == 0) & (group == 0)),
            step.valid.eq(buffer.valid & (~starting | self.may_start)),
            step.first.eq(word == 0),
            step.last.eq(last_word),
            step.final.eq(last_group),
            step.tag.eq(buffer.tag),
            self.weights.address.eq(address),
            self.started.eq(step.valid & starting & enable),
            self.busy.eq(step.valid & enable),
            self.context_valid.eq(self.busy & (group == 0)),
            self.context_index.eq(word),
            self.context_data.eq(buffer.word),
            buffer.rotate.eq(self.busy),
            self.finished.eq(self.busy & last_word & last_group),
            buffer.release.eq(self.finished),
        ]
        with m.If(buffer.release | ~buffer.valid):
            m.d.sync += address.eq(self.base)
        with m.Elif(self.busy):
            m.d.sync += address.eq(address + 1)
        with m.If(self.busy):
            m.d.sync += word.eq(next_index(word, shape.words))
            with m.If(last_word):
                m.d.sync += group.eq(next_index(group, shape.groups))
        return step
