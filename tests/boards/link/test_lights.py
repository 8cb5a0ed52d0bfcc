"""bephw.boards.link.lights: a flash when a sample teaches, and a bar that grows when none do."""

import pytest
from amaranth.sim import Simulator

from bephw.boards.link.lights import Lights


def simulate(lights, process):
    simulator = Simulator(lights)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()


def test_the_bar_grows_as_fewer_samples_teach():
    lights, bars = Lights(8, 1), []

    async def process(ctx):
        for taught in (1, 0, 1):
            ctx.set(lights.taught, taught)
            ctx.set(lights.predicted, 1)
            await ctx.tick().repeat(2000)
            bars.append(ctx.get(lights.lights) >> 2)

    simulate(lights, process)
    assert bars == [0, 0b111111, 0]


@pytest.mark.parametrize("taught_at", [3, 700, 5000])
def test_teaching_flashes(taught_at):
    """For 16 to 65 ms, at any clock and time."""
    lights, lit = Lights(2, 0.064), []

    async def process(ctx):
        await ctx.tick().repeat(taught_at)
        ctx.set(lights.predicted, 1)
        ctx.set(lights.taught, 1)
        await ctx.tick()
        ctx.set(lights.taught, 0)
        for _ in range(8000):
            lit.append(ctx.get(lights.lights) >> 1)
            await ctx.tick()

    simulate(lights, process)
    on = sum(lit)
    assert lit == [1] * on + [0] * (8000 - on)
    assert 0.016 < on / 64_000 < 0.065


def test_samples_are_seen_on_the_first_light():
    lights, seen = Lights(2, 100), set()

    async def process(ctx):
        ctx.set(lights.predicted, 1)
        for _ in range(40):
            await ctx.tick()
            seen.add(ctx.get(lights.lights) & 1)

    simulate(lights, process)
    assert seen == {0, 1}
