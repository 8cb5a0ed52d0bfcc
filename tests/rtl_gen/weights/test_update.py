"""The order of events at a layer's counters."""

import random
from itertools import pairwise

import pytest

from bephw.rtl_gen.weights.counter_memory import Operation
from bephw.rtl_gen.weights.update import UpdateUnit
from bephw.shape import LayerShape


class Setup:
    """An update unit whose reinforcement gives `samples[i][2]`, and whose counter memory may hesitate."""

    def __init__(self, bench, shape, samples, *, stall=0.0, refresh=0, holds=0.0, together=0.5, seed=0):
        self.dut = dut = UpdateUnit(shape)
        self.bench = b = bench(dut, seed)
        self.shape, self.samples, self.stall, self.together = shape, samples, stall, together
        self.done, self.rows, self.queue, self.started = [], [], [], 0
        self.log = []  # operations, in order
        self.taken, self.ended = 0, 0
        self.starting = [sample for sample in samples if sample[0] or sample[1]]
        self.winners = b.source(dut.winners, self._beats(), stall)
        self.refresh = b.source(dut.refresh, [self._row(b.random.randrange(shape.outputs)) for _ in range(refresh)])
        b.watch([dut.start, dut.reinforcing, dut.events.valid, dut.events.ready], self._reinforcement)
        operations = dut.operations
        b.watch([operations.valid, operations.ready, operations.payload, dut.row_done], self._record)
        b.set(operations.ready, 1)
        self.busy = [0, 0]
        b.watch([dut.busy_updating, dut.busy_reinforcing], self._count_busy)
        if holds:
            taken = dut.winners.valid & dut.winners.ready
            b.watch([dut.hold, taken, dut.idle], lambda *seen: self._hold(holds, *seen))

    def _row(self, output, desired=0, **others):
        row = {"group": output // self.shape.rows, "bank": output % self.shape.rows}
        return {"present": 1, "desired": desired, "row": row, **others}

    def _beats(self):
        for rows, learn, _ in self.samples:
            together = rows and self.bench.random.random() < self.together
            for number, (output, desired) in enumerate(rows):
                yield self._row(output, desired, learn=learn, end=bool(together and number == len(rows) - 1))
            if not together:
                yield {"end": 1, "learn": learn}

    def _reinforcement(self, start, reinforcing, valid, taken):
        """`reinforcing` from the cycle after `start`; the events some time later."""
        if start:
            assert not reinforcing
            events = self.starting[self.started][2]
            self.started += 1
            self.queue += [{"element": e, "last": e is events[-1]} for e in events]
        if valid and taken:
            self.queue.pop(0)
        shown = not start and self.queue and ((valid and not taken) or self.bench.random.random() >= self.stall)
        return [
            (self.dut.reinforcing, bool(start or self.queue)),
            (self.dut.events.valid, bool(shown)),
            (self.dut.events.payload, self.queue[0] if shown else {"last": self.bench.random.randrange(2)}),
        ]

    def _record(self, valid, ready, operation, row_done):
        if valid and ready:
            self.log.append(operation)
            if operation["end"]:
                self.done.append(self.bench.cycle)
        self.rows.append(row_done)
        return [(self.dut.operations.ready, self.bench.random.random() >= self.stall)]

    def _count_busy(self, *busy):
        self.busy = [count + now for count, now in zip(self.busy, busy, strict=True)]

    def _hold(self, probability, hold, taken, idle):
        assert not (hold and taken)
        if hold and not idle:
            return [(self.dut.hold, 1)]
        return [(self.dut.hold, self.bench.random.random() < probability)]

    def run(self):
        self.bench.run(lambda: len(self.done) == len(self.samples) and self.refresh.exhausted, rest=60)

    def take_row(self, log, kind):
        """Remove a row's operations from the log; returns its output and the desired bit, and whether it has an end."""
        shape, output = self.shape, log[0]["word"] // self.shape.row_chunks
        for chunk in range(shape.row_chunks):
            operation = log.pop(0)
            assert operation["kind"] is kind
            assert operation["word"] == output * shape.row_chunks + chunk
            assert operation["chunk"] == chunk % shape.chunks
            assert operation["column_word"] == chunk // shape.chunks
            assert operation["plane"] == output // shape.rows * shape.words + chunk // shape.chunks
            assert operation["bank"] == output % shape.rows
            assert not (operation["end"] and chunk < shape.row_chunks - 1)
        return (output, operation["desired"]), operation["end"]


def random_samples(generator, shape, count):
    for _ in range(count):
        outputs = sorted(generator.sample(range(shape.outputs), generator.randrange(shape.outputs + 1)))
        learn = generator.randrange(2)
        rows = [(output, generator.randrange(2)) for output in outputs] if learn else []
        events = [
            {"word": generator.randrange(shape.counter_words), "lane": generator.randrange(shape.update_columns)}
            for _ in range(generator.choice([0, 0, 1, 5]) if learn else 0)
        ]
        yield rows, learn, events


SHAPES = [(5, 4, 2, 4, 2), (1, 1, 1, 1, 1), (7, 5, 3, 3, 3), (6, 3, 1, 6, 1)]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("stall", [0.0, 0.4])
@pytest.mark.parametrize("refresh", [0, 15])
@pytest.mark.parametrize("holds", [0.0, 0.3])
def test_rows_then_reinforcement_then_the_next_sample(bench, size, stall, refresh, holds):
    shape = LayerShape(0, *size)
    samples = list(random_samples(random.Random(size[0]), shape, 25))
    setup = Setup(bench, shape, samples, stall=stall, refresh=refresh, holds=holds, seed=size[0])
    setup.run()
    log, refreshed = setup.log, 0

    def skip_refresh():
        """Whole rows, between the parts of a sample's updates."""
        count = 0
        while log and log[0]["kind"] is Operation.REFRESH:
            assert not setup.take_row(log, Operation.REFRESH)[1]
            count += 1
        return count

    for rows, _, events in samples:
        end = 0
        for row in rows:
            refreshed += skip_refresh()
            assert not end
            seen, end = setup.take_row(log, Operation.UPDATE)
            assert seen == row
        for event in events:
            refreshed += skip_refresh()
            assert not end
            operation = log.pop(0)
            assert operation["kind"] is Operation.REINFORCE
            assert {"word": operation["word"], "lane": operation["lane"]} == event
            end = operation["end"]
        if not end:
            refreshed += skip_refresh()
            operation = log.pop(0)
            assert (operation["kind"], operation["end"]) == (Operation.NOTHING, 1)
    refreshed += skip_refresh()
    assert not log
    assert refreshed == refresh
    assert sum(setup.rows) == sum(len(rows) for rows, _, _ in samples)
    assert setup.started == len(setup.starting)


@pytest.mark.parametrize("size", [*SHAPES, (1, 4, 1, 1, 1)])
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("events", [0, 2])
def test_a_cycle_a_word_and_a_cycle_an_event(bench, size, rows, events):
    shape = LayerShape(0, *size)
    samples = [([(0, 1)] * rows, 1, [{"word": 0, "lane": 0} for _ in range(events)])] * 12
    setup = Setup(bench, shape, samples, together=1.0)
    setup.run()
    # Events begin in the third cycle; where there are none, that is known in the third.
    cycles = max(rows * shape.row_chunks + events, 2 + max(events, 1))
    assert {later - earlier for earlier, later in pairwise(setup.done[1:])} == {cycles}
    assert setup.busy[0] == sum(setup.rows) * shape.row_chunks
    assert setup.busy[1] <= len(samples) * (events + 2)


def test_winners_come_before_refresh(bench):
    """A refresh that never ends cannot hold the samples up."""
    shape = LayerShape(0, 4, 3, 1, 4, 2)
    samples = [([(0, 1), (1, 0)], 1, [{"word": 0, "lane": 0}])] * 5
    setup = Setup(bench, shape, samples, refresh=100)
    setup.run()
    first_done = next(index for index, operation in enumerate(setup.log) if operation["end"])
    last_done = max(index for index, operation in enumerate(setup.log) if operation["end"])
    assert sum(operation["kind"] is Operation.REFRESH for operation in setup.log[first_done:last_done]) <= 10


def test_transfers_pass_during_a_hold(bench):
    dut = UpdateUnit(LayerShape(0, 5, 4, 2, 4, 2))
    b = bench(dut)
    operations = [{"kind": Operation.STORE, "word": word} for word in range(5)]
    source, sink = b.source(dut.transfers, operations, 0.3), b.sink(dut.operations, 0.3)
    b.set(dut.hold, 1)
    b.run(lambda: source.exhausted, rest=5)
    assert [(beat["kind"], beat["word"]) for beat in sink.beats] == [(Operation.STORE, word) for word in range(5)]
