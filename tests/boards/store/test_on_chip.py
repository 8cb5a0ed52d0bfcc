"""bephw.boards.store.on_chip: what was written is read, run by run."""

import random
from types import SimpleNamespace

import pytest
from amaranth.hdl import Fragment

from bephw.boards.store.on_chip import OnChipMemory

RUN, RUNS, WIDTH = 3, 10, 16


@pytest.mark.parametrize("family", ["ice40", "ecp5"])
@pytest.mark.parametrize("single_port", [False, True])
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_runs(bench, family, single_port, stall):
    rng = random.Random(1)
    dut = OnChipMemory(WIDTH, RUN * RUNS, RUN, single_port=single_port)
    test = bench(Fragment.get(dut, SimpleNamespace(family=family)))
    order = rng.sample(range(RUNS), RUNS)
    content = [[rng.getrandbits(WIDTH) for _ in range(RUN)] for _ in range(RUNS)]
    reads = rng.choices(range(RUNS), k=30)
    test.source(
        dut.port.requests,
        [{"address": RUN * run, "write": 1} for run in order] + [{"address": RUN * run, "write": 0} for run in reads],
        stall,
    )
    test.source(dut.port.written, [word for run in order for word in content[run]], stall)
    sink = test.sink(dut.port.read, stall)
    test.run(lambda: len(sink.beats) == RUN * len(reads))
    assert sink.beats == [word for run in reads for word in content[run]]
    if not stall:
        assert sink.cycles[-1] - sink.cycles[0] == RUN * len(reads) - 1
