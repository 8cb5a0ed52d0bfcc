"""The order of events at a layer's counters."""

import random
from itertools import pairwise

import pytest

from bephw.rtl_gen.compact.counter_memory import Operation
from bephw.rtl_gen.compact.update import UpdateUnit
from bephw.shape import LayerShape


class Setup:
    """An update unit whose reinforcement gives `samples[i].events` and whose counter memory may hesitate."""

    def __init__(self, bench, shape, samples, *, stall=0.0, refresh=0, transfers=0, early_transfers=False, seed=0):
        self.dut = dut = UpdateUnit(shape, 4)
        self.bench = b = bench(dut, seed)
        self.shape, self.samples, self.stall = shape, samples, stall
        self.done, self.rows_done, self.pending, self.settled = [], [], [], True
        self.log = []  # operations and ends of samples, in order
        self.winners = b.source(dut.winners, self._winner_beats(), stall)
        self.refresh = b.source(dut.refresh, [self._row(b.random.randrange(shape.outputs)) for _ in range(refresh)])
        # The trainer's contract: transfers only while no sample is in flight.
        when = (lambda: True) if early_transfers else (lambda: len(self.done) == len(self.samples))
        self.transfers = b.source(dut.transfers, map(self._transfer, range(transfers)), 0.5, when=when)
        self.sink = b.sink(dut.operations, stall)
        b.watch([dut.reinforce, dut.events.valid, dut.events.ready], self._reinforcement)
        operations = dut.operations
        b.watch([operations.valid, operations.ready, operations.payload, dut.sample_done, dut.row_done], self._record)
        b.set(dut.settled, 1)

    def _row(self, output, desired=0):
        return {"desired": desired, "row": {"group": output // self.shape.rows, "bank": output % self.shape.rows}}

    def _transfer(self, number):
        return {"kind": Operation.LOAD, "word": number % self.shape.counter_words, "lane": 0, "value": number % 16}

    def _winner_beats(self):
        for rows, learn, _ in self.samples:
            yield from (self._row(output, desired) for output, desired in rows)
            yield {"end": 1, "learn": learn}

    def _reinforcement(self, start, valid, ready):
        """`reinforcing` from the cycle after `reinforce` until the last event has been taken."""
        if start:
            self.pending = list(self.samples[len(self.done)][2])
        if valid and ready:
            self.pending.pop(0)
        shown = self.pending and ((valid and not ready) or self.bench.random.random() >= self.stall)
        payload = self.pending[0] if self.pending else {"word": 0, "lane": 0}
        return [
            (self.dut.reinforcing, bool(self.pending)),
            (self.dut.events.valid, bool(shown)),
            (self.dut.events.payload, payload),
        ]

    def _record(self, valid, ready, operation, sample_done, row_done):
        taken = valid and ready
        if taken:
            self.log.append(operation)
        if row_done:
            self.rows_done.append(self.bench.cycle)
        if sample_done:
            # An operation on its way may still need the sample's inputs, unless it is a reinforcement.
            assert self.settled or self.log[-1]["kind"] is Operation.REINFORCE
            self.done.append(self.bench.cycle)
            self.log.append("done")
        # The counter memory holds an operation for a while before it is issued.
        self.settled = not taken and (self.settled or self.bench.random.random() >= self.stall)
        return [(self.dut.settled, self.settled)]

    def run(self, refreshes=True):
        rest = 3 * self.shape.row_chunks * 4

        def finished():
            others = not refreshes or (self.refresh.exhausted and self.transfers.exhausted)
            return others and len(self.done) == len(self.samples)

        self.bench.run(finished, rest=rest)

    def take_row(self, log, kind):
        """Remove a row's operations from the log; returns its output and the desired bit."""
        shape, output = self.shape, log[0]["word"] // self.shape.row_chunks
        for chunk in range(shape.row_chunks):
            operation = log.pop(0)
            assert operation["kind"] is kind
            assert operation["word"] == output * shape.row_chunks + chunk
            assert operation["chunk"] == chunk % shape.chunks
            assert operation["column_word"] == chunk // shape.chunks
            assert operation["plane"] == output // shape.rows * shape.words + chunk // shape.chunks
            assert operation["bank"] == output % shape.rows
        return output, operation["desired"]


def random_samples(generator, shape, count):
    for _ in range(count):
        outputs = sorted(generator.sample(range(shape.outputs), generator.randrange(shape.outputs + 1)))
        rows = [(output, generator.randrange(2)) for output in outputs]
        learn = generator.randrange(2)
        events = [
            {"word": generator.randrange(shape.counter_words), "lane": generator.randrange(shape.update_columns)}
            for _ in range(generator.choice([0, 0, 1, 5]) if learn else 0)
        ]
        yield rows, learn, events


SHAPES = [(5, 4, 2, 4, 2), (1, 1, 1, 1, 1), (7, 5, 3, 3, 3), (6, 3, 1, 6, 1)]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("stall", [0.0, 0.4])
@pytest.mark.parametrize("extras", [0, 15])
def test_rows_then_reinforcement_then_the_next_sample(bench, size, stall, extras):
    inputs, outputs, rows, columns, update = size
    shape = LayerShape(0, inputs, outputs, rows, columns, update)
    samples = list(random_samples(random.Random(inputs), shape, 15))
    setup = Setup(bench, shape, samples, stall=stall, refresh=extras, transfers=extras, seed=inputs)
    setup.run()
    log = setup.log
    others = {"refresh": 0, "transfer": 0}

    def skip_others():
        """Refresh rows, whole, and single transfers may come between the parts of a sample's updates."""
        while log and log[0] != "done" and log[0]["kind"] in (Operation.REFRESH, Operation.LOAD):
            if log[0]["kind"] is Operation.REFRESH:
                setup.take_row(log, Operation.REFRESH)
                others["refresh"] += 1
            else:
                assert log.pop(0)["value"] == others["transfer"] % 16
                others["transfer"] += 1

    for expected_rows, _, events in samples:
        for row in expected_rows:
            skip_others()
            assert setup.take_row(log, Operation.UPDATE) == row
        skip_others()
        for event in events:
            operation = log.pop(0)
            assert operation["kind"] is Operation.REINFORCE
            assert {"word": operation["word"], "lane": operation["lane"]} == event
        assert log.pop(0) == "done"
    skip_others()
    assert not log
    assert others == {"refresh": extras, "transfer": extras}
    assert len(setup.rows_done) == sum(len(expected_rows) for expected_rows, _, _ in samples)


@pytest.mark.parametrize("size", SHAPES)
def test_an_update_takes_a_cycle_a_word_and_one_more(bench, size):
    inputs, outputs, rows, columns, update = size
    shape = LayerShape(0, inputs, outputs, rows, columns, update)
    setup = Setup(bench, shape, [([(0, 1)] * 5, 0, [])])
    busy = [0]
    setup.bench.watch([setup.dut.busy_updating], lambda value: busy.__setitem__(0, busy[0] + value))
    setup.run()
    periods = {later - earlier for earlier, later in pairwise(setup.rows_done)}
    assert periods == {shape.row_chunks + 1}
    assert busy[0] == 5 * shape.row_chunks


def test_winners_come_before_transfers_and_refresh(bench):
    """A refresh that never ends cannot hold the samples up, nor could transfers."""
    shape = LayerShape(0, 4, 3, 1, 4, 2)
    samples = [([(0, 1), (1, 0)], 1, [{"word": 0, "lane": 0}])] * 5
    setup = Setup(bench, shape, samples, refresh=100, transfers=100, early_transfers=True)
    setup.run(refreshes=False)
    assert len(setup.done) == 5
