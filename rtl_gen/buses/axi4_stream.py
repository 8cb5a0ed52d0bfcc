"""AXI4-Stream."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.shape import ceil_div

__all__ = ["Axi4StreamSignature", "whole_bytes"]


def whole_bytes(bits: int) -> int:
    """So many bits, rounded up to bytes: how wide a bus has to be that carries them."""
    return 8 * ceil_div(bits, 8)


class Axi4StreamSignature(wiring.Signature):
    """AXI4-Stream (ARM IHI 0051), seen from the transmitter; names are the specification's.

    `tdata`, and `tuser` where there are bits for it, are so many bits, rounded up to bytes; what is above them is 0
    where it comes out, and ignored where it goes in. All bytes are data bytes: there are no `tkeep` and `tstrb`.
    """

    def __init__(self, data: int, user: int = 0) -> None:
        super().__init__(
            {
                "tdata": Out(whole_bytes(data)),
                **({"tuser": Out(whole_bytes(user))} if user else {}),
                "tlast": Out(1),
                "tvalid": Out(1),
                "tready": In(1),
            }
        )
