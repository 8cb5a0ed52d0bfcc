"""The forward pass of one layer or of the classifier: z of every output, folded."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.forward.array import XnorPopcountArray, step_layout
from bephw.rtl_gen.forward.drain import Drain, sums_layout
from bephw.rtl_gen.forward.walk import ForwardWalk
from bephw.rtl_gen.parts.arithmetic import count_up, delay
from bephw.rtl_gen.parts.storage import family
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.shape import LayerShape

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
    `inputs`; who passes with whom, from `start` on, and what `room` is for, says `ForwardWalk`. `sums` carry z in the
    beats `shape.all_beats()`. `group_read` is high in the cycle of a row group's last word; for the last one
    `inputs.done` is, too, of those that are through.

    Who passes next may be asked for much: with `gathers` it is decided a cycle before the pass, while the one before
    ends, and kept in registers; `start` is when it begins. `available` and `room` then may be a cycle late in knowing
    of it. A pass of one step takes a second cycle.

    Between the memories and the lanes are `wires` registers more, each a flip-flop a lane and a cycle: for long wires.

    Latency: `latency(shape, wires)` cycles from a row group's last word to its first beat, `drained(shape, wires)`
    from the sample's last word to its last beat. Throughput: `shape.samples` samples every `shape.forward_cycles`
    cycles.
    """

    def __init__(
        self,
        shape: LayerShape,
        *,
        wires: int = 0,
        planes: int = 1,
        gathers: bool = False,
        device: str | None = None,
    ) -> None:
        self._shape = shape
        self._wires = wires
        self._planes = planes
        self._gathers = gathers
        self._device = device
        super().__init__(
            {
                "available": In(shape.samples),
                "inputs": Out(ReaderSignature(shape.columns, shape.words)).array(shape.samples),
                "weights": Out(WeightsSignature(shape, planes)),
                "room": In(shape.samples),
                "start": Out(shape.samples),
                "group_read": Out(1),
                "sums": Out(sums_layout(shape)).array(shape.samples),
                "busy": Out(1),
            }
        )

    @staticmethod
    def latency(shape: LayerShape, wires: int = 0) -> int:
        """Cycles from the address of a row group's last word to its first beat: memory, registers, array, drain."""
        return 2 + wires + XnorPopcountArray.latency(shape) + 1

    @staticmethod
    def drained(shape: LayerShape, wires: int = 0) -> int:
        """Cycles from the address of a sample's last word to its last beat."""
        return ForwardUnit.latency(shape, wires) + shape.last_beats - 1

    def elaborate(self, platform):
        m = Module()
        cycles, wires = answer_cycles(self._device or family(platform)), self._wires
        m.submodules.walk = walk = self._walk(m)
        weights = delay(m, self.weights.data, wires, reset_less=True)
        for channel, inputs in enumerate(self.inputs):
            array, drain = XnorPopcountArray(self._shape, ahead=cycles == 1), Drain(self._shape)
            m.submodules[f"array_{channel}"] = array
            m.submodules[f"drain_{channel}"] = drain
            here = Signal(step_layout(), name=f"step_{channel}")
            m.d.comb += [
                inputs.index.eq(walk.word),
                inputs.read.eq(1),
                inputs.done.eq(walk.done[channel]),
                here.eq(walk.step),
                here.valid.eq(walk.step.valid & walk.passing[channel]),
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
        """Whose step it is, at which word of the weights."""
        walk = ForwardWalk(self._shape)
        step, address = walk.step, Signal.like(self.weights.address, reset_less=True)
        available, room = self._gather(m, walk) if self._gathers else (self.available, self.room)
        m.d.comb += [
            walk.available.eq(available),
            walk.room.eq(room),
            self.start.eq(walk.start),
            self.busy.eq(step.valid),
            self.group_read.eq(step.valid & step.last),
            self.weights.step.eq(step.valid),
            self.weights.final.eq(walk.ends),
            self.weights.address.eq(address),
        ]
        if self._planes == 1:
            count_up(m, address, step.valid, walk.ends)
        else:
            # Whether there is a step comes late in the cycle: too late for a carry chain.
            with m.If(step.valid | walk.restarts):
                m.d.sync += address.eq(Mux(walk.restarts, self.weights.base, address + 1))
        return walk

    def _gather(self, m, walk):
        """Who passes next, for whom there is room."""
        gathered, begins = Signal(self._shape.samples), walk.start.any()
        with m.If(~walk.step.valid | (walk.ends & ~begins)):
            m.d.sync += gathered.eq(Mux((self.available & ~self.room).any(), 0, self.available))
        with m.Elif(begins):
            m.d.sync += gathered.eq(0)
        return gathered, C(1).replicate(self._shape.samples)
