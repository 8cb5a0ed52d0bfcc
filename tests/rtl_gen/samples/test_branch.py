"""Samples for two receivers at once."""

import pytest

from bephw.rtl_gen.parts.layouts import chunk_layout
from bephw.rtl_gen.samples.branch import Branch

TAG = {"label": 0, "learn": 1}


@pytest.mark.parametrize("stalls", [(0.0, 0.0), (0.9, 0.0), (0.3, 0.8)])
def test_both_receive_every_beat_in_the_same_cycle(bench, clocked, stalls):
    dut = Branch(chunk_layout(4, 3))
    b = bench(clocked(dut), seed=1)
    samples = [[{"data": 3 * n + at & 15, "last": at == 2, "tag": TAG} for at in range(3)] for n in range(20)]
    # Receivers first: what they say of their room passes through without a register.
    sinks = [
        b.flow_sink(branch, stall=stall) for branch, stall in zip((dut.branch_0, dut.branch_1), stalls, strict=True)
    ]
    b.flow_source(dut.chunks, samples, pause=0.3)
    b.run(lambda: sinks[0].complete == len(samples))
    first, second = sinks
    assert first.beats == second.beats == [beat for sample in samples for beat in sample]
    assert (first.starts, first.cycles) == (second.starts, second.cycles)


def test_no_room_where_one_has_none(bench, clocked):
    dut = Branch(chunk_layout(4, 3))
    b = bench(clocked(dut))
    b.flow_sink(dut.branch_0)
    b.flow_sink(dut.branch_1, room=lambda sink: False)
    source = b.flow_source(dut.chunks, [[{"data": 1, "last": 1, "tag": TAG}]])
    b.run(50)
    assert source.starts == []
