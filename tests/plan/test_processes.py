"""Processes wait for what they are told, and for cycles before they decide."""

import pytest

from bephw.plan.pipeline import NEVER
from bephw.plan.processes import Clock, Sooner, Times


def test_a_decision_knows_all_that_happens_until_then():
    clock = Clock()
    came, seen = Times(clock), []

    def come():
        for number, cycle in enumerate((3, 5, 6)):
            yield cycle - 1
            came.set(number, cycle)

    def decide():
        for number, cycle in ((0, 3), (1, 5), (2, 9)):
            yield cycle
            seen.append([came.known(other) for other in range(number + 1)])

    clock.start(decide())
    clock.start(come())
    clock.run()
    assert seen == [[3], [3, 5], [3, 5, 6]]


def test_who_waits_for_times_is_told_of_those_to_come():
    clock = Clock()
    first, second, told = Times(clock), Times(clock), []

    def follow():
        for number in range(3):
            second.set(number, (yield from first.of(number)) + 10)

    def tell():
        yield 4
        for number in (2, 0, 1):
            first.set(number, 100 * number)

    def listen():
        told.extend([(yield from second.of(-1)), (yield from second.of(2))])

    for process in (follow(), listen(), tell()):
        clock.start(process)
    clock.run()
    assert told == [NEVER, 210]


def test_what_never_happens_is_noticed():
    clock = Clock()
    times = Times(clock)

    def wait():
        yield from times.of(0)

    clock.start(wait())
    with pytest.raises(AssertionError, match="nobody waits for what never happens"):
        clock.run()


def test_the_past_is_decided():
    clock = Clock()

    def go_back():
        yield 5
        yield 4

    clock.start(go_back())
    with pytest.raises(AssertionError, match="what is past has been decided"):
        clock.run()


def test_who_waits_for_either_goes_on_once():
    """What is told before the cycle comes is known earlier; the cycle then wakes nobody."""
    clock = Clock()
    first, second, woken = Times(clock), Times(clock), []

    def wait():
        for cycle in (4, 20, None, 30):
            yield Sooner(cycle, (first, second))
            woken.append((clock.now, first.known(0), second.known(0)))
        yield 50
        woken.append(clock.now)

    def tell():
        yield 10
        first.set(0, 12)
        yield 15
        second.set(0, 16)

    clock.start(wait())
    clock.start(tell())
    clock.run()
    assert woken == [(4, None, None), (10, 12, None), (15, 12, 16), (30, 12, 16), 50]
