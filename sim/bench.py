"""The test bench: cocotb runs it inside the simulator. It reads its job from, and leaves its outcome in, the folder
that `BEPHW_SIM_JOB` names (the bench's only way to be told anything)."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cocotb
import cocotb.simtime
import numpy as np

from bephw.average import WeightAverage
from bephw.rates import first_rates
from bephw.rtl_gen.registers.map import Command, register_map
from bephw.settings import Settings
from bephw.sim.exchange import Job, Outcome, beats_file
from bephw.sim.job import MidBatchReset, Segment, runtime_registers
from bephw.sim.progress import Progress
from bephw.sim.register_bus import RegisterBus
from bephw.sim.streams import Beats, Cycles, StreamDriver, StreamMonitor
from bephw.sim.transfers import StateDumper, StateLoader
from bephw.sim.words import stream_words, words_per_sample

STATISTICS = ("samples", "taught", "updates", "cycles")  # how the names of statistics registers begin


class Bench:
    """Drivers and monitors around the design, and what to do with them."""

    def __init__(self, dut: Any, job: Job, folder: Path) -> None:
        stalls = job.stalls
        self.job = job
        self.settings = job.settings
        self.cycles = Cycles(dut.clk)
        self.beats = Beats()
        self.bus = RegisterBus(dut, self.cycles, register_map(job.settings))
        self.samples = StreamDriver(dut, "samples", self.cycles, self.beats, stalls.samples, stalls.seed)
        self.predictions = StreamMonitor(dut, "predictions", self.cycles, self.beats, stalls.predictions, stalls.seed)
        self.load = StreamDriver(dut, "load", self.cycles, self.beats, stalls.transfers, stalls.seed)
        self.dump = StreamMonitor(dut, "dump", self.cycles, self.beats, stalls.transfers, stalls.seed)
        self.reset = dut.rst
        self.reset.value = 0
        self.learns = not job.settings.network.thresholds  # what the design does by itself
        self.steps = job.settings.data.steps
        memory = job.settings.learning.average
        self.average = None if memory is None else WeightAverage(memory)
        self.predicted: list[int] = []
        self.progress = Progress(beats_file(folder))

    async def run(self) -> Outcome:
        """The whole job."""
        self.cycles.start()
        await self.cycles.rising
        cocotb.start_soon(self.watch())
        await self.bus.until_idle()
        if self.job.reset is not None:
            await self.disturb(self.job.reset)
        if self.job.load is not None:
            for name, value in {"control": 1, **runtime_registers(self.settings)}.items():
                await self.bus.write(name, value)
            self.learns, self.steps = True, self.settings.data.steps
            await StateLoader(self.bus, self.load).write(self.job.load)
        statistics = [
            await (self.stream_averaged(segment) if segment.average else self.stream(segment))
            for segment in self.job.segments
        ]
        return Outcome(
            predictions=np.array(self.predicted, np.int64),
            statistics=statistics,
            registers=await self.bus.read_all(),
            state=await StateDumper(self.bus, self.dump).read(self.settings),
            clocks=int(cocotb.simtime.get_sim_time("ns")) // Cycles.PERIOD_NS,
            average=() if self.average is None else self.average.weights,
        )

    async def stream(self, segment: Segment) -> dict[str, int]:
        """One segment, from idle to idle. Returns how far the statistics registers advanced.

        Writes no register that need not be written.
        """
        if segment.learn != self.learns:
            await self.bus.write("control", int(segment.learn))
            self.learns = segment.learn
        if segment.steps is not None and segment.steps != self.steps:
            await self.bus.write("steps", segment.steps)
            self.steps = segment.steps
        for index, rate in enumerate(segment.rates or ()):
            await self.bus.write(f"rate_{index}", rate)
        before = await self.statistics()
        taking = cocotb.start_soon(self.take_predictions(segment.samples))
        await self.samples.send(self.words(segment))
        if segment.end_batch:
            # At once, with samples still in flight: it must act after the last of them.
            await self.bus.write("command", Command.END_BATCH)
        await taking
        await self.bus.until_idle()
        after = await self.statistics()
        return {name: (after[name] - before[name]) % 2**32 for name in before}

    async def stream_averaged(self, segment: Segment) -> dict[str, int]:
        """As `stream`, with the average of the weights in place of those in training, which come back afterwards."""
        assert self.average is not None, "the job was checked"
        state = await StateDumper(self.bus, self.dump).read(self.settings)
        shown = self.average.add(state).network(state, self.settings.learning.bits)
        loader = StateLoader(self.bus, self.load)
        await loader.write_counters(shown.counters)
        statistics = await self.stream(segment)
        await loader.write_counters(state.counters)
        return statistics

    async def take_predictions(self, count: int) -> None:
        while count:
            some = min(count, 64)
            await self.predictions.receive(some, self.predicted)
            self.progress.report(len(self.predicted))
            count -= some

    async def disturb(self, reset: MidBatchReset) -> None:
        """Random samples, cut off by a reset at a random cycle; leaves a trainer whose state is undefined."""
        chance = random.Random(reset.seed)
        segment = _random_segment(self.settings, reset)
        sending = cocotb.start_soon(self.samples.send(self.words(segment)))
        taking = cocotb.start_soon(self.predictions.receive(segment.samples, []))
        words = segment.samples * words_per_sample(segment.x, self.settings.hardware.stream_width)
        before = self.beats.count
        target = chance.randrange(1, words)
        while self.beats.count - before < target and not sending.done():
            await self.cycles.rising
        await self.cycles.pass_by(1 + chance.randrange(64))
        sending.cancel()
        taking.cancel()
        self.samples.quiet()
        self.predictions.quiet()
        self.reset.value = 1
        await self.cycles.pass_by(1)
        self.reset.value = 0
        await self.bus.until_idle()

    def words(self, segment: Segment) -> Iterator[int]:
        return stream_words(segment.x, segment.y, self.settings.hardware.stream_width)

    async def statistics(self) -> dict[str, int]:
        names = [name for name in register_map(self.settings) if name.startswith(STATISTICS)]
        return {name: await self.bus.read(name) for name in names}

    async def watch(self) -> None:
        """Fails the run when no stream has moved for far longer than anything can take."""
        limit = _longest_silence(self.settings, self.job)
        seen = -1
        while seen != self.beats.count:
            seen = self.beats.count
            await self.cycles.pass_by(limit)
        raise RuntimeError(
            f"the design hangs: no stream moved for {limit} cycles, after {len(self.predicted)} predictions"
        )


def _random_segment(settings: Settings, reset: MidBatchReset) -> Segment:
    generator = np.random.default_rng(reset.seed)
    steps = (settings.data.steps,) if settings.data.steps else ()
    x = generator.integers(0, 2, (reset.samples, *steps, settings.network.sizes[0]), np.uint8)
    return Segment(x, generator.integers(0, settings.network.classes, reset.samples))


def _longest_silence(settings: Settings, job: Job) -> int:
    """Cycles, generously: everything a batch end or a sample may take with one lane, plus its reinforcement."""
    rates = [segment.rates or () for segment in job.segments] + [first_rates(settings)]
    events = sum(
        max((rate[layer] for rate in rates if rate), default=0) >> 16 for layer in range(settings.network.layers)
    )
    return 10_000 + 8 * settings.work + 32 * events * settings.learning.burst


@cocotb.test()
async def run_job(dut: Any) -> None:
    folder = Path(os.environ["BEPHW_SIM_JOB"])
    job = Job.load_from(folder)
    (await Bench(dut, job, folder).run()).save(folder)
