"""The visible weights where batches overlap: three planes that go round."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.forward.unit import WeightsSignature, answer_cycles
from bephw.rtl_gen.parts.arithmetic import delay, next_index
from bephw.rtl_gen.parts.storage import block_memory, family
from bephw.rtl_gen.weights.plane import BankedReadSignature, read_bank
from bephw.shape import LayerShape

__all__ = ["PLANES", "LaggingPlane"]

PLANES = 3


class LaggingPlane(wiring.Component):
    """As `VisiblePlane`, in three planes: the forward pass reads one, the error propagation the same or the one before
    it, and writes go to the live one. With `next_forward`, `next_backward` and `next_live` each goes on to the plane
    after it, a cycle later; readers' addresses begin at `forward.base` and `backward.base`.

    Rows that a batch does not update come into its plane by copies. In a forward pass that `copies`, every word that is
    read goes to the live plane, but for words of rows that have been written there already; nothing may be written
    meanwhile. From the end of the pass until `next_live` the live plane is `copied`, and rows may be written as before.
    """

    def __init__(self, shape: LayerShape, *, banked: bool, device: str | None = None) -> None:
        self._shape = shape
        self._device = device
        self._banked = banked
        self._words = shape.groups * shape.words
        super().__init__(
            {
                "forward": In(WeightsSignature(shape, PLANES)),
                **({"backward": In(BankedReadSignature(shape, PLANES))} if banked else {}),
                "write": In(1),
                "write_bank": In(range(shape.rows)),
                "write_address": In(range(self._words)),
                "write_data": In(shape.columns),
                "next_forward": In(1),
                "next_backward": In(1),
                "next_live": In(1),
                "copies": In(1),
                "copied": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        cycles = answer_cycles(self._device or family(platform))
        live = self._base(m, "live", self.next_live, 2)
        m.d.comb += self.forward.base.eq(self._base(m, "forward", self.next_forward, 0))
        if self._banked:
            m.d.comb += self.backward.base.eq(self._base(m, "backward", self.next_backward, 0))
        chosen, written = self._choose(m)
        kept, copying, address = self._copy(m, cycles, live, chosen, written)
        data = delay(m, self.write_data, 1, reset_less=True)
        for bank in range(self._shape.rows):
            memory = block_memory(self._shape.columns, PLANES * self._words)
            m.submodules[f"bank_{bank}"] = memory
            write = memory.write_port()
            m.d.comb += [
                write.en.eq(chosen[bank] | (copying & ~kept[bank])),
                write.addr.eq(address),
                write.data.eq(Mux(copying, self.forward.data[bank], data)),
            ]
            read_bank(m, memory, self.forward.address, self.forward.data[bank], cycles)
            if self._banked:
                read_bank(m, memory, self.backward.address[bank], self.backward.data[bank], 2)
        return m

    def _base(self, m, name, advance, number):
        """Where a plane begins: at first the one of that number, then always the next one."""
        base = Signal(range((PLANES - 1) * self._words + 1), init=number * self._words, name=f"base_{name}")
        with m.If(advance):
            m.d.sync += base.eq(Mux(base == (PLANES - 1) * self._words, 0, base + self._words))
        return base

    def _choose(self, m):
        """Which bank is written in this cycle, and the word of a plane."""
        chosen = Signal(self._shape.rows)
        m.d.sync += chosen.eq(Cat(self.write & (self.write_bank == bank) for bank in range(self._shape.rows)))
        return chosen, delay(m, self.write_address, 1, reset_less=True)

    def _copy(self, m, cycles, live, chosen, written):
        """The rows that keep what they have, whether words that have just been read are copied in this cycle, and the
        address at which anything is written."""
        shape, read = self._shape, self.forward
        word = Signal(range(shape.words))
        following, address = (Signal(range(PLANES * self._words), name=name) for name in ("following", "address"))
        coming = delay(m, read.step & self.copies, cycles - 1)
        copying = delay(m, coming, 1)
        group_ends = copying & (word == shape.words - 1)
        # The pass reads word after word from the first one on.
        m.d.sync += [
            following.eq(Mux(coming, following + 1, live)),
            address.eq(Mux(coming, following, live + self.write_address)),
        ]
        with m.If(copying):
            m.d.sync += word.eq(next_index(word, shape.words))
        with m.If(read.step & read.final & self.copies):
            m.d.sync += self.copied.eq(1)
        with m.If(self.next_live):
            m.d.sync += self.copied.eq(0)
        return self._note(m, chosen, written, group_ends), copying, address

    def _note(self, m, chosen, written, group_ends):
        """Which rows of the next row group to be copied have been written. A bit a row; copying takes them out, row
        group by row group, and leaves zeros."""
        shape = self._shape
        begins = Signal(shape.groups)  # the first word of a row group is written
        m.d.comb += begins.eq(Cat(written == group * shape.words for group in range(shape.groups)))
        kept = []
        for bank in range(shape.rows):
            rows = Signal(shape.groups, name=f"rows_written_{bank}")
            with m.If(group_ends):
                m.d.sync += rows.eq(rows >> 1)
            with m.Elif(chosen[bank] & ~self.copied):
                m.d.sync += rows.eq(rows | begins)
            kept.append(rows[0])
        return kept
