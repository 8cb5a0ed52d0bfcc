"""The inputs of a cell, of every step of every sample in flight: what came in, and the states."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.rtl_gen.parts.layouts import record_words, step_layout
from bephw.rtl_gen.samples.reader import ReaderSignature
from bephw.rtl_gen.samples.record_memory import RecordMemory
from bephw.shape import LayerShape, ceil_div

__all__ = ["SeriesMemory", "input_words"]


def input_words(shape: LayerShape) -> int:
    """Column words that hold inputs of a step from outside."""
    return ceil_div(shape.passed_on.start, shape.columns)


class SeriesMemory(wiring.Component):
    """The words of the vectors [x_t, s_(t-1)], as a layer of `shape` reads them (numerics.md section 4, BEP-TT).

    What comes in and the states lie in a memory each, for they come at times of their own: `x_*` writes word `x_word`
    of what the step `x_at` reads, `state_*` word `state_word`, counted from `shape.passed_on_words.start`, of the
    state that the step `state_at` reads. In the word in which one ends and the other begins each has zeros where the
    other is. The first step reads ones for its state: nothing is stored there.

    A reader's index is one that `record_index` makes; data follow by a cycle. The last reader is told nothing of x, and
    reads zeros there.
    """

    def __init__(self, shape: LayerShape, readers: int, *, block: bool = True) -> None:
        self._shape = shape
        self._readers = readers
        self._block = block
        at, state_words = step_layout(shape), len(shape.passed_on_words)
        super().__init__(
            {
                "x_write": In(1),
                "x_at": In(at),
                "x_word": In(range(input_words(shape))),
                "x_data": In(shape.columns),
                "state_write": In(1),
                "state_at": In(at),
                "state_word": In(range(state_words)),
                "state_data": In(shape.columns),
                **{
                    f"reader_{number}": In(ReaderSignature(shape.columns, record_words(shape, shape.words)))
                    for number in range(readers)
                },
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        for name, words, readers in (
            ("x", input_words(shape), self._readers - 1),
            ("state", len(shape.passed_on_words), self._readers),
        ):
            m.submodules[name] = memory = RecordMemory(
                shape.columns, record_words(shape, words), readers, block=self._block
            )
            m.d.comb += [
                memory.write.eq(getattr(self, f"{name}_write")),
                memory.index.eq(Cat(getattr(self, f"{name}_word"), getattr(self, f"{name}_at"))),
                memory.data.eq(getattr(self, f"{name}_data")),
            ]
        for number in range(self._readers):
            whole = number < self._readers - 1
            x = self._read_x(m, number) if whole else C(0)
            m.d.comb += getattr(self, f"reader_{number}").data.eq(x | self._read_state(m, number))
        return m

    def _index(self, number):
        """The word and the step that a reader asks for."""
        index, bits = getattr(self, f"reader_{number}").index, (self._shape.words - 1).bit_length()
        return index[:bits], index[bits:]

    def _ask(self, m, number, memory, word, at):
        inner, reader = getattr(memory, f"reader_{number}"), getattr(self, f"reader_{number}")
        m.d.comb += [inner.read.eq(reader.read), inner.index.eq(Cat(word, at))]
        return inner.data

    def _read_x(self, m, number):
        """Zeros in words that have none of x."""
        (word, at), words = self._index(number), input_words(self._shape)
        here = Signal(name=f"has_x_{number}")
        with m.If(getattr(self, f"reader_{number}").read):
            m.d.sync += here.eq(word < words)
        return Mux(here, self._ask(m, number, m.submodules.x, word[: (words - 1).bit_length()], at), 0)

    def _read_state(self, m, number):
        """Ones for the first step; zeros in words that have none of the state."""
        shape, (word, at) = self._shape, self._index(number)
        first, count = shape.passed_on_words.start, len(shape.passed_on_words)
        state_word, begins = Signal(range(count + 1), name=f"state_word_{number}"), Signal(name=f"begins_{number}")
        with m.If(getattr(self, f"reader_{number}").read):
            m.d.sync += [
                state_word.eq(Mux(word >= first, word - first, count)),  # beyond it: none of its words
                begins.eq(at[: (shape.steps - 1).bit_length()] == 0),
            ]
        ones = Array([*(C(self._lanes(index), shape.columns) for index in range(count)), C(0, shape.columns)])
        data = self._ask(m, number, m.submodules.state, (word - first)[: (count - 1).bit_length()], at)
        return Mux(begins, ones[state_word], Mux(state_word != count, data, 0))

    def _lanes(self, index):
        """Which lanes of the state's word `index` hold it."""
        shape = self._shape
        start = shape.passed_on_words[index] * shape.columns
        held = range(max(shape.passed_on.start, start), min(shape.passed_on.stop, start + shape.columns))
        return sum(1 << (bit - start) for bit in held)
