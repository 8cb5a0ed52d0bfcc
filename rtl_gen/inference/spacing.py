"""Events at a distance."""

from amaranth.hdl import *

__all__ = ["spaced"]


def spaced(m: Module, event: Value, cycles: int) -> Value:
    """High where `event` may happen if it shall not happen again in the next `cycles` - 1 cycles."""
    if cycles == 1:
        return C(1)
    left, free = Signal(range(cycles)), Signal(init=1)
    with m.If(event):
        m.d.sync += [left.eq(cycles - 1), free.eq(0)]
    with m.Elif(left != 0):
        m.d.sync += [left.eq(left - 1), free.eq(left == 1)]
    return free
