"""The visible weights: a frozen plane that is read, and a live one that follows the counters."""

from amaranth.hdl import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.compact.forward import WeightsSignature
from bephw.rtl_gen.storage import block_memory
from bephw.shape import LayerShape

__all__ = ["BankedReadSignature", "VisiblePlane", "plane_depth"]


def plane_depth(shape: LayerShape) -> int:
    """Words in a bank: two planes."""
    return 2 * shape.groups * shape.words


class BankedReadSignature(wiring.Signature):
    """A read port with an address for each bank, seen from the reader; `data` follows by a cycle."""

    def __init__(self, shape: LayerShape) -> None:
        super().__init__(
            {
                "address": Out(data.ArrayLayout(range(plane_depth(shape)), shape.rows)),
                "enable": Out(1),
                "data": In(data.ArrayLayout(shape.columns, shape.rows)),
            }
        )


class VisiblePlane(wiring.Component):
    """Two planes of visible weights in `rows` banks; bank r holds the rows j with j % rows = r.

    Word `group * words + word` of a bank holds `columns` weights of a row. Readers see the frozen plane: their
    addresses start at `frozen_base`. Writes (`write_address` counted from the start of a plane) go to the live
    plane. `swap` exchanges the two.

    The forward pass reads one address in all banks; with `banked`, the backward pass reads another in each.
    """

    def __init__(self, shape: LayerShape, *, banked: bool) -> None:
        self._shape = shape
        self._banked = banked
        members = {
            "swap": In(1),
            "frozen_base": Out(range(plane_depth(shape))),
            "forward": In(WeightsSignature(shape, plane_depth(shape))),
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
        shape = self._shape
        half_size = shape.groups * shape.words
        half = Signal()
        live_address = Signal(range(2 * half_size))
        with m.If(self.swap):
            m.d.sync += half.eq(~half)
        m.d.comb += [
            self.frozen_base.eq(Mux(half, half_size, 0)),
            live_address.eq(self.write_address + Mux(half, 0, half_size)),
        ]
        for bank in range(shape.rows):
            memory = block_memory(shape.columns, 2 * half_size)
            m.submodules[f"bank_{bank}"] = memory
            write, forward = memory.write_port(), memory.read_port()
            m.d.comb += [
                write.en.eq(self.write & (self.write_bank == bank)),
                write.addr.eq(live_address),
                write.data.eq(self.write_data),
                forward.addr.eq(self.forward.address),
                forward.en.eq(self.forward.enable),
                self.forward.data[bank].eq(forward.data),
            ]
            if self._banked:
                backward = memory.read_port()
                m.d.comb += [
                    backward.addr.eq(self.backward.address[bank]),
                    backward.en.eq(self.backward.enable),
                    self.backward.data[bank].eq(backward.data),
                ]
        return m
