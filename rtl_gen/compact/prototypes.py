"""The classifier's fixed rows, in the two shapes in which they are read."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from numpy.typing import NDArray

from bephw.rtl_gen.arithmetic import next_index
from bephw.rtl_gen.compact.forward import WeightsSignature
from bephw.rtl_gen.compact.transfer import TransferSignature
from bephw.rtl_gen.storage import block_memory
from bephw.shape import LayerShape

__all__ = ["PrototypeMemory"]


class PrototypeMemory(wiring.Component):
    """`classes` rows of K_L bits.

    `forward` reads `rows` classes at once, as a layer's plane; `row_*` reads one word of one class, a cycle after
    `row_class` and `row_word`, where `row_read` is high. A transfer moves them bit by bit, row by row, and must not
    meet a reader.
    """

    def __init__(self, shape: LayerShape, prototypes: NDArray | None = None) -> None:
        self._shape = shape
        self._prototypes = prototypes
        super().__init__(
            {
                "forward": In(WeightsSignature(shape, shape.groups * shape.words)),
                "row_class": In(range(shape.outputs)),
                "row_word": In(range(shape.words)),
                "row_read": In(1),
                "row_data": Out(shape.columns),
                "transfer": In(TransferSignature(1)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        word_bits = (shape.words - 1).bit_length()
        writing, data = Signal(), Signal(shape.columns)
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
                read.en.eq(self.forward.enable),
                read.addr.eq(self.forward.address),
                self.forward.data[index].eq(read.data),
            ]
        m.submodules.by_class = by_class = block_memory(
            shape.columns, shape.outputs << word_bits, self._class_words(word_bits)
        )
        write, read = by_class.write_port(), by_class.read_port()
        m.d.comb += [
            write.en.eq(writing),
            write.addr.eq(Cat(word, klass)),
            write.data.eq(data),
            read.en.eq(self.row_read | self.transfer.busy),
            read.addr.eq(Mux(self.transfer.busy, Cat(word, klass), Cat(self.row_word, self.row_class))),
            self.row_data.eq(read.data),
        ]
        self._transfer(m, klass, word, bank, address, writing, data)
        return m

    def _transfer(self, m, klass, word, bank, address, writing, data):
        """Walk over the bits, collecting words to write or showing bits of the word read."""
        shape, transfer = self._shape, self.transfer
        lane, bit = Signal(range(shape.columns)), Signal(range(shape.inputs))
        collected = Signal(shape.columns)
        advance, row_ends, word_ends, last = Signal(), Signal(), Signal(), Signal()
        m.d.comb += [
            row_ends.eq(bit == shape.inputs - 1),
            word_ends.eq(row_ends | (lane == shape.columns - 1)),
            last.eq(row_ends & (klass == shape.outputs - 1)),
            data.eq(collected),
            data.bit_select(lane, 1).eq(transfer.loads.payload),
        ]
        with m.If(advance):
            m.d.sync += [bit.eq(next_index(bit, shape.inputs)), lane.eq(Mux(word_ends, 0, lane + 1))]
            with m.If(word_ends):
                m.d.sync += [word.eq(Mux(row_ends, 0, word + 1)), address.eq(address + 1)]
            with m.If(row_ends):
                m.d.sync += [klass.eq(next_index(klass, shape.outputs)), bank.eq(next_index(bank, shape.rows))]
                # The next bank starts at the same group, unless this was the last of the group.
                with m.If(bank != shape.rows - 1):
                    m.d.sync += address.eq(address - (shape.words - 1))
            with m.If(last):
                m.d.sync += [bank.eq(0), address.eq(0)]
        with m.FSM() as fsm:
            m.d.comb += transfer.busy.eq(~fsm.ongoing("IDLE"))
            with m.State("IDLE"):
                with m.If(transfer.load):
                    m.next = "LOAD"
                with m.If(transfer.dump):
                    m.next = "READ"
            with m.State("LOAD"):
                m.d.comb += [
                    transfer.loads.ready.eq(1),
                    advance.eq(transfer.loads.valid),
                    writing.eq(advance & word_ends),
                ]
                with m.If(advance):
                    m.d.sync += collected.eq(Mux(word_ends, 0, data))
                with m.If(advance & last):
                    m.next = "IDLE"
            with m.State("READ"):
                m.next = "LATCH"
            with m.State("LATCH"):
                m.d.sync += [
                    transfer.dumps.payload.eq(self.row_data.bit_select(lane, 1)),
                    transfer.dumps.valid.eq(1),
                ]
                m.next = "SEND"
            with m.State("SEND"), m.If(transfer.dumps.ready):
                m.d.sync += transfer.dumps.valid.eq(0)
                m.d.comb += advance.eq(1)
                with m.If(last):
                    m.next = "IDLE"
                with m.Else():
                    m.next = "READ"

    def _row_word(self, row: int, word: int) -> int:
        """Initial content: the bits of one word, the first input lowest."""
        if self._prototypes is None or row >= self._shape.outputs:
            return 0
        start = word * self._shape.columns
        bits = self._prototypes[row, start : start + self._shape.columns]
        return sum(int(bit) << lane for lane, bit in enumerate(bits))

    def _bank_words(self, bank: int) -> list[int]:
        shape = self._shape
        return [
            self._row_word(group * shape.rows + bank, word)
            for group in range(shape.groups)
            for word in range(shape.words)
        ]

    def _class_words(self, word_bits: int) -> list[int]:
        return [self._row_word(row, word) for row in range(self._shape.outputs) for word in range(1 << word_bits)]
