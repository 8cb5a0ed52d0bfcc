"""bephw.boards.store.sdram.controller, with a chip that checks its data sheet and moves its data when real ones do."""

import dataclasses
import random

import pytest
from amaranth.hdl import ClockDomain, ClockSignal, Elaboratable, Module, Signal
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.boards.store.sdram.controller import SdramController, words_under_way
from bephw.boards.store.sdram.pins import Command
from bephw.boards.store.sdram.timing import sdram_timing
from bephw.settings import Sdram
from tests.boards.store.sdram.chip import Chip
from tests.rtl_gen.conftest import Bench

CHIP = Sdram(refresh_us=2)
POWER_UP = 60


class WithPads(Elaboratable):
    """A controller, and the input registers of its data pads, which are those of ECP5 (IDDRX1F)."""

    def __init__(self, timing, run):
        self.controller, self.data = SdramController(timing, run), Signal(16)

    def elaborate(self, platform):
        m = Module()
        m.domains.falling = ClockDomain(clk_edge="neg", reset_less=True)
        m.submodules.controller = controller = self.controller
        first, second = Signal(16), Signal(16)
        m.d.comb += ClockSignal("falling").eq(ClockSignal())
        m.d.falling += second.eq(self.data)
        m.d.sync += [first.eq(self.data), controller.pins.rising.eq(first), controller.pins.falling.eq(second)]
        return m


def simulate(chip_settings, clock_mhz, run, requests, seed, stall=0.0, room=1.0):
    """Write or read runs at addresses, in that order; check what is read. Returns the chip, when words came, the
    timing."""
    period = 1000 / clock_mhz
    timing = dataclasses.replace(sdram_timing(chip_settings, clock_mhz), power_up=POWER_UP)
    rng = random.Random(seed)
    board = WithPads(timing, run)
    dut, bench = board.controller, Bench(board, seed, period=period * 1e-9)
    chip = Chip(chip_settings, dut.pins, board.data, period, power_up_ns=POWER_UP * period)
    chip.attach(bench)
    content, written, expected = {}, [], []
    for address, write in requests:
        for at in range(address, address + run):
            if write:
                content[at] = rng.getrandbits(32)
                written.append(content[at])
            else:
                expected.append(content.get(at, 0xDEADDEAD))
    source = bench.source(
        dut.port.requests, [{"address": address, "write": write} for address, write in requests], stall
    )
    words = bench.source(dut.port.written, written, stall)
    came, cycles = [], []

    def take(valid, word):
        if valid:
            came.append(word)
            cycles.append(bench.cycle)

    bench.watch([dut.port.read.valid, dut.port.read.payload], take)

    async def give_room(ctx):
        while True:
            ctx.set(dut.room, rng.random() < room)
            await bench.wait(ctx, 1 if room == 1 else rng.randrange(1, 30))

    bench.process(give_room)
    done = lambda: source.exhausted and words.exhausted and len(came) == len(expected)  # noqa: E731
    bench.run(done, limit=60_000, rest=8 * timing.refresh)
    assert came == expected
    return chip, cycles, timing


@pytest.mark.parametrize("clock_mhz", [50.0, 100.0, 133.33, 143.0])
def test_what_was_written_is_read(clock_mhz):
    rng = random.Random(1)
    addresses = [rng.randrange(1 << 22) for _ in range(12)] + [254, 1022]
    writes = [(address, 1) for address in addresses]
    reads = [(address, 0) for address in rng.sample(addresses, len(addresses))]
    chip, _, timing = simulate(CHIP, clock_mhz, 5, writes + reads + [(3, 1), (3, 0), (700, 0)], seed=2)
    assert chip.counts[Command.WRITE] == 2 * 5 * 15
    chip.check_refreshes(timing.refresh / clock_mhz)


@settings(max_examples=8)
@given(
    clock_mhz=st.floats(25, 150),
    run=st.integers(1, 12),
    seed=st.integers(0, 1000),
    stall=st.sampled_from([0.0, 0.3, 0.9]),
    room=st.sampled_from([1.0, 0.5]),
    cas=st.sampled_from([2, 3]),
    column_bits=st.sampled_from([8, 9, 10]),
    slow=st.booleans(),
)
def test_any_traffic_keeps_the_rules(clock_mhz, run, seed, stall, room, cas, column_bits, slow):
    """The chip itself checks; and refreshes go on whatever else happens."""
    rng = random.Random(seed)
    longer = {"t_rcd": 30.0, "t_rp": 25.0, "t_ras": 60.0, "t_rc": 120.0, "t_rfc": 90.0, "t_wr": 40.0} if slow else {}
    chip_settings = Sdram(cas=cas, column_bits=column_bits, refresh_us=2, **longer)
    requests = [(rng.choice([0, 3, 250, 2**20]), rng.randrange(2)) for _ in range(6)]
    chip, _, timing = simulate(chip_settings, clock_mhz, run, requests, seed, stall, room)
    chip.check_refreshes(timing.refresh / clock_mhz)


def test_rate():
    """Records of 784 bits at 133 MHz, in a random order: two million a second, refreshes included."""
    rng, run, count = random.Random(3), 25, 60
    requests = [(rng.randrange(1 << 17) * run, 0) for _ in range(count)]
    _, cycles, _ = simulate(Sdram(), 133.33, run, requests, seed=4)
    seconds = (cycles[-1] - cycles[0]) / 133.33e6
    assert (count - 1) / seconds > 2.2e6


def test_room_is_asked_for():
    """No more words come after room has gone than `words_under_way` says."""
    timing = dataclasses.replace(sdram_timing(Sdram(), 133.33), power_up=POWER_UP)
    dut = SdramController(timing, 30)
    bench = Bench(dut)
    bench.source(dut.port.requests, [{"address": 0, "write": 0}] * 3)
    came, gone = [], []

    def watch(room, valid):
        (came if room else gone).append(valid)
        if sum(came) == 12:
            return [(dut.room, 0)]
        return []

    bench.set(dut.room, 1)
    bench.watch([dut.room, dut.port.read.valid], watch)
    bench.run(600)
    assert sum(came) >= 12 and 0 < sum(gone) <= words_under_way(timing, 1)
