"""The registers of a design for other people's tools: SystemRDL, a C header, a table for readers. All of it comes from
the manifest's list, and that from the map that the hardware decodes (`bephw/rtl_gen/registers/map.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bephw.flow.emitted.templates import render
from bephw.rtl_gen.buses.names import NATIVE

__all__ = ["c_header", "register_table", "systemrdl"]

SOFTWARE = {"read": "r", "write": "w", "read/write": "rw"}


def systemrdl(name: str, registers: Sequence[dict[str, Any]], bus: str = NATIVE) -> str:
    """An `addrmap` of that name. SystemRDL counts bytes, so that a register's address there is 4 times its own."""
    return render("registers.rdl.j2", name=name, registers=list(map(_divided, registers)), native=bus == NATIVE)


def c_header(name: str, registers: Sequence[dict[str, Any]], bus: str = NATIVE) -> str:
    """Address, mask and value after reset of each register, and mask and shift of its fields.

    Addresses count words; on another `bus` bytes from the design's base address, as a processor does.
    """
    prefix, native = name.upper(), bus == NATIVE
    rows = [{**_divided(row), "at": row["address"] if native else row["byte_address"]} for row in registers]
    return render("registers.h.j2", name=name, prefix=prefix, registers=rows, native=native)


def register_table(registers: Sequence[dict[str, Any]]) -> str:
    """In Markdown."""
    return render("registers.md.j2", registers=list(map(_divided, registers)))


def _divided(register: dict[str, Any]) -> dict[str, Any]:
    """With at least one field, each with its part of the value after reset; negative values as their bits."""
    width, pattern = register["width"], register["reset"] % (1 << register["width"])
    whole = {"name": "value", "low": 0, "width": width, "meaning": register["meaning"]}
    fields = [
        {**field, "reset": pattern >> field["low"] & (1 << field["width"]) - 1}
        for field in register["fields"] or (whole,)
    ]
    return {
        **register,
        "software": SOFTWARE[register["access"]],
        "pattern": pattern,
        "parts": fields,
        "live": register["access"] == "read" and register["name"] != "identity",
    }
