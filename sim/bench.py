"""The test bench: cocotb runs it inside the simulator. It reads its job from, and leaves its outcome in, the folder
that `BEPHW_SIM_JOB` names (the bench's only way to be told anything)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cocotb
import cocotb.simtime

from bephw.rtl_gen.registers.map import Command, register_map
from bephw.sim.exchange import Job, beats_file
from bephw.sim.host import Host, longest_silence
from bephw.sim.job import Segment
from bephw.sim.ports import Reset, clock_of, stream_ports
from bephw.sim.progress import Progress
from bephw.sim.register_bus import RegisterBus
from bephw.sim.streams import Beats, Cycles, StreamDriver, StreamMonitor
from bephw.sim.words import stream_words

AT_A_TIME = 64  # predictions between two reports


class Bench:
    """Drivers and monitors around the design: a `bephw.sim.host.Trainer`."""

    def __init__(self, dut: Any, job: Job, folder: Path) -> None:
        stalls = job.stalls
        self._width = width = job.settings.hardware.stream_width
        label, bus = (job.settings.network.classes - 1).bit_length(), job.bus
        self._silence = longest_silence(job)
        self._cycles = Cycles(clock_of(dut, bus))
        self._beats = beats = Beats()
        self.bus = RegisterBus(dut, self._cycles, register_map(job.settings), bus)
        samples = stream_ports(dut, bus, "samples", width, label)
        predictions = stream_ports(dut, bus, "predictions", label, len(job.settings.classifier_shapes))
        load, dump = stream_ports(dut, bus, "load", 32), stream_ports(dut, bus, "dump", 32)
        self._samples = StreamDriver(samples, "samples", self._cycles, beats, stalls.samples, stalls.seed)
        self._predictions = StreamMonitor(
            predictions, "predictions", self._cycles, beats, stalls.predictions, stalls.seed
        )
        self.load = StreamDriver(load, "load", self._cycles, beats, stalls.transfers, stalls.seed)
        self.dump = StreamMonitor(dump, "dump", self._cycles, beats, stalls.transfers, stalls.seed)
        self._reset = Reset(dut, bus)
        self.predicted: list[int] = []
        self._progress = Progress(beats_file(folder))

    async def start(self) -> None:
        """Of the clock, and of a watch on it."""
        self._cycles.start()
        await self._cycles.rising
        cocotb.start_soon(self._watch())

    @property
    def clocks(self) -> int:
        return int(cocotb.simtime.get_sim_time("ns")) // Cycles.PERIOD_NS

    async def stream(self, segment: Segment) -> None:
        taking = cocotb.start_soon(self._take_predictions(segment.samples))
        await self._samples.send(self._words(segment))
        if segment.end_batch:
            # At once, with samples still in flight: it must act after the last of them.
            await self.bus.write("command", Command.END_BATCH)
        await taking

    async def cut_off(self, segment: Segment, beats: int, cycles: int) -> None:
        sending = cocotb.start_soon(self._samples.send(self._words(segment)))
        taking = cocotb.start_soon(self._predictions.receive(segment.samples, []))
        before = self._beats.count
        while self._beats.count - before < beats and not sending.done():
            await self._cycles.rising
        await self._cycles.pass_by(cycles)
        sending.cancel()
        taking.cancel()
        self._samples.quiet()
        self._predictions.quiet()
        self._reset.set(True)
        await self._cycles.pass_by(1)
        self._reset.set(False)

    async def _take_predictions(self, count: int) -> None:
        while count:
            some = min(count, AT_A_TIME)
            await self._predictions.receive(some, self.predicted)
            self._progress.report(len(self.predicted))
            count -= some

    def _words(self, segment: Segment) -> Iterator[int]:
        return stream_words(segment.x, segment.y, self._width)

    async def _watch(self) -> None:
        """Fails the run when no stream has moved for far longer than anything can take."""
        seen = -1
        while seen != self._beats.count:
            seen = self._beats.count
            await self._cycles.pass_by(self._silence)
        raise RuntimeError(
            f"the design hangs: no stream moved for {self._silence} cycles, after {len(self.predicted)} predictions"
        )


@cocotb.test()
async def run_job(dut: Any) -> None:
    folder = Path(os.environ["BEPHW_SIM_JOB"])
    job = Job.load_from(folder)
    bench = Bench(dut, job, folder)
    await bench.start()
    (await Host(bench, job).run()).save(folder)
