"""The inputs of a cell, of every step of every sample in flight: what came in, and the states."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.parts.layouts import record_words
from bephw.rtl_gen.recurrent.slot_memory import SlotMemory
from bephw.rtl_gen.samples.sample_memory import ReaderSignature
from bephw.shape import LayerShape, ceil_div

__all__ = ["SeriesMemory", "input_words"]


def input_words(shape: LayerShape) -> int:
    """Column words that hold inputs of a step from outside."""
    return ceil_div(shape.passed_on.start, shape.columns)


class SeriesMemory(wiring.Component):
    """The words of the vectors [x_t, s_(t-1)], as a layer of `shape` reads them (numerics.md section 4, BEP-TT).

    What comes in and the states lie in a memory each, for they come at times of their own: `x_*` writes word `x_word`
    of what step `x_step` reads, `state_*` word `state_word`, counted from `shape.passed_on_words.start`, of the
    state that step `state_step` reads. In the word in which one ends and the other begins each has zeros where the
    other is. The first step reads ones for its state: nothing is stored there.

    Reader n names the record by `slot_n`, and by an index as `record_index` makes it; data follow by a cycle.
    """

    def __init__(self, shape: LayerShape, slots: int, readers: int, *, block: bool = True) -> None:
        self._shape = shape
        self._slots = slots
        self._readers = readers
        self._block = block
        step, slot, state_words = range(shape.steps), range(slots), len(shape.passed_on_words)
        super().__init__(
            {
                "x_write": In(1),
                "x_slot": In(slot),
                "x_step": In(step),
                "x_word": In(range(input_words(shape))),
                "x_data": In(shape.columns),
                "state_write": In(1),
                "state_slot": In(slot),
                "state_step": In(step),
                "state_word": In(range(state_words)),
                "state_data": In(shape.columns),
                **{
                    f"reader_{number}": In(ReaderSignature(shape.columns, record_words(shape, shape.words)))
                    for number in range(readers)
                },
                **{f"slot_{number}": In(slot) for number in range(readers)},
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        for name, words in (("x", input_words(shape)), ("state", len(shape.passed_on_words))):
            m.submodules[name] = memory = SlotMemory(
                shape.columns, record_words(shape, words), self._slots, self._readers, block=self._block
            )
            word, step = getattr(self, f"{name}_word"), getattr(self, f"{name}_step")
            m.d.comb += [
                memory.write.eq(getattr(self, f"{name}_write")),
                memory.slot.eq(getattr(self, f"{name}_slot")),
                memory.index.eq(Cat(word, step)),
                memory.data.eq(getattr(self, f"{name}_data")),
            ]
        for number in range(self._readers):
            self._join(m, number, m.submodules.x, m.submodules.state)
        return m

    def _join(self, m, number, x, state):
        """A word of either, or of both; ones for the state of the first step."""
        shape, reader = self._shape, getattr(self, f"reader_{number}")
        word_bits = (shape.words - 1).bit_length()
        word, step = reader.index[:word_bits], reader.index[word_bits:]
        first, count = shape.passed_on_words.start, len(shape.passed_on_words)
        has_x, state_word, begins = (
            Signal(name=f"has_x_{number}"),
            Signal(range(count + 1), name=f"state_word_{number}"),
            Signal(name=f"begins_{number}"),
        )
        here = (word - first)[: (count - 1).bit_length()]
        with m.If(reader.read):
            m.d.sync += [
                has_x.eq(word < input_words(shape)),
                state_word.eq(Mux(word >= first, word - first, count)),  # beyond it: none of its words
                begins.eq(step == 0),
            ]
        for memory, index in (
            (x, Cat(word[: (input_words(shape) - 1).bit_length()], step)),
            (state, Cat(here, step)),
        ):
            inner = getattr(memory, f"reader_{number}")
            m.d.comb += [
                inner.read.eq(reader.read),
                inner.index.eq(index),
                getattr(memory, f"slot_{number}").eq(getattr(self, f"slot_{number}")),
            ]
        ones = Array([*(C(self._lanes(index), shape.columns) for index in range(count)), C(0, shape.columns)])
        x_data, state_data = (getattr(memory, f"reader_{number}").data for memory in (x, state))
        m.d.comb += reader.data.eq(
            Mux(has_x, x_data, 0) | Mux(begins, ones[state_word], Mux(state_word != count, state_data, 0))
        )

    def _lanes(self, index):
        """Which lanes of the state's word `index` hold it."""
        shape = self._shape
        start = shape.passed_on_words[index] * shape.columns
        held = range(max(shape.passed_on.start, start), min(shape.passed_on.stop, start + shape.columns))
        return sum(1 << (bit - start) for bit in held)
