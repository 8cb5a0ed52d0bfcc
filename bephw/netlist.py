"""Changes to Amaranth's netlist (RTLIL) before Yosys reads it: what Amaranth cannot say about a memory, and names.

Amaranth promises two things of every memory: a word read while it is written comes out as it was, and the contents
at power-up are those given, zeros by default. No block RAM keeps the first promise, so Yosys surrounds it with bypass
logic (32 x 512 on ECP5: 42 LUTs and 75 flip-flops around one block RAM), and iCE40's large RAMs cannot keep the second,
so Yosys does not use them. A memory gives the promises up by Yosys' own attributes:

    Memory(shape=32, depth=512, init=[], attrs={"no_rw_check": 1})     # the design never uses such a word
    Memory(shape=16, depth=16384, init=[], attrs={"ram_style": "huge"})  # iCE40 SPRAM; contents unknown at power-up
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

__all__ = ["bracket_free", "order_ports", "relax_memories"]

ATTRIBUTE = re.compile(r"\s*attribute \\(no_rw_check|ram_style) (.*)")
MEMORY = re.compile(r"\s*memory .*(\\\S+)")
CELL = re.compile(r"\s*cell \$(memrd_v2|meminit_v2) ")
MEMID = re.compile(r'\s*parameter \\MEMID "\\\\(\S+)"')
NAME = re.compile(r"\\\S*\[\d+\]\S*")
PORT = re.compile(r"(\s*wire width \d+ (?:input|output) )\d+( .*\\(\S+)\n)")
MASK = re.compile(r"(\s*parameter \\(TRANSPARENCY|COLLISION_X)_MASK )(\d+)'([01]+)")


def relax_memories(rtlil: str) -> str:
    """The netlist with the promises dropped that its memories' attributes give up.

    `no_rw_check`: what a read port returns when its word is written in the same cycle becomes undefined (x in
    emitted Verilog, so that simulation shows a design which relies on it). Transparent ports stay as they are.
    `ram_style` "huge": the initial contents are left out.
    """
    result: list[str] = []
    unchecked: set[str] = set()
    huge: set[str] = set()
    attributes: dict[str, str] = {}
    lines = iter(rtlil.splitlines(keepends=True))
    for line in lines:
        if line.startswith("module "):
            unchecked, huge, attributes = set(), set(), {}
        elif found := ATTRIBUTE.match(line):
            attributes[found[1]] = found[2].strip()
        elif found := MEMORY.match(line):
            if attributes.get("no_rw_check", "0") != "0":
                unchecked.add(found[1])
            if attributes.get("ram_style") == '"huge"':
                huge.add(found[1])
            attributes = {}
        elif found := CELL.match(line):
            cell = [line]
            while cell[-1].strip() != "end":
                cell.append(next(lines))
            memory = next("\\" + name[1] for name in map(MEMID.match, cell) if name)
            if found[1] == "memrd_v2" and memory in unchecked:
                cell = _collisions_undefined(cell)
            if found[1] == "meminit_v2" and memory in huge:
                _drop_attributes(result)
                cell = []
            result += cell
            continue
        result.append(line)
    return "".join(result)


def bracket_free(rtlil: str) -> str:
    """The netlist with `name[3]` in names written as `name<3>`.

    So Amaranth calls element 3 of an array, and so Yosys calls bit 3 of a signal: where a design has both, mapping
    ends in `Assert GetSize(conn.first) == GetSize(conn.second)`.
    """
    return NAME.sub(lambda name: name[0].replace("[", "<").replace("]", ">"), rtlil)


def order_ports(rtlil: str, rank: Callable[[str], Any]) -> str:
    """The netlist with the ports of its top module sorted by the `rank` of their names.

    Amaranth has inputs in front, in the order of the alphabet, and outputs behind them.
    """
    start = rtlil.index("attribute \\top 1\n")
    end = rtlil.index("\nend\n", start)
    ports: list[tuple[Any, str, str]] = []
    before: list[str] = []
    after: list[str] = []
    attributes: list[str] = []  # of the wire that comes next
    for line in rtlil[start:end].splitlines(keepends=True):
        if line.startswith("  attribute "):
            attributes.append(line)
            continue
        if port := PORT.fullmatch(line):
            ports.append((rank(port[3]), "".join(attributes) + port[1], port[2]))
        else:
            (after if ports else before).extend([*attributes, line])
        attributes = []
    # From 1: what has 0 Yosys puts behind all others.
    lines = [f"{head}{number}{name}" for number, (_, head, name) in enumerate(sorted(ports), start=1)]
    return rtlil[:start] + "".join([*before, *lines, *after, *attributes]) + rtlil[end:]


def _collisions_undefined(cell: list[str]) -> list[str]:
    masks = {mask[2]: mask for mask in map(MASK.match, cell) if mask}
    if "COLLISION_X" not in masks:  # no write port to collide with
        return cell
    collision, transparent = masks["COLLISION_X"], masks["TRANSPARENCY"]
    width = int(collision[3])
    mask = (1 << width) - 1 & ~int(transparent[4], 2)
    line = f"{collision[1]}{width}'{mask:0{width}b}\n"
    return [line if text.startswith(collision[1]) else text for text in cell]


def _drop_attributes(result: list[str]) -> None:
    """Remove the attribute lines that belong to a cell which is left out."""
    while result and result[-1].strip().startswith("attribute "):
        result.pop()
