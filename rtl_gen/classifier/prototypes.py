"""The classifier's fixed rows, in the two shapes in which they are read."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.forward.unit import WeightsSignature, answer_cycles
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.storage import block_memory, family
from bephw.rtl_gen.weights.transfer import TransferSignature
from bephw.shape import LayerShape

__all__ = ["PrototypeMemory"]


class PrototypeMemory(wiring.Component):
    """`classes` rows of K_L bits.

    `forward` reads `rows` classes at once, as a layer's plane; `row_*` reads one word of one class, two cycles after
    `row_class` and `row_word`. Padding reads as ones. A transfer moves the bits one by one, row by row, one in 5 cycles
    where nobody waits, and must not meet a reader.
    """

    def __init__(self, shape: LayerShape, prototypes: NDArray | None = None) -> None:
        self._shape = shape
        self._prototypes = prototypes
        super().__init__(
            {
                "forward": In(WeightsSignature(shape)),
                "row_class": In(range(shape.outputs)),
                "row_word": In(range(shape.words)),
                "row_data": Out(shape.columns),
                "transfer": In(TransferSignature(1)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        word_bits = (shape.words - 1).bit_length()
        cycles = answer_cycles(family(platform))
        writing, data = Signal(), Signal(shape.columns, init=-1)
        klass, word = Signal(range(shape.outputs)), Signal(range(shape.words))
        bank, address = Signal(range(shape.rows)), Signal(range(shape.groups * shape.words))

        for index in range(shape.rows):
            m.submodules[f"bank_{index}"] = memory = block_memory(
                shape.columns, shape.groups * shape.words, self._bank_words(index)
            )
            write, read = memory.write_port(), memory.read_port()
            m.d.comb += [
                write.en.eq(writing & (bank == index)),
                write.addr.eq(address),
                write.data.eq(data),
                read.en.eq(1),
                read.addr.eq(self.forward.address),
            ]
            m.d.comb += self.forward.data[index].eq(delay(m, read.data, cycles - 1, reset_less=True))
        m.submodules.by_class = by_class = block_memory(
            shape.columns, shape.outputs << word_bits, self._class_words(word_bits)
        )
        write, read = by_class.write_port(), by_class.read_port()
        m.d.comb += [
            write.en.eq(writing),
            write.addr.eq(Cat(word, klass)),
            write.data.eq(data),
            read.en.eq(1),
            read.addr.eq(Mux(self.transfer.busy, Cat(word, klass), Cat(self.row_word, self.row_class))),
        ]
        m.d.comb += self.row_data.eq(delay(m, read.data, 1, reset_less=True))
        self._transfer(m, klass, word, bank, address, writing, data)
        return m

    def _transfer(self, m, klass, word, bank, address, writing, collected):
        """Bit by bit: collect a word and write it, or read a word and show the bit in question."""
        transfer, lane = self.transfer, Signal(range(self._shape.columns))
        loading, bit = Signal(), Signal()
        advance, word_ends, last = self._walk(m, klass, word, bank, address, lane)
        m.d.comb += transfer.dumps.payload.eq(bit)
        with m.FSM():
            with m.State("IDLE"):
                m.d.sync += [loading.eq(transfer.load), transfer.busy.eq(transfer.load | transfer.dump)]
                with m.If(transfer.load | transfer.dump):
                    m.next = "READ"
            with m.State("READ"):
                m.next = "REGISTER"
            with m.State("REGISTER"):
                m.next = "SHOW"
                with m.If(loading):
                    m.next = "TAKE"
            with m.State("TAKE"):
                m.d.comb += transfer.loads.ready.eq(1)
                m.d.sync += bit.eq(transfer.loads.payload)
                with m.If(transfer.loads.valid):
                    m.next = "COLLECT"
            with m.State("COLLECT"):
                m.d.sync += [collected.bit_select(lane, 1).eq(bit), writing.eq(word_ends)]
                m.next = "ADVANCE"
            with m.State("SHOW"):
                m.d.sync += [bit.eq(self.row_data.bit_select(lane, 1)), transfer.dumps.valid.eq(1)]
                m.next = "SEND"
            with m.State("SEND"), m.If(transfer.dumps.ready):
                m.d.sync += transfer.dumps.valid.eq(0)
                m.next = "ADVANCE"
            with m.State("ADVANCE"):
                m.d.comb += advance.eq(1)
                m.d.sync += writing.eq(0)
                with m.If(word_ends):
                    m.d.sync += collected.eq(-1)  # padding stays 1
                m.next = "READ"
                with m.If(last):
                    m.d.sync += transfer.busy.eq(0)
                    m.next = "IDLE"

    def _walk(self, m, klass, word, bank, address, lane):
        """The bits in the order of a transfer; the comparisons are right a cycle after `advance`."""
        shape, bit = self._shape, Signal(range(self._shape.inputs))
        advance, word_ends, row_ends, last_row, last_bank = (
            Signal(name=name) for name in ("advance", "word_ends", "row_ends", "last_row", "last_bank")
        )
        m.d.sync += [
            word_ends.eq((bit == shape.inputs - 1) | (lane == shape.columns - 1)),
            row_ends.eq(bit == shape.inputs - 1),
            last_row.eq(klass == shape.outputs - 1),
            last_bank.eq(bank == shape.rows - 1),
        ]
        with m.If(advance):
            m.d.sync += [bit.eq(Mux(row_ends, 0, bit + 1)), lane.eq(Mux(word_ends, 0, lane + 1))]
            with m.If(word_ends):
                m.d.sync += [word.eq(Mux(row_ends, 0, word + 1)), address.eq(address + 1)]
            with m.If(row_ends):
                m.d.sync += [klass.eq(klass + 1), bank.eq(Mux(last_bank, 0, bank + 1))]
                # The next bank starts at the same group, unless this was the last of the group.
                with m.If(~last_bank):
                    m.d.sync += address.eq(address - (shape.words - 1))
            with m.If(row_ends & last_row):
                m.d.sync += [klass.eq(0), bank.eq(0), address.eq(0)]
        return advance, word_ends, row_ends & last_row

    def _row_word(self, row: int, word: int) -> int:
        """Initial content: the bits of one word, the first input lowest, padded with ones."""
        columns = self._shape.columns
        start = word * columns
        used = min(max(self._shape.inputs - start, 0), columns)
        padding = (1 << columns) - (1 << used)
        if self._prototypes is None or row >= self._shape.outputs:
            return padding
        bits = self._prototypes[row, start : start + used]
        return padding | sum(int(bit) << lane for lane, bit in enumerate(bits))

    def _bank_words(self, bank: int) -> list[int]:
        shape = self._shape
        return [
            self._row_word(group * shape.rows + bank, word)
            for group in range(shape.groups)
            for word in range(shape.words)
        ]

    def _class_words(self, word_bits: int) -> list[int]:
        return [self._row_word(row, word) for row in range(self._shape.outputs) for word in range(1 << word_bits)]
