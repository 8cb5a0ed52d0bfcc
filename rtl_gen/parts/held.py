"""A value that waits for what it belongs to."""

from amaranth.hdl import *

from bephw.rtl_gen.parts.arithmetic import delay

__all__ = ["held"]


def held(m: Module, value: Value, load: Value, *, since: int, until: int, apart: int) -> Value:
    """`value` of a cycle in which `load` was high, from `since` to `until` cycles after it (`since` at least 1).

    Loads are at least `apart` cycles from each other, and `until` - `since` is less than that. One register will do
    where the next load is late enough; else the value goes all the way.
    """
    if until > apart:
        value, load = delay(m, value, since - 1), delay(m, load, since - 1)
    kept = Signal(value.shape())
    with m.If(load):
        m.d.sync += kept.eq(value)
    return kept
