"""bephw.boards.store.sdram.crossing with controller and chip: two clocks, neither a multiple of the other."""

import dataclasses
import random

import pytest
from amaranth.hdl import ClockDomain, DomainRenamer, Elaboratable, Module
from amaranth.lib.wiring import connect

from bephw.boards.bitstream.memories import Memory, rams
from bephw.boards.store.sdram.controller import words_under_way
from bephw.boards.store.sdram.crossing import READ_WORDS, MemoryCrossing
from bephw.boards.store.sdram.timing import sdram_timing
from bephw.settings import Sdram
from tests.boards.store.sdram.chip import Chip
from tests.boards.store.sdram.test_controller import POWER_UP, WithPads
from tests.rtl_gen.conftest import Bench

CHIP = Sdram(refresh_us=2)
CLOCK = 133.33


class Crossed(Elaboratable):
    """The memory of a board without its pads' cells and its PLL."""

    def __init__(self, run):
        self.timing = dataclasses.replace(sdram_timing(CHIP, CLOCK), power_up=POWER_UP)
        self.inner = WithPads(self.timing, run)
        depth = (1 << self.timing.address_bits) // 2
        self.crossing = MemoryCrossing(32, depth, words_under_way(self.timing, 1))

    def elaborate(self, platform):
        m = Module()
        m.domains += [ClockDomain("sync"), ClockDomain("sdram")]
        m.submodules.crossing, m.submodules.inner = self.crossing, DomainRenamer("sdram")(self.inner)
        controller = self.inner.controller
        connect(m, self.crossing.inner, controller.port)
        m.d.comb += controller.room.eq(self.crossing.room)
        return m


@pytest.mark.parametrize("trainer_mhz", [31.0, pytest.param(87.0, marks=pytest.mark.slow)])
@pytest.mark.parametrize("stall", [0.0, 0.7])
def test_what_was_written_is_read(trainer_mhz, stall):
    """With a reader that is in no hurry, too: nothing that the chip has been asked for is lost."""
    run, rng = 25, random.Random(2)
    board = Crossed(run)
    bench = Bench(board, period=1e-6 / trainer_mhz)
    bench._simulator.add_clock(1e-6 / CLOCK, domain="sdram")
    chip = Chip(CHIP, board.inner.controller.pins, board.inner.data, 1000 / CLOCK, POWER_UP * 1000 / CLOCK, "sdram")
    chip.attach(bench)
    port, records = board.crossing.port, rng.sample(range(1000), 4)
    content = {record: [rng.getrandbits(32) for _ in range(run)] for record in records}
    order = records + rng.choices(records, k=2 * READ_WORDS // run)
    asked = [{"address": run * record, "write": index < len(records)} for index, record in enumerate(order)]
    bench.source(port.requests, asked)
    bench.source(port.written, [word for record in records for word in content[record]])
    sink = bench.sink(port.read, stall)
    expected = [word for record in order[len(records) :] for word in content[record]]
    bench.run(lambda: len(sink.beats) == len(expected))
    assert sink.beats == expected
    chip.check_refreshes(board.timing.refresh / CLOCK)


def test_its_queues_take_no_block_ram():
    """Large trainers leave none. (How Yosys builds such memories: tests/boards/bitstream/test_memories.py.)"""
    for depth in (2**23, 2**24):
        forms = MemoryCrossing.queues(32, depth)
        assert {rams(Memory.of(name, form), "ecp5").kind for name, form in forms.items()} == {"lut"}
