"""The output registers of ECP5 block RAMs, which Yosys never uses (its issue 5814).

They make a block RAM's data 0.97 ns late after the clock edge, not 5.6 ns (-6 grade), and save the flip-flops. What
they do is in Lattice's models of the primitive: a register behind the RAM's own read register, on the port's clock,
enabled by OCE alone (CE enables the read), zero at configuration. RST would clear it, so ports that use RST are left
alone.

With 36 bits a word the whole primitive has one write port, A, and one read port, B, whose data are DOB and DOA
together; Lattice's model clocks all of them by CLKB and OCEB. OCEA is given the same enable, so that it does not matter
which of the two a half listens to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["use_output_registers"]

WIDE = 36
Cell = dict[str, Any]


@dataclass(frozen=True)
class _Port:
    """What belongs to one read port of a DP16KD: its data bits, and the letters of the halves that hold them."""

    data: tuple[str, ...]
    halves: str


def use_output_registers(netlist: dict[str, Any]) -> int:
    """Move registers that follow block RAMs into them, in a netlist as Yosys writes it (JSON) for ECP5.

    A read port's registers move where every bit that is used goes to one flip-flop and nowhere else, and all these have
    the port's clock, one enable (or none), no set or reset, and start at zero. The design does the same as before in
    every cycle. Changes the netlist in place and returns the number of bits that moved.
    """
    return sum(_absorb(module) for module in netlist["modules"].values())


def _absorb(module: Cell) -> int:
    cells, moved = module.get("cells", {}), 0
    users, registers = _users(module), _registers(cells)
    for ram in [cell for cell in cells.values() if cell["type"] == "DP16KD"]:
        for port in _read_ports(ram):
            found = _behind(ram, port, users, registers)
            if found and _fits(ram, port, [cells[name] for name in found.values()]):
                _move(cells, ram, port, found)
                moved += len(found)
    return moved


def _users(module: Cell) -> Counter[int | str]:
    """How often each net occurs, its driver and ports of the module included."""
    connections = [bits for cell in module.get("cells", {}).values() for bits in cell["connections"].values()]
    ports = [port["bits"] for port in module.get("ports", {}).values()]
    return Counter(bit for bits in connections + ports for bit in bits)


def _registers(cells: Cell) -> dict[int | str, str]:
    """Names of the flip-flops by the net at their input."""
    return {cell["connections"]["DI"][0]: name for name, cell in cells.items() if cell["type"] == "TRELLIS_FF"}


def _read_ports(ram: Cell) -> Iterator[_Port]:
    def data(half: str) -> tuple[str, ...]:
        return tuple(f"DO{half}{bit}" for bit in range(18))

    if _number(ram["parameters"].get("DATA_WIDTH_A", 18)) == WIDE:
        yield _Port(data("A") + data("B"), "BA")
    else:
        yield _Port(data("A"), "A")
        yield _Port(data("B"), "B")


def _behind(ram: Cell, port: _Port, users: Counter[int | str], registers: dict[int | str, str]) -> dict[str, str]:
    """Flip-flops by data bit; none where a bit has another user."""
    found = {}
    for name in port.data:
        bit = ram["connections"].get(name, ["x"])[0]
        if isinstance(bit, str) or users[bit] == 1:
            continue
        if users[bit] != 2 or bit not in registers:
            return {}
        found[name] = registers[bit]
    return found


def _fits(ram: Cell, port: _Port, registers: list[Cell]) -> bool:
    """Whether the RAM's own register does what these do."""
    return (
        all(
            ram["parameters"].get(f"REGMODE_{half}", "NOREG") == "NOREG"
            and ram["connections"].get(f"RST{half}", ["0"]) == ["0"]
            and ram["parameters"].get(f"CLK{half}MUX", f"CLK{half}") == f"CLK{half}"
            for half in port.halves
        )
        and all(
            register["connections"].get("LSR", ["0"]) == ["0"]
            and register["parameters"].get("REGSET", "RESET") == "RESET"
            and register["parameters"].get("CLKMUX", "CLK") == "CLK"
            and register["parameters"].get("GSR") == ram["parameters"].get("GSR")
            and all(register["connections"]["CLK"] == ram["connections"].get(f"CLK{half}") for half in port.halves)
            for register in registers
        )
        and len({_enable(register) for register in registers}) == 1
    )


def _enable(register: Cell) -> tuple[int | str, bool]:
    """Net of the enable, and whether it is inverted."""
    # Yosys puts a space behind strings of digits: "1 ".
    mux = register["parameters"].get("CEMUX", "1").strip()
    if mux in ("0", "1"):
        return mux, False
    return register["connections"]["CE"][0], mux == "INV"


def _move(cells: Cell, ram: Cell, port: _Port, found: dict[str, str]) -> None:
    enable, inverted = _enable(cells[next(iter(found.values()))])
    for half in port.halves:
        ram["parameters"][f"REGMODE_{half}"] = "OUTREG"
        ram["connections"][f"OCE{half}"] = [enable]
        ram["parameters"][f"OCE{half}MUX"] = "INV" if inverted else f"OCE{half}"
    for data, name in found.items():
        ram["connections"][data] = cells.pop(name)["connections"]["Q"]


def _number(parameter: int | str) -> int:
    return parameter if isinstance(parameter, int) else int(parameter, 2)
