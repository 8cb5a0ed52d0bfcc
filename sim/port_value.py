"""What a port shows, as a number."""

from __future__ import annotations

from typing import Any

__all__ = ["unsigned"]


def unsigned(port: Any) -> int:
    """The value of a port of any width as an integer of 0 or more.

    cocotb has two types for it, `Logic` of one bit and `LogicArray` of more, and only the second knows `to_unsigned`.
    Raises `ValueError` where a bit is neither 0 nor 1.
    """
    value = port.value
    return value.to_unsigned() if hasattr(value, "to_unsigned") else int(value)
