"""Carry chains of ECP5 without the cells that nextpnr puts before and behind them.

nextpnr brings a constant carry into a chain by a CCU2C of its own, and the last carry out by another even where nobody
reads it: four LUT4 a chain. Neither is needed. A slot (half of a CCU2C) whose table is 0 gives the carry `LUT2(A, B)`
whatever comes in (Lattice's model of the primitive), so a chain that starts with such a slot needs no carry in.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["trim_carry_chains"]

Cell = dict[str, Any]
Bit = int | str
PINS = "ABCD"
UNDRIVEN = "x"  # nextpnr wants every port to be there, in use or not


@dataclass(frozen=True)
class _Slot:
    """Half of a CCU2C: its table, the nets or constants at A to D, and the net of its sum."""

    table: int
    inputs: tuple[Bit, ...]
    sum: Bit

    @property
    def nets(self) -> list[int]:
        """The nets that it depends on."""
        return sorted({bit for bit in self.inputs if isinstance(bit, int)})

    def rows(self, nets: list[int]) -> Iterator[tuple[bool, bool]]:
        """Whether the carry goes through, and which one goes out elsewhere, for every value of `nets`."""
        for values in itertools.product((False, True), repeat=len(nets)):
            known = dict(zip(nets, reversed(values), strict=True))
            index = sum(
                (known[bit] if isinstance(bit, int) else bit == "1") << pin for pin, bit in enumerate(self.inputs)
            )
            yield bool(self.table >> index & 1), bool(self.table >> (index & 3) & 1)


def trim_carry_chains(netlist: dict[str, Any]) -> int:
    """Free carry chains of what they do not need, in a netlist as Yosys writes it (JSON) for ECP5.

    Last carries that nobody reads are left open. A constant carry into a chain is made by the chain's first slot: in
    place of its lowest bit, whose sum, if anyone reads it, becomes a LUT4; or, if the chain has a slot to spare, by a
    slot in front of the others. The design does the same as before in every cycle. Chains that take their carry from
    logic, or whose lowest bit depends on more than two signals and which have no slot to spare, keep it.

    Changes the netlist in place and returns the number of LUT4 saved.
    """
    return sum(_trim(module) for module in netlist["modules"].values())


def _trim(module: Cell) -> int:
    cells, users = module.get("cells", {}), _users(module)
    saved = 0
    for name, chain in _chains(cells, users):
        if _is_read(chain[-1], "COUT", users):
            saved += _absorb_carry(cells, name, chain, users, spare=False)
            continue
        saved += 2 * isinstance(_bit(chain[-1], "COUT"), int)
        chain[-1]["connections"]["COUT"] = [UNDRIVEN]
        saved += _absorb_carry(cells, name, chain, users, spare=not _is_read(chain[-1], "S1", users))
    return saved


def _users(module: Cell) -> Counter[Bit]:
    """How often each net occurs, its driver and ports of the module included."""
    connections = [bits for cell in module.get("cells", {}).values() for bits in cell["connections"].values()]
    ports = [port["bits"] for port in module.get("ports", {}).values()]
    return Counter(bit for bits in connections + ports for bit in bits)


def _bit(cell: Cell, port: str) -> Bit:
    return (cell["connections"].get(port) or [UNDRIVEN])[0]


def _is_read(cell: Cell, port: str, users: Counter[Bit]) -> bool:
    bit = _bit(cell, port)
    return isinstance(bit, int) and users[bit] > 1


def _chains(cells: Cell, users: Counter[Bit]) -> list[tuple[str, list[Cell]]]:
    """Name of the first cell, and all cells in the order of the carry: up to where a carry has other readers."""
    carries = {name: cell for name, cell in cells.items() if cell["type"] == "CCU2C"}
    after = {_bit(cell, "CIN"): cell for cell in carries.values() if isinstance(_bit(cell, "CIN"), int)}
    inner = {_bit(cell, "COUT") for cell in carries.values() if users[_bit(cell, "COUT")] == 2} & set(after)
    found = []
    for name, cell in carries.items():
        if _bit(cell, "CIN") in inner:
            continue
        chain = [cell]
        while _bit(chain[-1], "COUT") in inner:
            chain.append(after[_bit(chain[-1], "COUT")])
        found.append((name, chain))
    return found


def _absorb_carry(cells: Cell, name: str, chain: list[Cell], users: Counter[Bit], *, spare: bool) -> int:
    """Let the chain make its own constant carry; `spare`: its last slot is free. Returns the LUT4 saved."""
    carry, slots = _bit(chain[0], "CIN"), [slot for cell in chain for slot in _slots(cell)]
    if carry not in ("0", "1") or any(
        cell["parameters"].get(f"INJECT1_{half}") != "NO" for cell in chain for half in "01"
    ):
        return 0
    first, read = slots[0], _is_read(chain[0], "S0", users)
    table = _carry_table(first, carry == "1")
    if table is not None and not (read and spare):
        inputs: list[Bit] = [*first.nets, "1", "1", "1", "1"]
        slots[0] = _Slot(table, tuple(inputs[:4]), UNDRIVEN)
        if read:
            cells[f"{name}$lowest"] = _lowest_sum(first, carry == "1")
    elif spare:
        slots = [_Slot(0x000F if carry == "1" else 0, ("1",) * 4, UNDRIVEN), *slots[:-1]]
    else:
        return 0
    chain[0]["connections"]["CIN"] = [UNDRIVEN]
    for cell, pair in zip(chain, zip(slots[::2], slots[1::2], strict=True), strict=True):
        _put(cell, pair)
    return 2 - (read and not spare)


def _slots(cell: Cell) -> list[_Slot]:
    return [
        _Slot(
            int(cell["parameters"][f"INIT{half}"], 2),
            tuple("1" if _bit(cell, pin + half) == UNDRIVEN else _bit(cell, pin + half) for pin in PINS),
            _bit(cell, f"S{half}"),
        )
        for half in "01"
    ]


def _put(cell: Cell, pair: tuple[_Slot, _Slot]) -> None:
    for half, slot in zip("01", pair, strict=True):
        cell["parameters"][f"INIT{half}"] = f"{slot.table:016b}"
        cell["connections"] |= {pin + half: [bit] for pin, bit in zip(PINS, slot.inputs, strict=True)}
        cell["connections"][f"S{half}"] = [slot.sum]


def _carry_table(slot: _Slot, carry_in: bool) -> int | None:
    """The slot's carry out as a table of A and B, which its nets shall be; None where there are more than two."""
    if len(slot.nets) > 2:
        return None
    outputs = [carry_in if passes else made for passes, made in slot.rows(slot.nets)]
    while len(outputs) < 4:  # an input that is tied to 1
        outputs = [bit for bit in outputs for _ in range(2)] if len(outputs) == 1 else outputs * 2
    return sum(bit << index for index, bit in enumerate(outputs))


def _lowest_sum(slot: _Slot, carry_in: bool) -> Cell:
    """The slot's sum as a LUT4."""
    nets = slot.nets
    outputs = [passes ^ carry_in for passes, _ in slot.rows(nets)]
    table = outputs * (16 // len(outputs))
    return {
        "hide_name": 0,
        "type": "LUT4",
        "parameters": {"INIT": "".join("01"[bit] for bit in reversed(table))},
        "attributes": {},
        "port_directions": {**dict.fromkeys(PINS, "input"), "Z": "output"},
        "connections": {
            **dict(zip(PINS, [[bit] for bit in [*nets, "0", "0", "0", "0"]], strict=False)),
            "Z": [slot.sum],
        },
    }
