"""Small pure functions on Amaranth values."""

from collections.abc import Iterable

from amaranth.hdl import *

__all__ = [
    "cleared_by",
    "count_up",
    "delay",
    "divide_by_constant",
    "next_index",
    "places_left",
    "popcount",
    "saturating_step",
    "sum_tree",
    "xorshift32",
]


def sum_tree(terms: Iterable[Value]) -> Value:
    """Sum of unsigned terms by a balanced tree of adders, without overflow."""
    level = list(terms)
    while len(level) > 1:
        pairs = [a + b for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else C(0, 1)


def popcount(bits: Value) -> Value:
    """Number of ones."""
    total = sum_tree(list(bits))
    return total[: len(bits).bit_length()]


def saturating_step(counter: Value, up: Value, hold: Value) -> Value:
    """`counter`, a two's complement number, one up or down, or unchanged where it would wrap or `hold` is high."""
    width = len(counter)
    top = counter == C((1 << (width - 1)) - 1, width)
    bottom = counter == C(1 << (width - 1), width)
    stay = hold | Mux(up, top, bottom)
    step = Cat(~stay, (~up & ~stay).replicate(width - 1))
    return (counter + step)[:width]


def xorshift32(state: Value) -> Value:
    """The state after `state` (Marsaglia; numerics.md section 5)."""
    u = state
    u = (u ^ (u << 13))[:32]
    u = u ^ (u >> 17)
    return (u ^ (u << 5))[:32]


def divide_by_constant(dividend: Value, divisor: int) -> Value:
    """`dividend // divisor`, exact, by one multiplication with a constant (none for a power of two).

    With N bits of dividend and s = N + ceil(log2 divisor), floor(x * ceil(2^s / divisor) / 2^s) is exact for all x
    < 2^N (Granlund and Montgomery, 1994, theorem 4.2).
    """
    shift = len(dividend) + (divisor - 1).bit_length()
    return (dividend * -(-(1 << shift) // divisor)) >> shift


def next_index(index: Value, size: int) -> Value:
    """`index + 1`, or 0 after `size - 1`."""
    return Mux(index == size - 1, 0, index + 1)


def places_left(m: Module, most: int, take: Value, give: Value) -> Signal:
    """A register that is high while fewer than `most` places are taken; each `take` takes one, each `give` gives one
    back, a cycle later. Only one gate lies behind `take`, which often comes late in the cycle.
    """
    held = Signal(range(most + 1))
    room = Signal(init=1)
    given = Signal()
    fewer, more = Signal.like(held), Signal.like(held)
    m.d.comb += [fewer.eq(held - given), more.eq(fewer + 1)]
    m.d.sync += [
        given.eq(give),
        held.eq(Mux(take, more, fewer)),
        room.eq(Mux(take, more != most, fewer != most)),
    ]
    return room


def cleared_by(condition: Value) -> Value:
    """`condition`, or a reset of the clock domain: for registers that are `reset_less` and shall be cleared by this.

    Flip-flops have one synchronous reset, which costs no table; synthesis would give it to the domain.
    """
    return condition | ResetSignal("sync", allow_reset_less=True)


def count_up(m: Module, value: Signal, step: Value, restart: Value, stride: int = 1) -> None:
    """Makes `value`, which is `reset_less`, `stride` more with each `step`, or 0 with one that has `restart`."""
    with m.If(step):
        m.d.sync += value.eq(value + stride)
    with m.If(cleared_by(step & restart)):
        m.d.sync += value.eq(0)


def delay(m: Module, value, cycles: int, enable: Value | None = None, *, reset_less: bool = False):
    """`value`, `cycles` clock cycles (in which `enable` is high) later; it starts as zero.

    `reset_less`: a reset leaves it as it is, as data can be left whose validity is known otherwise. A register behind a
    block RAM must be so to become the RAM's own.
    """
    for _ in range(cycles):
        later = Signal(value.shape(), reset_less=reset_less)
        if enable is None:
            m.d.sync += later.eq(value)
        else:
            with m.If(enable):
                m.d.sync += later.eq(value)
        value = later
    return value
