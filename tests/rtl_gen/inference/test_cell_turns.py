"""Whose step is next: every step once, in order, no sooner than it can begin; samples end in their order."""

import pytest

from bephw.rtl_gen.inference.cell_turns import CellTurns


@pytest.mark.parametrize(("slots", "steps", "busy", "way"), [(2, 1, 2, 0), (2, 4, 3, 1), (3, 5, 2, 5), (4, 3, 4, 9)])
@pytest.mark.parametrize("chance", [1.0, 0.3])
def test_every_step_has_its_turn(bench, slots, steps, busy, way, chance):
    """Steps take `busy` cycles, their states `way` more to return. Arrivals and room are random."""
    dut = CellTurns(slots, steps)
    b = bench(dut, seed=10 * slots + steps)
    lengths = [b.random.randint(1, steps) for _ in range(25)]
    arrivals = [(sample, step) for sample, length in enumerate(lengths) for step in range(length)]
    arrived, taken, returns, ended, left = [], [], [], [], [0]
    room = [1]

    def act(valid, slot, fresh, odd, last, begins_last):
        sets = [(dut.arrived, 0), (dut.returned, 0)]
        if left[0]:
            left[0] -= 1
        elif valid:
            sample = next(s for s in range(len(ended), len(lengths)) if s % slots == slot)
            step = sum(one == sample for one, _ in taken)
            taken.append((sample, step))
            assert (sample, step) in arrived
            assert (fresh, odd, last) == (step == 0, step % 2, step == lengths[sample] - 1)
            assert not step or sample not in [one for one, _ in returns], "its state is not back"
            left[0] = busy - 1
            if last:
                ended.append(sample)
            else:
                returns.append((sample, b.cycle + busy - 1 + way))
        if begins_last:
            assert room[0]
        room[0] = b.random.random() < chance
        free = not left[0]
        if arrivals and arrivals[0][0] < len(ended) + slots and b.random.random() < chance:
            sample, step = arrivals.pop(0)
            arrived.append((sample, step))
            sets += [(dut.arrived, 1), (dut.final, step == lengths[sample] - 1)]
        for sample, cycle in returns[:1]:
            if cycle <= b.cycle:
                returns.pop(0)
                sets += [(dut.returned, 1), (dut.returned_slot, sample % slots)]
        return [*sets, (dut.room, room[0]), (dut.free, free)]

    b.set(dut.free, 1)
    b.watch([dut.valid, dut.slot, dut.fresh, dut.odd, dut.last, dut.begins_last], act)
    b.run(lambda: len(ended) == len(lengths), limit=5_000)
    assert ended == list(range(len(lengths)))
    assert len(taken) == sum(lengths)
