"""One layer, or the classifier's logits, with constant weights, folded."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.inference.beat_shifter import BeatShifter
from bephw.rtl_gen.inference.folded_array import READ, FoldedArray
from bephw.rtl_gen.inference.streams import beat_layout
from bephw.rtl_gen.inference.weight_source import Weights, weight_source
from bephw.rtl_gen.parts.arithmetic import delay, next_index
from bephw.rtl_gen.samples.gearbox import Gearbox, beat_width
from bephw.rtl_gen.samples.sample_memory import SampleMemory
from bephw.shape import LayerShape, ceil_div

__all__ = ["FoldedMatrix"]

CLASSES = 2  # the gearbox carries labels, of one bit at least; nobody reads them, so synthesis drops them


class FoldedMatrix(wiring.Component):
    """For each vector of `inputs`, which come in order and divided as `divisions` says (see `Gearbox`), `outputs` has
    the number of inputs that agree with each row of `weights`; or, if `least` is given, a bit for each row, whether
    these are at least `least[row]`. They come in the beats `shape.all_beats()`.

    Vectors are kept in a memory for `slots` of them. Nothing in here ever stops, and nothing is counted: who sends a
    vector has seen to it that it finds a slot, that it does not begin before the last but one has left the gearbox, and
    that the forward pass is free. That is so where vectors come from another matrix and are `interval` cycles apart,
    and no matrix takes longer than that for its forward pass; `slots` is then `slots_needed`. The first matrix may be
    told to wait: a forward pass starts (`start`) only where `room` is high; `done` is its last cycle, after which the
    slot is free.

    Latency: `latency` cycles from the last beat of a vector to the last beat of its outputs. Throughput: a vector every
    `shape.forward_cycles` cycles.
    """

    def __init__(
        self,
        shape: LayerShape,
        divisions: Sequence[range],
        weights: Weights,
        slots: int,
        least: Sequence[int] | None = None,
    ) -> None:
        self._shape = shape
        self._divisions = divisions
        self._weights = weights
        self._slots = slots
        self._least = least
        self._width = shape.z_bits if least is None else 1
        super().__init__(
            {
                "inputs": In(beat_layout(beat_width(divisions))),
                "room": In(1),
                "start": Out(1),
                "done": Out(1),
                "outputs": Out(beat_layout(shape.scan * self._width)),
            }
        )

    @staticmethod
    def gathering(shape: LayerShape, divisions: Sequence[range]) -> int:
        """Cycles from the last beat of a vector to its last word in the memory."""
        return Gearbox.latency(divisions, shape.columns)

    @classmethod
    def latency(cls, shape: LayerShape, divisions: Sequence[range]) -> int:
        """Cycles from the last beat of a vector to the last beat of its outputs where nothing is held up."""
        forward = shape.forward_cycles + FoldedArray.latency(shape) + shape.last_beats
        return cls.gathering(shape, divisions) + forward

    @classmethod
    def slots_needed(cls, shape: LayerShape, divisions: Sequence[range], span: int, interval: int) -> int:
        """Vectors between their first beat and their last read, and two cycles for that to be known, when a vector
        comes every `interval` cycles and its beats, from the first to the last, take `span`."""
        return ceil_div(span + cls.gathering(shape, divisions) + shape.forward_cycles + 2, interval)

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.vectors = vectors = SampleMemory(shape.columns, shape.words, self._slots, readers=1)
        m.submodules.weights = weights = weight_source(shape, self._weights, READ)
        m.submodules.array = array = FoldedArray(shape, self._least)
        m.submodules.shifter = shifter = BeatShifter(shape, self._width)
        self._gather(m, vectors)
        self._walk(m, self._waiting(m, vectors.written), vectors.reader_0, array.step)
        m.d.comb += [
            weights.step.eq(array.step.valid),
            weights.last.eq(array.step.last),
            weights.ends.eq(self.done),
            array.weights.eq(weights.data),
            array.activations[0].eq(delay(m, vectors.reader_0.data, READ - 1, reset_less=True)),
            shifter.load.eq(array.done),
            shifter.results.eq(array.results[0]),
            self.outputs.eq(shifter.beats),
        ]
        return m

    def _gather(self, m, vectors):
        """Words go to the memory one after another."""
        m.submodules.gearbox = gearbox = Gearbox(self._divisions, self._shape.columns, CLASSES)
        words, word = gearbox.words, Signal(range(self._shape.words))
        with m.If(words.valid):
            m.d.sync += word.eq(Mux(words.last, 0, word + 1))
        m.d.comb += [
            *(gearbox.beats[name].eq(self.inputs[name]) for name in ("valid", "data", "last")),
            vectors.write.eq(words.valid),
            vectors.index.eq(word),
            vectors.data.eq(words.data),
            vectors.written.eq(words.valid & words.last),
        ]

    def _waiting(self, m, written):
        """Whether a whole vector waits for the forward pass or is in it."""
        waiting = Signal(range(self._slots + 1))
        m.d.sync += waiting.eq(waiting + written - self.done)
        return waiting != 0

    def _walk(self, m, waiting, reader, step):
        """Row groups outside, column words inside, a step a cycle from `start` on."""
        shape = self._shape
        word, group, begun = Signal(range(shape.words)), Signal(range(shape.groups)), Signal()
        m.d.comb += [
            step.valid.eq(waiting & (begun | self.room)),
            step.group.eq(group),
            step.last.eq(word == shape.words - 1),
            self.start.eq(step.valid & ~begun),
            self.done.eq(step.valid & step.last & (group == shape.groups - 1)),
            reader.index.eq(word),
            reader.read.eq(1),
            reader.done.eq(self.done),
        ]
        with m.If(step.valid):
            m.d.sync += [
                begun.eq(~self.done),
                word.eq(next_index(word, shape.words)),
            ]
            with m.If(step.last):
                m.d.sync += group.eq(next_index(group, shape.groups))
