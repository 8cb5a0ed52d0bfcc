"""The visible weights: a frozen plane that is read, and a live one that follows the counters."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.forward.unit import WeightsSignature, answer_cycles, base_member
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.storage import block_memory, family
from bephw.shape import LayerShape

__all__ = ["BankedReadSignature", "VisiblePlane", "read_bank"]


class BankedReadSignature(wiring.Signature):
    """A read port with an address for each bank, seen from the reader; `data` follows by two cycles. Where there are
    several `planes` of words, addresses begin at `base`."""

    def __init__(self, shape: LayerShape, planes: int = 1) -> None:
        address = range(planes * shape.groups * shape.words)
        super().__init__(
            {
                **base_member(shape, planes),
                "address": Out(data.ArrayLayout(address, shape.rows)),
                "data": In(data.ArrayLayout(shape.columns, shape.rows)),
            }
        )


class VisiblePlane(wiring.Component):
    """Two planes of visible weights in `rows` banks; bank r holds the rows j with j % rows = r.

    Word `group * words + word` of a bank holds `columns` weights of a row. Readers see the frozen plane, writes
    (complete a cycle later) go to the live one, and `swap` exchanges them.

    The plane that becomes live is a batch behind. The first forward pass after a swap reads every word of the frozen
    plane, so it also copies them to the live one; a sample's updates come after its own forward pass, so they never
    meet this. `rewritten`: every word of the live plane will be written anyway, so there is nothing to copy. A swap
    before either has happened does nothing: no weight has changed, and the live plane is still behind.

    Without `copies` all this is left to those who write: each `swap` counts, and between two of them every word has to
    be written anew. That saves a LUT a lane.

    The forward pass reads one address in all banks, answered after `answer_cycles`; with `banked`, the backward pass
    reads another in each.
    """

    def __init__(self, shape: LayerShape, *, banked: bool, copies: bool = True, device: str | None = None) -> None:
        self._shape = shape
        self._device = device
        self._banked = banked
        self._copies = copies
        members = {
            "swap": In(1),
            "rewritten": In(1),
            "forward": In(WeightsSignature(shape)),
            "write": In(1),
            "write_bank": In(range(shape.rows)),
            "write_address": In(range(shape.groups * shape.words)),
            "write_data": In(shape.columns),
        }
        if banked:
            members["backward"] = In(BankedReadSignature(shape))
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        half, swap = Signal(), Signal()
        cycles = answer_cycles(self._device or family(platform))
        with m.If(swap):
            m.d.sync += half.eq(~half)
        if self._copies:
            copying, address = self._copy(m, swap, cycles)
        else:
            m.d.comb += swap.eq(self.swap)
            copying, address = C(0), delay(m, self.write_address, 1, reset_less=True)
        written = delay(m, self.write_data, 1, reset_less=True)
        for bank in range(self._shape.rows):
            memory = block_memory(self._shape.columns, 2 * self._shape.groups * self._shape.words)
            m.submodules[f"bank_{bank}"] = memory
            write = memory.write_port()
            chosen = Signal(name=f"chosen_{bank}")
            m.d.sync += chosen.eq(self.write & (self.write_bank == bank))
            m.d.comb += [
                write.en.eq(chosen | copying),
                write.addr.eq(Cat(~half, address)),
                write.data.eq(Mux(copying, self.forward.data[bank], written) if self._copies else written),
            ]
            read_bank(m, memory, Cat(half, self.forward.address), self.forward.data[bank], cycles)
            if self._banked:
                read_bank(m, memory, Cat(half, self.backward.address[bank]), self.backward.data[bank], 2)
        return m

    def _copy(self, m, swap, cycles):
        """Whether the words that have just been read are copied in this cycle; the address to write, or of a write."""
        behind, copying, address = Signal(), Signal(), Signal.like(self.write_address)
        read = self.forward
        with m.If((read.step & read.final) | self.rewritten):
            m.d.sync += behind.eq(0)
        m.d.comb += swap.eq(self.swap & ~behind)
        with m.If(swap):
            m.d.sync += behind.eq(1)
        coming = delay(m, read.step & behind, cycles - 1)
        m.d.sync += [
            copying.eq(coming),
            address.eq(Mux(coming, delay(m, read.address, cycles - 1, reset_less=True), self.write_address)),
        ]
        return copying, address


def read_bank(m: Module, memory, address: Value, result: Value, cycles: int) -> None:
    """Read a bank's memory all the time; `result` follows the address by `cycles`.

    A block RAM is slow to answer, so a register follows it: on ECP5 its own.
    """
    read = memory.read_port()
    m.d.comb += [read.addr.eq(address), read.en.eq(1)]
    m.d.comb += result.eq(delay(m, read.data, cycles - 1, reset_less=True))
