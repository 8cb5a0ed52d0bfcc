"""The forward pass of one layer or of the classifier: z of every output, folded."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.forward.array import XnorPopcountArray, step_layout
from bephw.rtl_gen.forward.drain import Drain, sums_layout
from bephw.rtl_gen.parts.arithmetic import count_up, delay, next_index
from bephw.rtl_gen.parts.storage import family
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.shape import LayerShape, ceil_div

__all__ = ["ForwardUnit", "WeightsSignature", "answer_cycles", "base_member"]


def answer_cycles(device: str | None) -> int:
    """Cycles from an address to the weights, or inputs, at it: two, as a RAM may have a register of its own behind it.

    The RAMs of "ice40" have none; there it is one, and the array keeps counts of few lanes, which are fewer bits.
    """
    return 1 if device == "ice40" else 2


def base_member(shape: LayerShape, planes: int) -> dict[str, wiring.Member]:
    """Of a port on one of several planes of words, where that plane begins."""
    return {} if planes == 1 else {"base": In(range((planes - 1) * shape.groups * shape.words + 1))}


class WeightsSignature(wiring.Signature):
    """A read port on the weights, seen from the reader: `data` follows `address` by `answer_cycles`.

    `step`: the address is used; `final`: for the last time in a sample. Where there are several `planes` of words, a
    pass's addresses begin at what `base` was in the cycle before.
    """

    def __init__(self, shape: LayerShape, planes: int = 1) -> None:
        super().__init__(
            {
                **base_member(shape, planes),
                "address": Out(range(planes * shape.groups * shape.words)),
                "step": Out(1),
                "final": Out(1),
                "data": In(data.ArrayLayout(shape.columns, shape.rows)),
            }
        )


class ForwardUnit(wiring.Component):
    """Walks samples' words through the arrays: row groups outside, column words inside.

    There are `shape.samples` channels, which share the weights. While `available`, a sample waits in a channel's
    `inputs`. Those that wait are begun together (`start` for a cycle), where there is `room` for all of them: then they
    go through without a stop, and whoever comes later waits for the next pass. `sums` carry z, `scan` outputs a beat,
    row group by row group; a row group whose outputs are more than `scan` x `words` holds the next one up. `group_read`
    is high in the cycle of a row group's last word; for the last one `inputs.done` is, too, of those that are through.

    Between the memories and the lanes are `wires` registers more, each a flip-flop a lane and a cycle: for long wires.

    Latency: `latency(shape, wires)` cycles from a row group's last word to its first beat, `drained(shape, scan,
    wires)` from the sample's last word to its last beat. Throughput: `shape.samples` samples every
    `interval(shape, scan)` cycles, which is `shape.forward_cycles` with the shape's own `scan`.
    """

    def __init__(
        self, shape: LayerShape, scan: int | None = None, *, wires: int = 0, planes: int = 1, device: str | None = None
    ) -> None:
        self._shape = shape
        self._wires = wires
        self._planes = planes
        self._device = device
        self._scan = scan = shape.scan if scan is None else scan
        super().__init__(
            {
                "available": In(shape.samples),
                "inputs": Out(ReaderSignature(shape.columns, shape.words)).array(shape.samples),
                "weights": Out(WeightsSignature(shape, planes)),
                "room": In(shape.samples),
                "start": Out(shape.samples),
                "group_read": Out(1),
                "sums": Out(sums_layout(shape, scan)).array(shape.samples),
                "busy": Out(1),
            }
        )

    @staticmethod
    def latency(shape: LayerShape, wires: int = 0) -> int:
        """Cycles from the address of a row group's last word to its first beat: memory, registers, array, drain."""
        return 2 + wires + XnorPopcountArray.latency(shape) + 1

    @staticmethod
    def drained(shape: LayerShape, scan: int | None = None, wires: int = 0) -> int:
        """Cycles from the address of a sample's last word to its last beat."""
        outputs = shape.outputs - (shape.groups - 1) * shape.rows
        return ForwardUnit.latency(shape, wires) + ceil_div(outputs, scan or shape.scan) - 1

    @staticmethod
    def interval(shape: LayerShape, scan: int | None = None) -> int:
        """Cycles a sample."""
        return shape.groups * max(shape.words, -(-shape.rows // (scan or shape.scan)))

    def elaborate(self, platform):
        m = Module()
        cycles, wires = answer_cycles(self._device or family(platform)), self._wires
        step, passing = self._walk(m)
        weights = delay(m, self.weights.data, wires, reset_less=True)
        for channel, inputs in enumerate(self.inputs):
            array, drain = XnorPopcountArray(self._shape, ahead=cycles == 1), Drain(self._shape, self._scan)
            m.submodules[f"array_{channel}"] = array
            m.submodules[f"drain_{channel}"] = drain
            here = Signal(step_layout(), name=f"step_{channel}")
            m.d.comb += [
                inputs.read.eq(1),
                here.eq(step),
                here.valid.eq(step.valid & passing[channel]),
                # What goes with the memories' answer waits for it, or for the counts of few lanes.
                array.step.eq(delay(m, here, 2 + wires)),
                array.activations.eq(delay(m, inputs.data, cycles - 1 + wires, reset_less=True)),
                array.weights.eq(weights),
                drain.load.eq(array.done.valid),
                drain.final.eq(array.done.final),
                drain.matches.eq(array.matches),
                self.sums[channel].eq(drain.sums),
            ]
        return m

    def _walk(self, m):
        """One step of the two loops a cycle; returns what accompanies it, and the channels that have a sample in it."""
        shape = self._shape
        word, group = Signal(range(shape.words)), Signal(range(shape.groups))
        address = Signal.like(self.weights.address, reset_less=True)
        step = Signal(step_layout())
        begun, last_word, last_group, done, resting = Signal(), Signal(), Signal(), Signal(), self._rest(m, step)
        kept, passing, begins = Signal(shape.samples), Signal(shape.samples), Signal()
        m.d.comb += [
            last_word.eq(word == shape.words - 1),
            last_group.eq(group == shape.groups - 1),
            begins.eq(self.available.any() & ~(self.available & ~self.room).any()),
            passing.eq(Mux(begun, kept, self.available)),
            step.valid.eq((begun | begins) & ~resting),
            step.last.eq(last_word),
            step.final.eq(last_group),
            done.eq(step.valid & last_word & last_group),
            self.start.eq(Mux(step.valid & ~begun, self.available, 0)),
            self.busy.eq(step.valid),
            self.group_read.eq(step.valid & last_word),
            self.weights.step.eq(step.valid),
            self.weights.final.eq(done),
            *(inputs.index.eq(word) for inputs in self.inputs),
            *(inputs.done.eq(done & passes) for inputs, passes in zip(self.inputs, passing, strict=True)),
        ]
        with m.If(step.valid):
            m.d.sync += [
                begun.eq(~done),
                kept.eq(passing),
                word.eq(next_index(word, shape.words)),
            ]
            with m.If(last_word):
                m.d.sync += group.eq(next_index(group, shape.groups))
        if self._planes == 1:
            count_up(m, address, step.valid, done)
        else:
            m.d.sync += address.eq(Mux(Mux(step.valid, done, ~begun), self.weights.base, address + step.valid))
        m.d.comb += self.weights.address.eq(address)
        return step, passing

    def _rest(self, m, step):
        """Where a row group's beats outlast its words: high until the drain is free again."""
        extra = -(-self._shape.rows // self._scan) - self._shape.words
        if extra <= 0:
            return C(0)
        left = Signal(range(extra + 1))
        with m.If(step.valid & step.last):
            m.d.sync += left.eq(extra)
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        return left != 0
