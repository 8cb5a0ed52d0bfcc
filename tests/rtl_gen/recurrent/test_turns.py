"""Whose turn it is: no step without its state, none out of order, and no idle cycle where another could go."""

from itertools import pairwise

import pytest

from bephw.rtl_gen.recurrent.turns import Turns


class Setup:
    """Samples whose steps arrive one by one, an array that takes `work` (2 or more) cycles a step, and states that
    come `latency` cycles after the step that leaves them; arrivals pause with probability `pause` a cycle, and after
    `arrivals` of them, if given, there are no more."""

    def __init__(
        self,
        bench,
        *,
        most=4,
        steps=None,
        slots=4,
        together=3,
        work=3,
        latency=8,
        pause=0.0,
        samples=12,
        arrivals=None,
    ):
        self.dut = dut = Turns(most, slots, together)
        self.bench = b = bench(dut, seed=most + together)
        self.steps, self.slots, self.together = steps or most, slots, together
        self.work, self.latency, self.pause, self.samples = work, latency, pause, samples
        self.arrivals = self.steps * samples if arrivals is None else arrivals
        self.arrived = [0] * samples  # steps
        self.ended = [0] * samples
        self.states = {}  # cycle in which a state comes, and whose
        self.known = [0] * samples  # states
        self.under_way = None  # sample, step, cycles left
        self.began, self.starts = [], []
        b.set(dut.steps, self.steps)
        b.watch([dut.available, dut.slot, dut.step, dut.last], self._act)

    def _act(self, available, slot, step, last):
        dut, cycle, changes = self.dut, self.bench.cycle, []
        for name in ("arrived", "arrived_last", "state_written"):
            changes.append((getattr(dut, name), 0))
        if self.under_way is not None:
            sample, step, left = self.under_way
            self.under_way = (sample, step, left - 1)
            if left == 1:
                self.under_way = None
                self.ended[sample] += 1
                if step < self.steps - 1:
                    self.states[cycle + self.latency] = sample
        elif available:
            sample = self._sample_in(slot, step)
            self._check(sample, step, last)
            self.under_way = (sample, step, self.work - 1)
            self.starts.append((cycle, sample, step))
        changes.append((dut.done, self.under_way is not None and self.under_way[2] == 1))
        if cycle in self.states:
            self.known[self.states[cycle]] += 1
            changes.append((dut.state_written, 1))
        return [*changes, *self._arrive()]

    def _arrive(self):
        """A step of the sample that comes in, where a slot is free."""
        whole = sum(count == self.steps for count in self.arrived)
        free = sum(count == self.steps for count in self.ended) + self.slots
        if sum(self.arrived) == self.arrivals or whole >= free or self.bench.random.random() < self.pause:
            return []
        self.arrived[whole] += 1
        return [(self.dut.arrived, 1), (self.dut.arrived_last, self.arrived[whole] == self.steps)]

    def _sample_in(self, slot, step):
        """A step belongs to the sample that began last in its slot, or begins one."""
        if step == 0:
            self.began.append(slot)
            return len(self.began) - 1
        return max(sample for sample, taken in enumerate(self.began) if taken == slot)

    def _check(self, sample, step, last):
        assert self.began[sample] == sample % self.slots, "slots are taken in turn"
        assert step == self.ended[sample], "every step once, in order"
        assert last == (step == self.steps - 1)
        assert self.arrived[sample] > step, "a step without its inputs"
        assert self.known[sample] >= step, "a step without its state"
        if step == 0:
            going = sum(0 < count < self.steps for count in self.ended)
            assert going < self.together, "more samples than take turns"

    def run(self):
        self.bench.run(lambda: min(self.ended) == self.steps)
        ends = [max(cycle for cycle, sample, _ in self.starts if sample == which) for which in range(self.samples)]
        assert ends == sorted(ends), "none overtakes another"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"pause": 0.8},
        {"most": 1, "together": 2, "latency": 3},
        {"most": 5, "steps": 2, "together": 4, "work": 2, "pause": 0.4},
        {"together": 1, "slots": 1},
        {"most": 3, "slots": 2, "together": 2, "work": 6, "latency": 1},
        {"most": 6, "slots": 7, "together": 5, "work": 2, "latency": 19},
    ],
    ids=str,
)
def test_every_step_in_its_turn(bench, options):
    Setup(bench, **options).run()


@pytest.mark.parametrize(("work", "latency", "together"), [(3, 5, 3), (8, 7, 2), (2, 8, 6)])
def test_nothing_is_idle_where_others_are_ready(bench, work, latency, together):
    """So many samples take turns that a state is there when its turn comes: then steps follow one another at once."""
    setup = Setup(bench, slots=together + 2, together=together, work=work, latency=latency, samples=4 * together)
    setup.run()
    cycles = [cycle for cycle, *_ in setup.starts]
    first = next(at for at, (_, sample, _) in enumerate(setup.starts) if sample == together - 1)
    last = next(at for at, (_, sample, _) in enumerate(setup.starts) if sample == setup.samples - together)
    assert {after - before for before, after in pairwise(cycles[first:last])} == {work}


def test_one_sample_goes_on_by_itself(bench):
    """It waits for its states, and for its turn: a cycle for each place that is empty."""
    setup = Setup(bench, together=3, work=2, latency=9, samples=1)
    setup.run()
    cycles = [cycle for cycle, *_ in setup.starts]
    assert [step for *_, step in setup.starts] == [0, 1, 2, 3]
    for before, after in pairwise(cycles):
        assert 2 + 9 <= after - before <= 2 + 9 + 3 + 1


@pytest.mark.parametrize("begun", [1, 2, 3])
@pytest.mark.parametrize("complete", [1, 2, 5])
def test_nobody_waits_for_a_sample_that_is_coming_in(bench, complete, begun):
    """Those before it end, however long the rest of it takes; and it has gone as far as it has come."""
    setup = Setup(bench, samples=complete + 1, arrivals=4 * complete + begun)
    setup.bench.run(lambda: setup.ended == [4] * complete + [begun], limit=2_000)
