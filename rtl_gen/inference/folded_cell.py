"""A recurrent cell with constant weights, folded, that works on several samples in turn."""

from collections.abc import Sequence

import numpy as np
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.inference.beat_shifter import BeatShifter
from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.cell_turns import CellTurns
from bephw.rtl_gen.inference.constant_memory import ConstantMemory
from bephw.rtl_gen.inference.folded_array import READ, FoldedArray
from bephw.rtl_gen.inference.folded_matrix import weight_words
from bephw.rtl_gen.inference.series_inputs import SeriesInputs
from bephw.rtl_gen.inference.streams import beat_layout, step_beat_layout
from bephw.rtl_gen.parts.arithmetic import delay, next_index
from bephw.rtl_gen.parts.storage import block_memory
from bephw.rtl_gen.samples.gearbox import Gearbox, beat_width
from bephw.shape import ceil_div

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

    The inputs of up to `slots` samples are kept, and the array works on those in turn, the oldest first: while the
    state of one is on its way back, it takes a step of another. A step begins when its inputs are there; a last one
    (`start`, in the cycle before) only where there is `room`. `done` is the last cycle of a last step, after which the
    sample's slot is free. Samples end in their order, however many steps they have.

    Who sends a sample has seen to it that it finds a slot, and that steps are `shape.beat_spacing` cycles apart.

    Latency: `shape.latency(steps)` cycles from the last beat of the first step to the last beat of the outputs, where
    no other sample is in the array. Throughput: a step every `shape.step_cycles` cycles as long as `shape.in_turn`
    samples are there.
    """

    def __init__(self, shape: CellShape, weights: NDArray, least: Sequence[int], slots: int) -> None:
        self._shape = shape
        self._weights = weights
        self._slots = slots
        self._least = least
        super().__init__(
            {
                "inputs": In(step_beat_layout(beat_width(shape.divisions))),
                "room": In(1),
                "start": Out(1),
                "done": Out(1),
                "outputs": Out(beat_layout(shape.padded.scan)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, padded = self._shape, self._shape.padded
        words = weight_words(cell_weights(self._weights, shape), padded)
        m.submodules.turns = turns = CellTurns(self._slots, shape.steps)
        m.submodules.series = series = SeriesInputs(padded.columns, shape.input_words, shape.steps, self._slots)
        m.submodules.weights = weights = ConstantMemory(padded.rows * padded.columns, words, READ)
        m.submodules.array = array = FoldedArray(padded, self._least)
        m.submodules.shifter = shifter = BeatShifter(padded, 1)
        self._gather(m, series, turns)
        word = self._walk(m, turns, series, weights.address, array.step)
        state = self._states(m, turns, word, shifter.beats)
        m.d.comb += [
            turns.room.eq(self.room),
            self.start.eq(turns.begins_last),
            array.weights.eq(weights.data),
            array.activations[0].eq(self._activations(m, turns.fresh, word, series.data, state)),
            shifter.load.eq(array.done),
            shifter.results.eq(array.results[0]),
        ]
        return m

    def _gather(self, m, series, turns):
        """Inputs of steps go to the memory as words."""
        m.submodules.gearbox = gearbox = Gearbox(self._shape.divisions, self._shape.layer.columns, CLASSES)
        words = gearbox.words
        m.d.comb += [
            *(gearbox.beats[name].eq(self.inputs[name]) for name in ("valid", "data", "last")),
            gearbox.beats.tag.learn.eq(self.inputs.final),
            series.write.eq(words.valid),
            series.written.eq(words.data),
            series.whole.eq(turns.arrived & turns.final),
            turns.arrived.eq(words.valid & words.last),
            turns.final.eq(words.tag.learn),
        ]

    def _walk(self, m, turns, series, address, step):
        """Row groups outside, words inside, those of the inputs first, a word a cycle. Returns which word it is."""
        shape = self._shape.padded
        word, group, almost = Signal(range(shape.words)), Signal(range(shape.groups)), Signal()
        last_group = group == shape.groups - 1
        ends = Signal()
        m.d.comb += [
            step.valid.eq(turns.valid),
            step.group.eq(group),
            step.last.eq(word == shape.words - 1),
            ends.eq(step.valid & step.last & last_group),
            almost.eq(step.valid & (word == shape.words - 2) & last_group),
            turns.free.eq(~turns.valid | ends),
            series.slot.eq(turns.slot),
            series.index.eq(word),
            series.next_step.eq(ends),
            series.done.eq(turns.last),
            self.done.eq(ends & turns.last),
        ]
        with m.If(step.valid):
            m.d.sync += [word.eq(next_index(word, shape.words)), address.eq(Mux(ends, 0, address + 1))]
            with m.If(step.last):
                m.d.sync += group.eq(next_index(group, shape.groups))
        # Known so long before the state is there that the next step's first words meet the state's.
        waits = self._shape.return_cycles - self._shape.step_cycles
        m.d.comb += [
            turns.returned.eq(delay(m, almost & ~turns.last, waits)),
            turns.returned_slot.eq(delay(m, turns.slot, waits, reset_less=True)),
        ]
        return word

    def _states(self, m, turns, word, beats):
        """New states, as they leave the array: the last one of a sample goes on, the others come back. Returns a word
        of the state before the step in the array, a cycle after `word`."""
        shape, padded = self._shape, self._shape.padded
        # Two places a sample, as the words of a new state may come while the one before it is still read.
        places = 2 * self._slots
        m.submodules.walks = walks = SyncFIFO(width=1 + (places - 1).bit_length(), depth=self._under_way())
        begins = Signal(init=1)
        m.d.sync += begins.eq(turns.free)
        m.d.comb += [
            walks.w_en.eq(turns.valid & begins),
            walks.w_data.eq(Cat(turns.last, ~turns.odd, turns.slot)),
            walks.r_en.eq(beats.valid & beats.last),
        ]
        last, place = walks.r_data[0], walks.r_data[1:]
        m.submodules.returning = gearbox = Gearbox(padded.all_beats(), padded.columns, places)
        m.d.comb += [
            self.outputs.valid.eq(beats.valid & last),
            self.outputs.data.eq(beats.data),
            self.outputs.last.eq(beats.last),
            gearbox.beats.valid.eq(beats.valid & ~last),
            gearbox.beats.data.eq(beats.data),
            gearbox.beats.last.eq(beats.last),
            gearbox.beats.tag.label.eq(place),
        ]
        words, written = gearbox.words, Signal(range(shape.state_words))
        with m.If(words.valid):
            m.d.sync += written.eq(Mux(words.last, 0, written + 1))
        depth = places << len(written)
        m.submodules.states = memory = block_memory(padded.columns, depth)
        write, read, index = memory.write_port(), memory.read_port(), Signal.like(written)
        m.d.comb += [
            write.en.eq(words.valid),
            write.addr.eq(Cat(written, words.tag.label)),
            write.data.eq(words.data),
            index.eq(word - shape.input_words),
            read.en.eq(1),
            read.addr.eq(Cat(index, turns.odd, turns.slot)),
        ]
        return read.data

    def _under_way(self) -> int:
        """Steps between their start and the last beat of their state."""
        return ceil_div(self._shape.forward_latency, self._shape.step_cycles) + 1

    def _activations(self, m, fresh, word, inputs, state):
        """What a step sees, `READ` cycles after its `word`; memories have answered after one."""
        shape, columns = self._shape, self._shape.layer.columns
        waits = READ - 1
        of_state = delay(m, word >= shape.input_words, waits, reset_less=True)
        fresh = delay(m, fresh, waits, reset_less=True)
        last = delay(m, word == shape.padded.words - 1, waits, reset_less=True)
        inputs, state = (delay(m, data, waits - 1, reset_less=True) for data in (inputs, state))
        used = shape.layer.outputs - (shape.state_words - 1) * columns
        ones = Cat(C(-1, used), (~last).replicate(columns - used))
        return delay(m, Mux(of_state, Mux(fresh, ones, state), inputs), 1, reset_less=True)
