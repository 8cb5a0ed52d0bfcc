"""What the host of a trainer does with it in a simulation, whichever engine clocks it: from a job to its outcome."""

from __future__ import annotations

import random
from typing import Protocol

import numpy as np

from bephw.average import WeightAverage
from bephw.rates import first_rates
from bephw.rtl_gen.registers.map import register_map
from bephw.settings import Settings
from bephw.sim.exchange import Job, Outcome
from bephw.sim.job import MidBatchReset, Segment, runtime_registers
from bephw.sim.transfers import Registers, Sink, Source, StateDumper, StateLoader
from bephw.sim.words import words_per_sample

__all__ = ["Host", "Trainer", "longest_silence"]

STATISTICS = ("samples", "taught", "updates", "cycles")  # how the names of statistics registers begin


class Trainer(Protocol):
    """A trainer in a simulator, as its host sees it.

    Attributes:
        bus: its registers.
        load, dump: its streams of state.
        predicted: payloads of the prediction stream so far.
        clocks: clock cycles simulated so far.
    """

    @property
    def bus(self) -> Registers: ...

    @property
    def load(self) -> Sink: ...

    @property
    def dump(self) -> Source: ...

    @property
    def predicted(self) -> list[int]: ...

    @property
    def clocks(self) -> int: ...

    async def stream(self, segment: Segment) -> None:
        """Offer its samples, and end the batch after them where it says so; take a prediction of each."""

    async def cut_off(self, segment: Segment, beats: int, cycles: int) -> None:
        """Stream until so many beats have moved, and `cycles` longer; then reset. No prediction is kept."""


class Host:
    """Does `job` with `trainer`."""

    def __init__(self, trainer: Trainer, job: Job) -> None:
        self._trainer, self._bus = trainer, trainer.bus
        self._job, self._settings = job, job.settings
        self._loader, self._dumper = StateLoader(trainer.bus, trainer.load), StateDumper(trainer.bus, trainer.dump)
        self._learns = not job.settings.network.thresholds  # what the design does by itself
        self._steps = job.settings.data.steps
        memory = job.settings.learning.average
        self._average = None if memory is None else WeightAverage(memory)

    async def run(self) -> Outcome:
        """The whole job."""
        job = self._job
        await self._bus.until_idle()
        if job.reset is not None:
            await self._disturb(job.reset)
        if job.load is not None:
            for name, value in {"control": 1, **runtime_registers(self._settings)}.items():
                await self._bus.write(name, value)
            self._learns, self._steps = True, self._settings.data.steps
            await self._loader.write(job.load)
        statistics = [
            await (self._stream_averaged(segment) if segment.average else self._stream(segment))
            for segment in job.segments
        ]
        return Outcome(
            statistics=statistics,
            registers={name: await self._bus.read(name) for name in register_map(self._settings)},
            state=await self._dumper.read(self._settings),
            predictions=np.array(self._trainer.predicted, np.int64),
            clocks=self._trainer.clocks,
            average=() if self._average is None else self._average.weights,
        )

    async def _stream(self, segment: Segment) -> dict[str, int]:
        """One segment, from idle to idle. Returns how far the statistics registers advanced.

        Writes no register that need not be written.
        """
        if segment.learn != self._learns:
            await self._bus.write("control", int(segment.learn))
            self._learns = segment.learn
        if segment.steps is not None and segment.steps != self._steps:
            await self._bus.write("steps", segment.steps)
            self._steps = segment.steps
        for index, rate in enumerate(segment.rates or ()):
            await self._bus.write(f"rate_{index}", rate)
        before = await self._statistics()
        await self._trainer.stream(segment)
        await self._bus.until_idle()
        after = await self._statistics()
        return {name: (after[name] - before[name]) % 2**32 for name in before}

    async def _stream_averaged(self, segment: Segment) -> dict[str, int]:
        """As `_stream`, with the average of the weights in place of those in training, which come back afterwards."""
        assert self._average is not None, "the job was checked"
        state = await self._dumper.read(self._settings)
        shown = self._average.add(state).network(state, self._settings.learning.bits)
        await self._loader.write_counters(shown.counters)
        statistics = await self._stream(segment)
        await self._loader.write_counters(state.counters)
        return statistics

    async def _disturb(self, reset: MidBatchReset) -> None:
        """Random samples, cut off by a reset at a random cycle; leaves a trainer whose state is undefined."""
        chance = random.Random(reset.seed)
        segment = _random_segment(self._settings, reset)
        words = segment.samples * words_per_sample(segment.x, self._settings.hardware.stream_width)
        await self._trainer.cut_off(segment, beats=chance.randrange(1, words), cycles=1 + chance.randrange(64))
        await self._bus.until_idle()

    async def _statistics(self) -> dict[str, int]:
        names = [name for name in register_map(self._settings) if name.startswith(STATISTICS)]
        return {name: await self._bus.read(name) for name in names}


def _random_segment(settings: Settings, reset: MidBatchReset) -> Segment:
    generator = np.random.default_rng(reset.seed)
    steps = (settings.data.steps,) if settings.data.steps else ()
    x = generator.integers(0, 2, (reset.samples, *steps, settings.network.sizes[0]), np.uint8)
    return Segment(x, generator.integers(0, settings.network.classes, reset.samples))


def longest_silence(job: Job) -> int:
    """Cycles, generously: everything a batch end or a sample may take with one lane, plus its reinforcement."""
    settings = job.settings
    rates = [segment.rates or () for segment in job.segments] + [first_rates(settings)]
    events = sum(
        max((rate[layer] for rate in rates if rate), default=0) >> 16 for layer in range(settings.network.layers)
    )
    return 10_000 + 8 * settings.work + 32 * events * settings.learning.burst
