"""Division by a constant as a pipeline, a bit of the quotient a stage."""

from amaranth.hdl import *

from bephw.rtl_gen.parts.arithmetic import delay

__all__ = ["division_latency", "division_stages"]

TABLE = 4  # bits of a partial remainder that are looked up; wider ones are subtracted from


def _split(width: int, divisor: int) -> tuple[int, int, int]:
    """Low bits, which the divisor's power of two leaves to the remainder; the odd rest of the divisor; how many bits of
    the quotient are to be found: the first bits of the value are less than the odd rest in any case."""
    even = (divisor & -divisor).bit_length() - 1
    odd = divisor >> even
    return even, odd, max(width - even - (odd.bit_length() - 1), 0) if odd > 1 else 0


def division_latency(width: int, divisor: int) -> int:
    """Cycles that `division_stages` takes for a value of `width` bits: one for each bit of the quotient, none where the
    divisor is a power of two."""
    return _split(width, divisor)[2]


def division_stages(m: Module, value: Value, divisor: int, enable: Value) -> tuple[Value, Value]:
    """Quotient and remainder of an unsigned number, exact.

    They are there `division_latency` cycles (in which `enable` is high) later; a value in every such cycle.
    """
    even, odd, count = _split(len(value), divisor)
    if not count:
        return (value >> even, value[:even]) if odd == 1 else (C(0, 1), value)
    left, remainder, quotient = value[: even + count], value[even + count :], C(0, 0)
    for _ in range(count):
        partial = Cat(left[-1], remainder)
        fits, rest = Signal(), Signal(range(odd))
        _subtract(m, partial, odd, fits, rest)
        left, remainder, quotient = (
            delay(m, part, 1, enable, reset_less=True) for part in (left[:-1], rest, Cat(fits, quotient))
        )
    return quotient, Cat(left, remainder)


def _subtract(m: Module, partial: Value, odd: int, fits: Signal, rest: Signal) -> None:
    if len(partial) > TABLE:
        difference = partial - odd
        m.d.comb += [fits.eq(~difference[-1]), rest.eq(Mux(fits, difference, partial))]
        return
    with m.Switch(partial):
        for number in range(min(2 * odd, 1 << len(partial))):
            with m.Case(number):
                m.d.comb += [fits.eq(number >= odd), rest.eq(number % odd)]
