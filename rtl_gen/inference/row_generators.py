"""Pseudo-random weights of a folded matrix, made when they are needed: a generator for each bank of rows."""

import numpy as np
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.errors import check
from bephw.generated import ROW_STEP, WORD_BITS, columns_fit, following, row_start
from bephw.rtl_gen.parts.arithmetic import delay, next_index, xorshift32
from bephw.shape import LayerShape, ceil_div

__all__ = ["RowGenerators"]

FEW_STEPS = 2  # of xorshift32, that are quick enough one after another


class RowGenerators(wiring.Component):
    """The matrix `generated_weights(seed, shape.outputs, shape.inputs)` without a memory; see `weight_source`, whose
    ports these are (`ends` is not needed: row groups are counted here).

    Bank r has the rows r, r + rows, .. one after another. Its generator is a register of 32 bits, behind which are as
    many steps of xorshift32 as there are words in `columns`, or one where a word has several times `columns`. After a
    row's last word it starts with the next row of the bank, from a sum that was made in the meantime.

    Latency: `latency` cycles, 1 at least, from `step` to `data`. Throughput: a step a cycle.
    """

    def __init__(self, shape: LayerShape, seed: int, latency: int) -> None:
        check(0 < seed < 2**WORD_BITS, f"seed: must be a nonzero {WORD_BITS}-bit word, not {seed}")
        check(
            columns_fit(shape.columns, shape.inputs),
            f"columns: must divide {WORD_BITS}, be a multiple of it, or be as many as the inputs, {shape.inputs}, not "
            f"{shape.columns}",
        )
        self._shape = shape
        self._seed = seed
        self._latency = latency
        super().__init__({"step": In(1), "last": In(1), "ends": In(1), "data": Out(shape.rows * shape.columns)})

    def elaborate(self, platform):
        m = Module()
        waits = self._latency - 1  # and one for the register of the data
        step, ends_row = (delay(m, event, waits) for event in (self.step, self.step & self.last))
        position = self._count_groups(m, ends_row)
        part = self._count_parts(m, step, ends_row)
        for row in range(self._shape.rows):
            start = self._next_start(m, row, position, ends_row)
            words = self._generate(m, row, start, step & self._used_up(part), ends_row)
            weights = self._weights(words, part, ends_row)
            m.d.sync += self.data.word_select(row, self._shape.columns).eq(weights)
        return m

    def _count_groups(self, m: Module, ends_row: Value) -> Value:
        """The row group that comes next."""
        groups = self._shape.groups
        position = Signal(range(groups), init=1 % groups)
        with m.If(ends_row):
            m.d.sync += position.eq(next_index(position, groups))
        return position

    def _count_parts(self, m: Module, step: Value, ends_row: Value) -> Value:
        """Which part of its word comes, where a word has several."""
        parts = self._parts
        if parts == 1:
            return C(0)
        part = Signal(range(parts))  # a power of two: after the last comes the first
        with m.If(step):
            m.d.sync += part.eq(Mux(ends_row, 0, part + 1))
        return part

    @property
    def _parts(self) -> int:
        """Parts of a word that come one after another."""
        return max(WORD_BITS // self._shape.columns, 1) if self._shape.words > 1 else 1

    def _used_up(self, part: Value) -> Value:
        return part == self._parts - 1

    def _next_start(self, m: Module, row: int, position: Value, ends_row: Value) -> Value:
        """Where the bank's generator starts for the row of group `position`."""
        shape = self._shape
        first = row_start(self._seed, row)
        if shape.groups == 1:
            return C(first, WORD_BITS)
        sum_init = (self._seed + (row + shape.rows) * ROW_STEP) % 2**WORD_BITS
        total = Signal(WORD_BITS, init=sum_init, name=f"start_{row}")
        with m.If(ends_row):
            m.d.sync += total.eq(total + shape.rows * ROW_STEP % 2**WORD_BITS)
            with m.If(position == shape.groups - 1):
                m.d.sync += total.eq((self._seed + row * ROW_STEP) % 2**WORD_BITS)
        return Cat(C(1, 1), total[1:])

    def _generate(self, m: Module, row: int, start: Value, used_up: Value, ends_row: Value) -> list[Value]:
        """The bank's generator: the words that follow its state, as many as are needed at once.

        The last of them is also the next state, so that words and next state are the same gates.
        """
        state = Signal(WORD_BITS, init=row_start(self._seed, row), name=f"state_{row}")
        words = [_steps_on(state, steps) for steps in range(1, ceil_div(self._shape.columns, WORD_BITS) + 1)]
        with m.If(ends_row):
            m.d.sync += state.eq(start)
        with m.Elif(used_up):
            m.d.sync += state.eq(words[-1])
        return words

    def _weights(self, words: list[Value], part: Value, ends_row: Value) -> Value:
        """`columns` weights, and in a row's last word ones beyond the inputs."""
        shape, columns = self._shape, self._shape.columns
        weights = words[0].word_select(part, columns) if self._parts > 1 else Cat(words)[:columns]
        unused = shape.words * columns - shape.inputs
        ones = Cat(C(0, columns - unused), ends_row.replicate(unused))
        return weights | ones if unused else weights


def _steps_on(state: Value, steps: int) -> Value:
    """The state of xorshift32 so many steps after `state`, 1 or more.

    Each bit is the parity of some bits of `state`, some 16 of them after several steps, however many: from the third
    on that is written down, rather than step after step.
    """
    if steps <= FEW_STEPS:
        return xorshift32(state if steps == 1 else _steps_on(state, steps - 1))
    single = np.uint32(1) << np.arange(WORD_BITS, dtype=np.uint32)
    reached = following(single, steps)
    return Cat(_parity(state, reached >> np.uint32(place) & 1) for place in range(WORD_BITS))


def _parity(state: Value, chosen: NDArray) -> Value:
    return Cat(state[bit] for bit in np.flatnonzero(chosen).tolist()).xor()
