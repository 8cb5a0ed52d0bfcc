"""What a folded recurrent cell has for every channel: inputs, states and turns of the samples that pass through it."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.beat_shifter import BeatShifter
from bephw.rtl_gen.inference.cell_shape import CellShape
from bephw.rtl_gen.inference.cell_turns import CellTurns
from bephw.rtl_gen.inference.folded_array import READ
from bephw.rtl_gen.inference.series_inputs import SeriesInputs
from bephw.rtl_gen.inference.streams import beat_layout, step_beat_layout
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.storage import block_memory
from bephw.rtl_gen.samples.gearbox import Gearbox
from bephw.shape import ceil_div

__all__ = ["CellChannel"]


class CellChannel(wiring.Component):
    """Samples in `slots` slots, whose steps take turns (`CellTurns`) in one channel of the array.

    `words` are those of the steps' inputs, as they come; the `last` one of a step is `final` if the sample ends with
    that. Where the array is `free` a step is chosen, if one can begin: from then on, until it is free again, `valid` is
    high, and what the step sees follows `word` by `READ` cycles as `activations`. `almost` and `ends` are the last but
    one and the last cycle of a pass through the array.

    While `waits` the oldest sample's last step can begin, and does so (`start`) where the array is free and there is
    `room`. With the last cycle of that the sample is `done`, and its slot free.

    `computed`: the array has the `results` of a row group. The last state of a sample goes on as `outputs`, others are
    kept for the next step.
    """

    def __init__(self, shape: CellShape, slots: int) -> None:
        self._shape = shape
        self._slots = slots
        padded = shape.padded
        super().__init__(
            {
                "words": In(step_beat_layout(padded.columns)),
                "room": In(1),
                "waits": Out(1),
                "start": Out(1),
                "free": In(1),
                "valid": Out(1),
                "word": In(range(padded.words)),
                "almost": In(1),
                "ends": In(1),
                "activations": Out(padded.columns),
                "computed": In(1),
                "results": In(padded.rows),
                "done": Out(1),
                "outputs": Out(beat_layout(padded.scan)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, padded = self._shape, self._shape.padded
        m.submodules.turns = turns = CellTurns(self._slots, shape.steps)
        m.submodules.series = series = SeriesInputs(padded.columns, shape.input_words, shape.steps, self._slots)
        m.submodules.shifter = shifter = BeatShifter(padded, 1)
        self._gather(m, series, turns)
        self._pass_through(m, series, turns)
        state = self._states(m, turns, shifter.beats)
        m.d.comb += [
            self.activations.eq(self._activations(m, turns.fresh, series.data, state)),
            shifter.load.eq(self.computed),
            shifter.results.eq(self.results),
        ]
        return m

    def _gather(self, m, series, turns):
        """Inputs of steps go to the memory."""
        words = self.words
        m.d.comb += [
            series.write.eq(words.valid),
            series.written.eq(words.data),
            series.whole.eq(turns.arrived & turns.final),
            turns.arrived.eq(words.valid & words.last),
            turns.final.eq(words.final),
        ]

    def _pass_through(self, m, series, turns):
        ends = self.ends & turns.valid
        m.d.comb += [
            turns.room.eq(self.room),
            turns.free.eq(self.free),
            self.waits.eq(turns.waits),
            self.start.eq(turns.begins_last),
            self.valid.eq(turns.valid),
            series.slot.eq(turns.slot),
            series.index.eq(self.word),
            series.next_step.eq(ends),
            series.done.eq(turns.last),
            self.done.eq(ends & turns.last),
        ]
        # Known so long before the state is there that the next step's first words meet the state's.
        waits = self._shape.return_cycles - self._shape.step_cycles
        m.d.comb += [
            turns.returned.eq(delay(m, self.almost & turns.valid & ~turns.last, waits)),
            turns.returned_slot.eq(delay(m, turns.slot, waits, reset_less=True)),
        ]

    def _states(self, m, turns, beats):
        """New states, as they leave the array: the last one of a sample goes on, the others come back. Returns a word
        of the state before the step in the array, a cycle after `word`."""
        shape, padded = self._shape, self._shape.padded
        # Two places a sample, as the words of a new state may come while the one before it is still read.
        places = 2 * self._slots
        m.submodules.walks = walks = SyncFIFO(width=1 + (places - 1).bit_length(), depth=self._under_way())
        begins = Signal(init=1)
        m.d.sync += begins.eq(self.free)
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
            index.eq(self.word - shape.input_words),
            read.en.eq(1),
            read.addr.eq(Cat(index, turns.odd, turns.slot)),
        ]
        return read.data

    def _under_way(self) -> int:
        """Steps between their start and the last beat of their state."""
        return ceil_div(self._shape.forward_latency, self._shape.step_cycles) + 1

    def _activations(self, m, fresh, inputs, state):
        """What a step sees, `READ` cycles after its `word`; memories have answered after one."""
        shape, columns = self._shape, self._shape.layer.columns
        waits = READ - 1
        of_state = delay(m, self.word >= shape.input_words, waits, reset_less=True)
        fresh = delay(m, fresh, waits, reset_less=True)
        last = delay(m, self.word == shape.padded.words - 1, waits, reset_less=True)
        inputs, state = (delay(m, data, waits - 1, reset_less=True) for data in (inputs, state))
        used = shape.layer.outputs - (shape.state_words - 1) * columns
        ones = Cat(C(-1, used), (~last).replicate(columns - used))
        return delay(m, Mux(of_state, Mux(fresh, ones, state), inputs), 1, reset_less=True)
