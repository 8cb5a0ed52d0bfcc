"""Who passes together."""

import pytest

from bephw.plan.gathering import gather, meet
from bephw.plan.processes import Clock, Times


@pytest.mark.parametrize(
    ("there", "rooms", "stop", "expected"),
    [
        ((5, 5, 6, 6), (0, 0, 0, 0), 4, (5, 2)),  # who comes later waits for the next pass
        ((5, 5, 5, 5), (0, 0, 0, 0), 3, (5, 3)),
        ((5, 6, 9, 9), (8, 0, 0, 0), 4, (8, 2)),  # while the first waits for room others come
        ((5, 6, 9, 9), (6, 10, 0, 0), 4, (10, 4)),  # and those have to have room, too
        ((5, 6, 9, 9), (5, 99, 0, 0), 4, (5, 1)),
    ],
)
def test_those_who_are_there_pass_as_soon_as_all_have_room(there, rooms, stop, expected):
    clock = Clock()
    room, passed = Times(clock), []

    def give_room():
        # It is known just before, in the order of the cycles.
        for number, cycle in sorted(enumerate(rooms), key=lambda entry: entry[1]):
            yield cycle - 1
            room.set(number, cycle)

    def follow():
        passed.append((yield from gather(0, stop, there[0], there.__getitem__, room.of)))

    for process in (follow(), give_room()):
        clock.start(process)
    clock.run()
    begin, count = expected
    assert passed == [(begin, range(count))]


@pytest.mark.parametrize(
    ("there", "rooms", "free", "expected"),
    [
        ((7, 5, 6), (0, 0, 0), 0, (5, [1])),  # nobody waits for the first
        ((7, 5, 6), (0, 0, 0), 6, (6, [1, 2])),
        ((7, 5, 5), (0, 0, 9), 0, (9, [0, 1, 2])),  # while one waits for room another comes
        ((None, 5, 8), (0, 0, 0), 7, (7, [1])),  # one that never comes
        ((9, None, None), (0, 0, 0), 0, (9, [0])),
    ],
)
def test_channels_pass_in_any_order(there, rooms, free, expected):
    clock = Clock()
    coming, room, passed = Times(clock), Times(clock), []

    def come():
        # Each is known just before, in the order of the cycles.
        events = [(cycle, coming, number) for number, cycle in enumerate(there) if cycle is not None]
        events += [(cycle, room, number) for number, cycle in enumerate(rooms)]
        for cycle, times, number in sorted(events, key=lambda event: event[0]):
            yield cycle - 1
            times.set(number, cycle)

    def known():
        return [coming.known(number) for number in range(len(there))]

    def follow():
        passed.append((yield from meet(clock, free, known, room.of, (coming,))))

    for process in (follow(), come()):
        clock.start(process)
    clock.run()
    assert passed == [expected]
