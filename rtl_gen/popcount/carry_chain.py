"""Carry chains of ECP5, made of CCU2C cells, with a table of its own for every bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from amaranth.hdl import *

__all__ = ["CarryChain", "Slot"]

# Truth tables of the four inputs A, B, C, D; what is not used is tied to 1.
A, B, C_, D = 0xAAAA, 0xCCCC, 0xF0F0, 0xFF00
LOWEST = 0x000F  # where C and D are 0: these four bits are the carry that a slot makes of A and B


@dataclass(frozen=True)
class Slot:
    """Half of a CCU2C: a table of up to four inputs.

    Its sum is `table(A, B, C, D) ^ carry_in`; its carry out is its carry in where the table is 1, and elsewhere
    `table(A, B, 0, 0)`. With D tied to 1 the two are tables of their own.
    """

    table: int
    inputs: tuple[Value, ...] = ()

    @classmethod
    def _of(cls, passes: int, carry: int, *inputs: Value) -> Self:
        """`passes` where the carry goes through, of A, B and C; `carry` of A and B elsewhere."""
        return cls((passes & D) | (carry & LOWEST), inputs)

    @classmethod
    def carry(cls, bit: Value | None = None) -> Self:
        """The sum is the carry of the slot below; the slot above starts with carry `bit`."""
        return cls._of(0, 0) if bit is None else cls._of(0, A, bit)

    @classmethod
    def carry_xor(cls, left: Value, right: Value, *, complement: bool = False) -> Self:
        """As `carry`, with `left ^ right`, or its complement."""
        return cls._of(0, A ^ B ^ (0xFFFF if complement else 0), left, right)

    @classmethod
    def carry_and(cls, left: Value, right: Value) -> Self:
        """As `carry`, with `left & right`."""
        return cls._of(0, A & B, left, right)

    @classmethod
    def add_unless(cls, left: Value, right: Value, other: Value, adds: Value) -> Self:
        """Adds two bits while `adds`; else the sum is `other`. Then `right` and the carry into the slot must be 0."""
        return cls((D & (A ^ B)) | (~D & C_ & 0xFFFF) | (A & B & LOWEST), (left, right, other, adds))

    @classmethod
    def add_xors(cls, left_a: Value, right_a: Value, left_b: Value, right_b: Value) -> Self:
        """Adds `left_a ^ right_a` and `left_b ^ right_b`: where they are equal, the first is the carry."""
        return cls(A ^ B ^ C_ ^ D, (left_a, right_a, left_b, right_b))

    @classmethod
    def add(cls, left: Value, right: Value, complements: tuple[bool, bool]) -> Self:
        """Adds two bits, or their complements."""
        first, second = (0xFFFF if complement else 0 for complement in complements)
        return cls._of(A ^ first ^ B ^ second, A ^ first, left, right)

    @classmethod
    def pass_on(cls, bit: Value, complement: bool) -> Self:
        """Adds one bit, or its complement, to the carry."""
        return cls._of(A ^ (0xFFFF if complement else 0), 0, bit)


class CarryChain(Elaboratable):
    """Slots in the order of the carry. The first slot must be a `carry`, as nothing drives the carry below it."""

    def __init__(self) -> None:
        self._slots: list[Slot] = []
        self._outputs: list[tuple[Signal, int]] = []

    def append(self, slot: Slot) -> int:
        """Puts a slot at the end; returns its number."""
        self._slots.append(slot)
        return len(self._slots) - 1

    def connect(self, sums: Signal, start: int) -> None:
        """`sums` shall be the sums of the slots from `start` on, also of such that are appended later."""
        self._outputs.append((sums, start))

    def elaborate(self, platform):
        m = Module()
        used = max([len(self._slots), *[start + len(sums) for sums, start in self._outputs]])
        slots = [*self._slots, *[Slot.carry()] * (used + used % 2 - len(self._slots))]
        sums = Signal(len(slots))
        carries = Signal(len(slots) // 2)
        for index in range(0, len(slots), 2):
            ports: dict = {"i_CIN": carries[index // 2 - 1]} if index else {}
            for half, slot in enumerate(slots[index : index + 2]):
                inputs = [*slot.inputs, *[C(1, 1)] * 4][:4]
                ports |= {f"i_{pin}{half}": value for pin, value in zip("ABCD", inputs, strict=True)}
                ports |= {f"p_INIT{half}": C(slot.table, 16), f"p_INJECT1_{half}": "NO"}
                ports[f"o_S{half}"] = sums[index + half]
            m.submodules[f"cell_{index // 2}"] = Instance("CCU2C", o_COUT=carries[index // 2], **ports)
        m.d.comb += [outputs.eq(sums[start : start + len(outputs)]) for outputs, start in self._outputs]
        return m
