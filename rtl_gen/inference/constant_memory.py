"""Constants in read-only memory."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.storage import piece_widths

__all__ = ["ConstantMemory"]

TABLE_WORDS = 32  # up to so many words, or bits in all, synthesis may take logic where it finds that cheaper
TABLE_BITS = 1024
PORT_BITS = 18  # of either port of ECP5's block RAM


class ConstantMemory(wiring.Component):
    """`data` is `words[address]`, of `width` bits, for the `address` of `latency` cycles ago, 2 at least; a single word
    is there always.

    There is no write port. Few words become logic, and the address waits; many are in block RAM, and the data wait, the
    first time in the RAM's own register. On an ECP5 platform, or with `family="ecp5"`, the memory is cut by width so
    that a block RAM holds all words of its piece: of a memory cut in depth, multiplexers would stand before the
    register. Both of a block RAM's ports are read where a piece is wider than one.
    """

    def __init__(self, width: int, words: Sequence[int], latency: int = 2, family: str | None = None) -> None:
        self._width = width
        self._words = words
        self._latency = latency
        self._family = family
        self._large = len(words) > TABLE_WORDS and width * len(words) > TABLE_BITS
        self._attributes = {"rom_style": "block"} if self._large else {}
        super().__init__({"address": In(range(len(words))), "data": Out(width)})

    def elaborate(self, platform):
        m = Module()
        if len(self._words) == 1:
            m.d.comb += self.data.eq(C(self._words[0], self._width))
            return m
        family = self._family or getattr(platform, "family", None)
        start = 0
        for index, width in enumerate(piece_widths(self._width, len(self._words), family)):
            words = [(word >> start) & ((1 << width) - 1) for word in self._words]
            read = self._read_halves if self._large and family == "ecp5" and width > PORT_BITS else self._read
            m.d.comb += self.data[start : start + width].eq(read(m, f"piece_{index}", width, words))
            start += width
        return m

    def _read(self, m: Module, name: str, width: int, words: list[int]) -> Value:
        memory = Memory(shape=width, depth=len(words), init=words, attrs=self._attributes)
        m.submodules[name] = memory
        return self._port(m, memory, self.address)

    def _read_halves(self, m: Module, name: str, width: int, words: list[int]) -> Value:
        """The upper halves of the words are stored behind the lower ones."""
        half, depth = (width + 1) // 2, 1 << len(self.address)
        lower = [word & ((1 << half) - 1) for word in words] + [0] * (depth - len(words))
        memory = Memory(
            shape=half, depth=2 * depth, init=[*lower, *(word >> half for word in words)], attrs=self._attributes
        )
        m.submodules[name] = memory
        parts = [self._port(m, memory, Cat(self.address, C(upper, 1))) for upper in range(2)]
        return Cat(parts)[:width]

    def _port(self, m: Module, memory: Memory, address: Value) -> Value:
        read, waits = memory.read_port(), self._latency - 1
        m.d.comb += read.en.eq(1)
        if self._large:
            m.d.comb += read.addr.eq(address)
            return delay(m, read.data, waits, reset_less=True)
        m.d.comb += read.addr.eq(delay(m, address, waits, reset_less=True))
        return read.data
