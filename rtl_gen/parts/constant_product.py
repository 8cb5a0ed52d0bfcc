"""Multiplication by a constant out of adders: synthesis may take a multiplier for `*`, and boards have few or none."""

from amaranth.hdl import *

from bephw.rtl_gen.parts.arithmetic import delay

__all__ = ["MULTIPLIERS", "multipliers", "product", "product_latency", "product_stages", "signed_digits"]

MULTIPLIERS = {"iCE40UP5K": 8}  # of 16 x 16 bits; of chips that have few cells, so that it is worth to count them


def multipliers(platform) -> int:
    """How many multipliers a platform has, if they are to be used."""
    return MULTIPLIERS.get(getattr(platform, "device", ""), 0)


def signed_digits(constant: int) -> list[tuple[int, int]]:
    """`constant` >= 0 as a sum of few powers of two: (exponent, +1 or -1), no two exponents adjacent."""
    digits, exponent = [], 0
    while constant:
        if constant & 1:
            digit = 2 - (constant & 3)
            digits.append((exponent, digit))
            constant -= digit
        constant >>= 1
        exponent += 1
    return digits


def product(value: Value, constant: int) -> Value:
    """`value * constant`, exact, with `constant` >= 0, in the same cycle."""
    width = max(len(value) + constant.bit_length(), 1)
    total = C(0, width)
    # The largest digit, which is positive, comes first: no partial sum is negative.
    for exponent, sign in reversed(signed_digits(constant)):
        term = (value << exponent)[:width]
        total = (total + term if sign > 0 else total - term)[:width]
    return total


def product_latency(constant: int) -> int:
    """Cycles that `product_stages` takes: one for each level of the adder tree."""
    return max(len(signed_digits(constant)) - 1, 0).bit_length()


def product_stages(m: Module, value: Value, constant: int, enable: Value, *, multiplies: bool = False) -> Value:
    """`value * constant`, exact, `product_latency(constant)` cycles (in which `enable` is high) later.

    One adder between registers, whatever the constant; a cycle less for each halving of its signed digits. With
    `multiplies` a multiplier takes their place, where there is more than one digit.
    """
    width, latency = max(len(value) + constant.bit_length(), 1), product_latency(constant)
    if multiplies and latency:
        return delay(m, (value * constant)[:width], latency, enable, reset_less=True)
    level = [(sign, (value << exponent)[:width]) for exponent, sign in signed_digits(constant)]
    # The largest digit comes last and is positive, so that a pair's second term can always carry the sign.
    while len(level) > 1:
        pairs = []
        for (low_sign, low), (high_sign, high) in zip(level[::2], level[1::2], strict=False):
            total = Signal(width)
            with m.If(enable):
                m.d.sync += total.eq(high + low if low_sign == high_sign else high - low)
            pairs.append((high_sign, total))
        if len(level) % 2:
            sign, term = level[-1]
            later = Signal(width)
            with m.If(enable):
                m.d.sync += later.eq(term)
            pairs.append((sign, later))
        level = pairs
    return level[0][1] if level else C(0, width)
