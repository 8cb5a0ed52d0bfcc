"""Memories as this design uses them."""

from collections.abc import Iterable

from amaranth.lib.memory import Memory

__all__ = ["block_memory"]


def block_memory(shape, depth: int, init: Iterable = (), *, huge: bool = False) -> Memory:
    """A memory of which no word is ever used that was read while it was being written.

    Without that promise Yosys surrounds a block RAM with bypass logic (bephw/netlist.py). `huge` asks for
    iCE40UP5K's single-port RAM: one address for reading and writing, and no initial content.
    """
    attributes: dict[str, int | str] = {"no_rw_check": 1}
    if huge:
        attributes["ram_style"] = "huge"
    return Memory(shape=shape, depth=depth, init=init, attrs=attributes)
