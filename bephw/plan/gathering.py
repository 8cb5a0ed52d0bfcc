"""Who passes together: those who are there, as soon as there is room for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Sooner, Times, Waiting

__all__ = ["always", "gather", "meet"]


def always(number: int) -> Waiting[int]:
    """There is room at any time."""
    yield from ()
    return NEVER


def gather(
    first: int, stop: int, free: int, there: Callable[[int], int | None], room: Callable[[int], Waiting[int]]
) -> Waiting[tuple[int, range]]:
    """When a pass begins, from cycle `free` on, and with which samples: `first`, which will be there by then, and those
    after it, but none from `stop` on.

    `there`: the first cycle in which a sample may pass, if it is known; `room`: in which there is room for it.
    """
    begin = free
    while True:
        yield begin
        last = first
        while last + 1 < stop and (cycle := there(last + 1)) is not None and cycle <= begin:
            last += 1
        group, allowed = range(first, last + 1), begin
        for number in group:
            allowed = max(allowed, (yield from room(number)))
        if allowed <= begin:
            return begin, group
        begin = allowed


def meet(
    clock: Clock,
    free: int,
    there: Callable[[], Sequence[int | None]],
    room: Callable[[int], Waiting[int]],
    times: Sequence[Times],
) -> Waiting[tuple[int, list[int]]]:
    """When a pass begins, from cycle `free` on, and with which channels, where none waits for the samples before its
    own.

    `there`: for each channel, the first cycle in which its next sample may pass, if it is known, which others of these
    `times` may change; `room`: in which there is room for it.
    """
    begin = free
    while True:
        cycles = there()
        first = min((cycle for cycle in cycles if cycle is not None), default=None)
        if first is None or max(begin, first) > clock.now:
            yield Sooner(None if first is None else max(begin, first), times)
            continue
        begin = allowed = max(begin, first)
        group = [channel for channel, cycle in enumerate(cycles) if cycle is not None and cycle <= begin]
        for channel in group:
            allowed = max(allowed, (yield from room(channel)))
        if allowed <= begin:
            return begin, group
        begin = allowed
