"""Samples that change channels: each whole, in order, by the channels that their numbers say."""

import pytest

from bephw.rtl_gen.samples.spread import Spread


@pytest.mark.parametrize(
    ("sources", "targets"), [(1, 1), (1, 3), (2, 2), (2, 4), (1, 16), (3, 1), (4, 2), (6, 2), (16, 1)]
)
@pytest.mark.parametrize(("stall", "wait"), [(0.0, 0.0), (0.6, 0.0), (0.0, 0.6), (0.4, 0.4)])
def test_every_sample_by_its_channels(bench, clocked, sources, targets, stall, wait):
    dut = Spread(8, sources, targets, lambda beat: beat[7])
    b = bench(dut if sources != targets else clocked(dut), seed=sources + targets)
    samples = [[number * 3 % 128 for _ in range(b.random.randrange(1, 5))] for number in range(48)]
    beats = [[*sample[:-1], sample[-1] | 128] for sample in samples]

    def through(channel, channels):
        return [beat for sample in beats[channel::channels] for beat in sample]

    for channel, source in enumerate(dut.source):
        b.source(source, through(channel, sources), stall)
    sinks = [b.sink(target, wait) for target in dut.target]
    b.run(lambda: sum(len(sink.beats) for sink in sinks) == sum(map(len, beats)), rest=10)
    assert [sink.beats for sink in sinks] == [through(channel, targets) for channel in range(targets)]


@pytest.mark.parametrize(("sources", "targets"), [(1, 3), (4, 2)])
def test_no_cycle_is_lost(bench, sources, targets):
    dut = Spread(8, sources, targets, lambda beat: beat[7])
    b = bench(dut)
    for source in dut.source:
        b.source(source, [1, 129] * 12)
    sinks = [b.sink(target) for target in dut.target]
    b.run(lambda: sum(len(sink.beats) for sink in sinks) == 24 * sources)
    if sources < targets:
        cycles = sorted(cycle for sink in sinks for cycle in sink.cycles)
        assert cycles == list(range(cycles[0], cycles[0] + 24))
    else:
        assert all(sink.cycles == list(range(sink.cycles[0], sink.cycles[0] + 48)) for sink in sinks)
