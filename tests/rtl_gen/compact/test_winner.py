"""Group winners, and the list of open rows, against a loop over the outputs."""

from itertools import pairwise

import pytest

from bephw.rtl_gen.compact.winner import WinnerSearch
from bephw.shape import LayerShape


def winners_of(outcomes, desired, gamma):
    """Section 4: in each group the output with a* z < 0 whose |z| is smallest, the lowest index among equals."""
    chosen = []
    for start in range(0, len(outcomes), gamma):
        best = None
        for j in range(start, start + gamma):
            magnitude = outcomes[j]["magnitude"]
            wrong = magnitude > 0 and outcomes[j]["active"] != desired[j]
            if wrong and (best is None or magnitude < outcomes[best]["magnitude"]):
                best = j
        if best is not None:
            chosen.append(best)
    return chosen


class Setup:
    """Samples with random outcomes; `magnitudes` is the choice of |z|."""

    def __init__(self, bench, shape, gamma, *, samples, magnitudes, pause=0.0, teach=0.8, list_stall=0.0, seed=0):
        self.dut = dut = WinnerSearch(shape, gamma)
        self.bench = b = bench(dut, seed)
        self.shape, self.gamma = shape, gamma
        self.samples = [self._sample(b.random, magnitudes, teach) for _ in range(samples)]
        records = [
            [
                [self._outcome(outcomes, group * shape.rows + row) for row in range(shape.rows)]
                for group in range(shape.groups)
            ]
            for outcomes, *_ in self.samples
        ]
        b.memory(dut.outcomes, records)
        self.consumed, self.opened, self.starts = [], [[]], []
        self.pause, self.list_stall = pause, list_stall
        self.valid, self.position, self.free = False, 0, True
        b.watch([dut.shift, dut.consumed, dut.list_free], self._drive)
        b.watch([dut.open_push, dut.open_row, dut.open_desired, dut.consumed], self._record)

    def _sample(self, generator, magnitudes, teach):
        outputs = range(self.shape.outputs)
        outcomes = []
        for _ in outputs:
            magnitude = generator.choice(magnitudes)
            active = 1 if magnitude == 0 else generator.randrange(2)
            outcomes.append({"active": active, "open": generator.randrange(2), "magnitude": magnitude})
        desired = [generator.randrange(2) for _ in outputs]
        return outcomes, desired, int(generator.random() < teach), generator.randrange(2)

    def _outcome(self, outcomes, output):
        garbage = {"active": 0, "open": 1, "magnitude": 1}
        return outcomes[output] if output < len(outcomes) else garbage

    def _drive(self, shift, consumed, _):
        dut, b = self.dut, self.bench
        self.position += shift
        if consumed:
            self.consumed.append(b.cycle)
            self.valid = False
        elif not self.valid and len(self.consumed) < len(self.samples) and b.random.random() >= self.pause:
            self.valid, self.position = True, 0
            self.starts.append(b.cycle + 1)
        _, desired, teach, learn = self.samples[min(len(self.consumed), len(self.samples) - 1)]
        bit = desired[self.position] if self.position < len(desired) else b.random.randrange(2)
        return [
            (dut.lesson_valid, self.valid),
            (dut.lesson_teach, teach),
            (dut.lesson_learn, learn),
            (dut.desired, bit),
            (dut.list_free, b.random.random() >= self.list_stall),
        ]

    def _record(self, push, row, desired, consumed):
        if push:
            self.opened[-1].append((row["group"] * self.shape.rows + row["bank"], desired))
        if consumed:
            self.opened.append([])

    def run(self, stall=0.0):
        sink = self.bench.sink(self.dut.winners, stall)
        self.bench.run(lambda: sum(beat["end"] for beat in sink.beats) == len(self.samples), rest=5)
        assert len(self.consumed) == len(self.samples)
        return sink

    def check(self, beats):
        beats = iter(beats)
        for number, (outcomes, desired, teach, learn) in enumerate(self.samples):
            for winner in winners_of(outcomes, desired, self.gamma) if teach else []:
                beat = next(beats)
                assert not beat["end"]
                assert beat["row"] == {"group": winner // self.shape.rows, "bank": winner % self.shape.rows}
                assert beat["desired"] == desired[winner]
            beat = next(beats)
            assert beat["end"]
            assert beat["learn"] == learn
            opened = [(j, desired[j]) for j, outcome in enumerate(outcomes) if outcome["open"]] if teach else []
            assert self.opened[number] == opened
        assert next(beats, None) is None


@pytest.mark.parametrize(
    ("outputs", "rows", "gammas"),
    [(12, 1, (1, 3, 12)), (12, 4, (2, 6, 4)), (10, 3, (1, 5, 10)), (6, 6, (6, 1)), (1, 1, (1,))],
)
@pytest.mark.parametrize(("pause", "stall", "list_stall"), [(0.0, 0.0, 0.0), (0.6, 0.0, 0.5), (0.2, 0.6, 0.2)])
def test_winners_and_open_rows(bench, outputs, rows, gammas, pause, stall, list_stall):
    shape = LayerShape(0, 7, outputs, rows, 4, 1)
    for gamma in gammas:
        setup = Setup(
            bench, shape, gamma, samples=10, magnitudes=range(8), pause=pause, list_stall=list_stall, seed=gamma
        )
        setup.check(setup.run(stall).beats)


@pytest.mark.parametrize("magnitudes", [[3], [0], [0, 2], [5, 7]])
def test_ties_and_zeros(bench, magnitudes):
    """Equal |z| everywhere; z = 0 everywhere, when nothing wins; and mixtures."""
    shape = LayerShape(0, 7, 12, 2, 4, 1)
    setup = Setup(bench, shape, 4, samples=12, magnitudes=magnitudes, teach=1.0)
    beats = setup.run().beats
    setup.check(beats)
    if magnitudes == [0]:
        assert all(beat["end"] for beat in beats)


def test_a_sample_waits_for_a_free_list(bench):
    shape = LayerShape(0, 7, 4, 2, 4, 1)
    dut = WinnerSearch(shape, 2)
    b = bench(dut)
    for signal in (dut.lesson_valid, dut.lesson_teach):
        b.set(signal, 1)
    b.watch([dut.busy, dut.consumed, dut.winners.valid], lambda *values: pytest.fail() if any(values) else None)
    b.run(30)


@pytest.mark.parametrize("outputs", [1, 6, 15])
@pytest.mark.parametrize("teach", [0.0, 1.0])
def test_latency_and_throughput(bench, outputs, teach):
    """From `lesson_valid`: 4 cycles, then an output a cycle; the end beat comes 2 cycles after the last."""
    shape = LayerShape(0, 7, outputs, 1, 4, 1)
    setup = Setup(bench, shape, 1, samples=6, magnitudes=[2], teach=teach, seed=3)
    sink = setup.run()
    setup.check(sink.beats)
    sample, ends = 0, []
    for beat, cycle in zip(sink.beats, sink.cycles, strict=True):
        if beat["end"]:
            ends.append(cycle - setup.starts[sample])
            sample += 1
        else:
            assert cycle == setup.starts[sample] + 4 + beat["row"]["group"]
    assert ends == [5 + outputs if teach else 2] * 6
    periods = {later - earlier for earlier, later in pairwise(setup.consumed)}
    assert periods == {outputs + 6 if teach else 3}
