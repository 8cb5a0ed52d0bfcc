"""The test benches of engine "fast": jobs done through a `Harness`. They read their jobs from, and leave outcomes in,
the folder of the run, as those under cocotb do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bephw.rtl_gen.registers.map import Command, Register, Status, register_map
from bephw.settings import Settings
from bephw.sim.exchange import Job, beats_file, outcome_file
from bephw.sim.harness import Harness
from bephw.sim.host import Host, longest_silence
from bephw.sim.inference_job import InferenceJob
from bephw.sim.job import Segment
from bephw.sim.progress import Progress
from bephw.state import save_arrays

__all__ = ["run_inference", "run_trainer"]


def run_trainer(program: Path, run: Path, arguments: Iterable[str]) -> None:
    """Do the job of folder `run` with the trainer that is compiled into `program`; `arguments` are for Verilator.

    Raises `BephwError` where the design hangs.
    """
    job = Job.load_from(run)
    silence = longest_silence(job)
    with Harness([str(program)], run, silence=silence, stalls=job.stalls, arguments=[*arguments]) as harness:
        # Nothing in it ever waits for anything but the process.
        outcome = asyncio.run(Host(_Trainer(harness, job.settings, Progress(beats_file(run))), job).run())
    outcome.save(run)


def run_inference(program: Path, run: Path, arguments: Iterable[str]) -> None:
    """The same for a design of inference alone."""
    job = InferenceJob.load_from(run)
    progress = Progress(beats_file(run))
    labels: list[int] = []
    with Harness([str(program)], run, silence=job.silence, stalls=job.stalls, arguments=[*arguments]) as harness:
        if job.x.ndim == 3:
            harness.steps(job.x.shape[1])
        before = harness.clocks
        none = np.zeros(len(job.x), np.int64)
        harness.stream(job.x, none, job.word_width, labels, on_predictions=progress.report)
        cycles = harness.clocks - before
    save_arrays(outcome_file(run), {"prediction": np.array(labels, np.int64), "cycles": np.array(cycles)})


class _Trainer:
    """A `bephw.sim.host.Trainer`."""

    def __init__(self, harness: Harness, settings: Settings, progress: Progress) -> None:
        self._harness = harness
        self._width = settings.hardware.stream_width
        self._end_batch = (register_map(settings)["command"].address, Command.END_BATCH)
        self._progress = progress
        self.bus = _Registers(harness, register_map(settings))
        self.load = _Load(harness)
        self.dump = _Dump(harness)
        self.predicted: list[int] = []

    @property
    def clocks(self) -> int:
        return self._harness.clocks

    async def stream(self, segment: Segment) -> None:
        self._harness.stream(
            segment.x,
            segment.y,
            self._width,
            self.predicted,
            then=self._end_batch if segment.end_batch else None,
            on_predictions=self._progress.report,
        )

    async def cut_off(self, segment: Segment, beats: int, cycles: int) -> None:
        self._harness.cut_off(segment.x, segment.y, self._width, beats, cycles)


class _Registers:
    """A `bephw.sim.transfers.Registers`."""

    def __init__(self, harness: Harness, registers: Mapping[str, Register]) -> None:
        self._harness = harness
        self._registers = registers

    async def write(self, name: str, value: int) -> None:
        self._harness.write(self._registers[name].address, value)

    async def read(self, name: str) -> int:
        register = self._registers[name]
        value = self._harness.read(register.address)
        return value - 2**32 if register.signed and value >= 2**31 else value

    async def until_idle(self) -> None:
        self._harness.until_clear(self._registers["status"].address, Status.BUSY | Status.TRANSFER)


class _Load:
    """A `bephw.sim.transfers.Sink`."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness

    async def send(self, payloads: Iterable[int]) -> None:
        self._harness.load(payloads)


class _Dump:
    """A `bephw.sim.transfers.Source`."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness

    async def receive(self, count: int, into: list[int]) -> None:
        into += self._harness.dump(count).tolist()
