"""A recurrent cell with constant weights, folded, that works on several samples in turn, and on several at a time."""

from collections.abc import Sequence

import numpy as np
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.inference.cell_channel import CellChannel
from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.constant_memory import ConstantMemory
from bephw.rtl_gen.inference.folded_array import READ, FoldedArray
from bephw.rtl_gen.inference.streams import beat_layout, step_beat_layout
from bephw.rtl_gen.inference.weight_source import weight_words
from bephw.rtl_gen.parts.arithmetic import next_index, turns
from bephw.rtl_gen.samples.batch_front import next_channel
from bephw.rtl_gen.samples.gearbox import Gearbox, beat_width

__all__ = ["FoldedCell", "cell_weights"]

CLASSES = 2  # the gearbox carries labels; here nobody reads them, so synthesis drops them


def cell_weights(weights: NDArray, shape: CellShape) -> NDArray[np.uint8]:
    """Bits `weights` (K_out, K_in) with the state's columns moved to where a word begins; padding is 1, as in
    `weight_words`."""
    padded = np.ones((shape.padded.outputs, shape.padded.inputs), np.uint8)
    padded[:, : shape.inputs] = weights[:, : shape.inputs]
    state = shape.input_words * shape.layer.columns
    padded[:, state : state + shape.layer.outputs] = weights[:, shape.inputs :]
    return padded


class FoldedCell(wiring.Component):
    """For each sample of `inputs`, whose steps come in the beats `shape.divisions`, `outputs` has its last state, in
    the beats `shape.padded.all_beats()`. Output j of a step is 1 where at least `least[j]` of its inputs, those of the
    step and the state of the step before, agree with row j of `weights`; before the first step the state is all ones
    (numerics.md section 4).

    There are `shape.layer.samples` channels, which share the weights: sample number i passes through channel i % n, and
    leaves by `outputs[i % n]`. Each keeps the inputs of up to `slots` samples, and works on those in turn, the oldest
    first: while the state of one is on its way back, it takes a step of another. When a pass through the array is over
    the next one begins with a step of each channel that has one which can begin: its inputs are there, and the state of
    the one before. A last one begins (`start`, in the cycle before) only where there is `room`, and where those of all
    samples before have begun, or do so, too: samples end in their order, however many steps they have. `done` is the
    last cycle of a last step, after which the sample's slot is free.

    Who sends a sample has seen to it that it finds a slot, and that steps are `shape.beat_spacing` cycles apart.

    Latency: `shape.latency(steps)` cycles from the last beat of the first step to the last beat of the outputs, where
    no other sample is in the array. Throughput: a step of each channel every `shape.step_cycles` cycles as long as
    `shape.in_turn` samples are there in each.
    """

    def __init__(self, shape: CellShape, weights: NDArray, least: Sequence[int], slots: int) -> None:
        self._shape = shape
        self._weights = weights
        self._slots = slots
        self._least = least
        channels = shape.layer.samples
        super().__init__(
            {
                "inputs": In(step_beat_layout(beat_width(shape.divisions))),
                "room": In(channels),
                "start": Out(channels),
                "done": Out(channels),
                "outputs": Out(beat_layout(shape.padded.scan)).array(channels),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, padded = self._shape, self._shape.padded
        words = weight_words(cell_weights(self._weights, shape), padded)
        m.submodules.weights = weights = ConstantMemory(padded.rows * padded.columns, words, READ)
        m.submodules.array = array = FoldedArray(padded, self._least)
        channels = [CellChannel(shape, self._slots) for _ in range(padded.samples)]
        for index, channel in enumerate(channels):
            m.submodules[f"channel_{index}"] = channel
            m.d.comb += [
                array.activations[index].eq(channel.activations),
                channel.computed.eq(array.done[index]),
                channel.results.eq(array.results[index]),
                self.start[index].eq(channel.start),
                self.done[index].eq(channel.done),
                self.outputs[index].eq(channel.outputs),
            ]
        self._gather(m, channels)
        self._walk(m, channels, weights.address, array.step)
        self._end_in_order(m, channels)
        m.d.comb += array.weights.eq(weights.data)
        return m

    def _gather(self, m, channels):
        """Each channel takes the steps of one sample in turn, in words."""
        m.submodules.gearbox = gearbox = Gearbox(self._shape.divisions, self._shape.layer.columns, CLASSES)
        words, final = gearbox.words, gearbox.words.tag.learn
        turn = turns(m, len(channels), words.valid & words.last & final, "arriving")
        m.d.comb += [
            *(gearbox.beats[name].eq(self.inputs[name]) for name in ("valid", "data", "last")),
            gearbox.beats.tag.learn.eq(self.inputs.final),
        ]
        for index, channel in enumerate(channels):
            m.d.comb += [
                channel.words.valid.eq(words.valid & (turn == index)),
                channel.words.data.eq(words.data),
                channel.words.last.eq(words.last),
                channel.words.final.eq(final),
            ]

    def _walk(self, m, channels, address, step):
        """Row groups outside, words inside, those of the inputs first, a word a cycle."""
        shape = self._shape.padded
        word, group, almost, ends = Signal(range(shape.words)), Signal(range(shape.groups)), Signal(), Signal()
        passing, last_group = step.valid.any(), group == shape.groups - 1
        m.d.comb += [
            step.valid.eq(Cat(channel.valid for channel in channels)),
            step.group.eq(group),
            step.last.eq(word == shape.words - 1),
            ends.eq(passing & step.last & last_group),
            almost.eq(passing & (word == shape.words - 2) & last_group),
        ]
        for channel in channels:
            m.d.comb += [
                channel.word.eq(word),
                channel.almost.eq(almost),
                channel.ends.eq(ends),
                channel.free.eq(~passing | ends),
            ]
        with m.If(passing):
            m.d.sync += [word.eq(next_index(word, shape.words)), address.eq(Mux(ends, 0, address + 1))]
            with m.If(step.last):
                m.d.sync += group.eq(next_index(group, shape.groups))

    def _end_in_order(self, m, channels):
        """Room for a last step where those that come before it, from `head` on, begin as well."""
        count = len(channels)
        head, may = Signal(count, init=1), Cat(channel.waits for channel in channels) & self.room
        m.d.sync += head.eq(next_channel(head, self.start))
        for first in range(count):
            in_order = [(first + place) % count for place in range(count)]
            with m.If(head[first]):
                for place, index in enumerate(in_order):
                    before = Cat(may[earlier] for earlier in in_order[:place])
                    m.d.comb += channels[index].room.eq(self.room[index] & before.all())
