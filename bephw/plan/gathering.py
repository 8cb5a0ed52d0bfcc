"""Who passes together: those who are there, as soon as there is room for all of them."""

from __future__ import annotations

from collections.abc import Callable

from bephw.plan.processes import Waiting

__all__ = ["gather"]


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
