"""bephw.boards.link.receive_window against a list: bytes come out once and in order, whatever frames come in."""

import itertools
import random

import pytest
from amaranth.sim import Simulator

from bephw.boards.link.receive_window import ReceiveWindow

SIZE = 64


class Bench:
    """Frames go in a byte every few cycles, and what comes out is taken now and then."""

    def __init__(self, seed, taking=0.3, registered=False):
        self.dut = ReceiveWindow(SIZE, registered=registered)
        self.rng, self.taking = random.Random(seed), taking
        self.out, self.restarts = [], 0

    def run(self, program):
        from amaranth.hdl import ClockDomain, Module, ResetSignal

        m = Module()
        m.domains += ClockDomain("sync")
        m.submodules.dut = self.dut
        m.d.comb += ResetSignal().eq(self.dut.restart)

        async def testbench(ctx):
            self.ctx = ctx
            await program()

        simulator = Simulator(m)
        simulator.add_clock(1e-6)
        simulator.add_testbench(testbench)
        simulator.run()

    async def tick(self, count=1):
        for _ in range(count):
            ready = self.rng.random() < self.taking
            self.ctx.set(self.dut.bytes.ready, ready)
            _, _, valid, byte, restart = await self.ctx.tick().sample(
                self.dut.bytes.valid, self.dut.bytes.payload, self.dut.restart
            )
            self.restarts += restart
            if valid and ready:
                self.out.append(byte)

    async def frame(self, position, payload, *, good=True, restart=False, sequence=bytes(4)):
        head = (position % 2**15 | restart << 15).to_bytes(2, "big")
        for byte in head + bytes(payload) + sequence:
            self.ctx.set(self.dut.byte, byte)
            self.ctx.set(self.dut.valid, 1)
            await self.tick()
            self.ctx.set(self.dut.valid, 0)
            await self.tick(3)
        self.ctx.set(self.dut.ends, 1)
        self.ctx.set(self.dut.good, good)
        await self.tick()
        self.ctx.set(self.dut.ends, 0)
        await self.tick(3)

    @property
    def accepted(self):
        return self.ctx.get(self.dut.accepted)

    @property
    def consumed(self):
        return self.ctx.get(self.dut.consumed)

    async def open(self):
        await self.frame(self.accepted, [0], restart=True)
        await self.tick(2 * SIZE)
        assert self.ctx.get(self.dut.opened)


@pytest.mark.parametrize(("seed", "registered"), [(1, False), (2, True)])
def test_only_right_and_expected_frames_count(seed, registered):
    bench, inside = Bench(seed, registered=registered), []

    async def program():
        await bench.open()
        position, rng = 1, bench.rng
        for _ in range(150):
            payload = rng.randbytes(rng.randrange(20))
            where = position + rng.choice((0, 0, 0, 1, -1, 256, -len(payload), 2**14, rng.randrange(2**15)))
            good = rng.random() < 0.8
            free = SIZE - (position - bench.consumed) % (2 * SIZE)
            if len(payload) + 4 > free:
                continue
            await bench.frame(where, payload, good=good)
            if good and (where - position) % 2**15 == 0:
                inside.extend(payload)
                position += len(payload)
            assert bench.accepted == position % 2**15
        bench.taking = 1
        await bench.tick(4 * SIZE)
        assert bench.consumed == position % (2 * SIZE)

    bench.run(program)
    assert bench.out == inside and len(inside) > 300
    assert not bench.restarts - 1


def test_a_frame_without_room_is_dropped_and_harms_nothing():
    bench = Bench(1, taking=0)

    async def program():
        await bench.open()
        first = list(range(50))
        await bench.frame(1, first)
        await bench.frame(51, range(100, 120))  # with its check sequence it needs 24 of the 14 that are left
        assert bench.ctx.get(bench.dut.overflow)
        assert bench.accepted == 51
        bench.taking = 1
        await bench.tick(4 * SIZE)
        assert bench.out == first
        await bench.frame(51, range(100, 120))
        await bench.tick(4 * SIZE)
        assert bench.out == [*first, *range(100, 120)]

    bench.run(program)


def test_a_full_window():
    bench = Bench(1, taking=0)

    async def program():
        await bench.open()
        await bench.frame(1, range(SIZE - 4))
        assert not bench.ctx.get(bench.dut.overflow)
        bench.taking = 1
        await bench.tick(4 * SIZE)
        assert bench.out == list(range(SIZE - 4))

    bench.run(program)


def test_nothing_but_a_restart_opens():
    bench = Bench(1, taking=1)

    async def program():
        await bench.frame(0, [1, 2, 3])
        assert not bench.ctx.get(bench.dut.opened) and bench.accepted == 0
        await bench.frame(5, [0], restart=True)
        await bench.frame(0, [0], restart=True, good=False)
        assert bench.restarts == 0
        await bench.open()
        assert (bench.restarts, bench.accepted) == (1, 1)
        await bench.frame(0, [0], restart=True)  # the same once more
        assert (bench.restarts, bench.accepted) == (1, 1)

    bench.run(program)
    assert bench.out == []


@pytest.mark.parametrize("registered", [False, True])
def test_a_restart_throws_away_what_waits_and_keeps_the_position(registered):
    bench = Bench(1, taking=0, registered=registered)

    async def program():
        await bench.open()
        await bench.frame(1, range(40))
        await bench.frame(41, [0, 0], restart=True)
        assert bench.restarts == 2
        await bench.tick(4 * SIZE)
        assert bench.ctx.get(bench.dut.opened)
        assert (bench.accepted, bench.consumed) == (43, 43)
        bench.taking = 1
        await bench.frame(43, [7])
        await bench.tick(4 * SIZE)

    bench.run(program)
    assert bench.out == [7]


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_a_right_check_sequence_of_too_little(length):
    """Four zero bytes are a frame of nothing and its check sequence: that must not move the position backwards."""
    bench = Bench(1, taking=1)

    async def program():
        await bench.open()
        await bench.frame(1, b"", sequence=bytes(length))
        assert bench.accepted == 1
        await bench.frame(1, [9])
        await bench.tick(20)

    bench.run(program)
    assert bench.out == [9]


@pytest.mark.parametrize(("registered", "spacing"), [(False, 1), (True, 3)])
def test_how_fast_bytes_come(registered, spacing):
    bench, times = Bench(1, taking=0, registered=registered), []

    async def program():
        await bench.open()
        await bench.frame(1, range(20))
        bench.taking = 1
        for cycle in range(20 * spacing + 10):
            before = len(bench.out)
            await bench.tick()
            times.extend([cycle] * (len(bench.out) - before))

    bench.run(program)
    assert bench.out == list(range(20))
    assert {after - before for before, after in itertools.pairwise(times)} == {spacing}
