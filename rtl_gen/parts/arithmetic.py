"""Small pure functions on Amaranth values."""

from collections.abc import Iterable

from amaranth.hdl import *

__all__ = [
    "at_least",
    "at_least_in_two",
    "cleared_by",
    "count_up",
    "delay",
    "last_of",
    "next_index",
    "pipelined_sum",
    "places_left",
    "sum_tree",
    "turns",
    "xorshift32",
]


def at_least(value: Value, least: int) -> Value:
    """Whether `value` is no less than a constant, in gates: where a number is short, tables take less than an adder."""
    shape = value.shape()
    # With the sign bit turned round, signed numbers are in the order of unsigned ones.
    lowest = -(1 << shape.width - 1) if shape.signed else 0
    bits = [*value[:-1], value[-1] ^ shape.signed]
    least -= lowest
    if least >> shape.width > 0 or least <= 0:
        return C(least <= 0, 1)
    found: Value = C(1, 1)
    for place, bit in enumerate(bits):
        found = bit & found if least >> place & 1 else bit | found
    return found


def at_least_in_two(m: Module, value: Value, least: int) -> Value:
    """`at_least`, a clock cycle later but for its last gate: the halves of the number are compared in the first one."""
    if len(value) < 2:
        return delay(m, at_least(value, least), 1, reset_less=True)
    half = len(value) // 2
    low, high = value[:half], value[half:].as_signed() if value.shape().signed else value[half:]
    low_least, high_least = least % (1 << half), least >> half
    more, enough, rest = (
        delay(m, found, 1, reset_less=True)
        for found in (at_least(high, high_least + 1), at_least(high, high_least), at_least(low, low_least))
    )
    return more | enough & rest


def sum_tree(terms: Iterable[Value]) -> Value:
    """Sum of unsigned terms by a balanced tree of adders, without overflow."""
    level = list(terms)
    while len(level) > 1:
        pairs = [a + b for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else C(0, 1)


def pipelined_sum(m: Module, terms: Iterable[Value], cycles: int) -> Value:
    """Sum of unsigned terms, `cycles` clock cycles later, without overflow: a level of a balanced tree of adders in
    each cycle. `cycles` must be enough for all levels, ceil(log2 terms)."""
    level = list(terms)
    for _ in range(cycles):
        pairs = [a + b for a, b in zip(level[::2], level[1::2], strict=False)]
        level = [delay(m, term, 1, reset_less=True) for term in pairs + level[len(pairs) * 2 :]]
    assert len(level) == 1, f"{cycles} cycles are too few"
    return level[0]


def xorshift32(state: Value) -> Value:
    """The state after `state` (Marsaglia; numerics.md section 5)."""
    u = state
    u = (u ^ (u << 13))[:32]
    u = u ^ (u >> 17)
    return (u ^ (u << 5))[:32]


def next_index(index: Value, size: int) -> Value:
    """`index + 1`, or 0 after `size - 1`."""
    return Mux(index == size - 1, 0, index + 1)


def last_of(m: Module, index: Signal, size: int, step: Value) -> Value:
    """Whether `index`, which each `step` takes on from 0 to `size - 1` and back, is the last: known from a register."""
    if size == 1:
        return C(1)
    last = Signal(name=f"{index.name}_last")
    with m.If(step):
        m.d.sync += last.eq(index == size - 2)
    return last


def turns(m: Module, size: int, advance: Value, name: str | None = None) -> Value:
    """Whose turn it is among `size`: from 0 on, the next one's after each `advance`, and after the last the first's."""
    if size == 1:
        return C(0)
    turn = Signal(range(size), name=name or "turn")
    with m.If(advance):
        m.d.sync += turn.eq(next_index(turn, size))
    return turn


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
