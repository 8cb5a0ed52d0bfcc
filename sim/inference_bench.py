"""The test bench of inference alone: cocotb runs it inside the simulator. It reads its job from, and leaves its outcome
in, the folder that `BEPHW_SIM_JOB` names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cocotb
import cocotb.simtime
import numpy as np

from bephw.sim.exchange import beats_file, outcome_file
from bephw.sim.inference_job import InferenceJob
from bephw.sim.ports import Reset, clock_of, stream_ports
from bephw.sim.progress import Progress
from bephw.sim.streams import Beats, Cycles, StreamDriver, StreamMonitor
from bephw.sim.words import stream_words
from bephw.state import save_arrays

AT_A_TIME = 64  # predictions between two reports


@cocotb.test()
async def classify(dut: Any) -> None:
    """The whole job."""
    folder = Path(os.environ["BEPHW_SIM_JOB"])
    job = InferenceJob.load_from(folder)
    cycles, beats, progress = Cycles(clock_of(dut, job.bus)), Beats(), Progress(beats_file(folder))
    inputs, outputs = (
        stream_ports(dut, job.bus, "samples", job.word_width),
        stream_ports(dut, job.bus, "predictions", job.label_width),
    )
    samples = StreamDriver(inputs, "samples", cycles, beats, job.stalls.samples, job.stalls.seed)
    predictions = StreamMonitor(outputs, "predictions", cycles, beats, job.stalls.predictions, job.stalls.seed)
    Reset(dut, job.bus)
    if job.x.ndim == 3:
        dut.steps.value = job.x.shape[1]
    cycles.start()
    await cycles.rising
    cocotb.start_soon(_watch(cycles, beats, job.silence))
    start = cocotb.simtime.get_sim_time("ns")
    words = stream_words(job.x, np.zeros(len(job.x), np.int64), job.word_width)
    cocotb.start_soon(samples.send(words))
    labels: list[int] = []
    while len(labels) < len(job.x):
        await predictions.receive(min(len(job.x) - len(labels), AT_A_TIME), labels)
        progress.report(len(labels))
    taken = int(cocotb.simtime.get_sim_time("ns") - start) // Cycles.PERIOD_NS
    save_arrays(outcome_file(folder), {"prediction": np.array(labels, np.int64), "cycles": np.array(taken)})


async def _watch(cycles: Cycles, beats: Beats, silence: int) -> None:
    """Fails the run when no stream has moved for far longer than anything can take."""
    seen = -1
    while seen != beats.count:
        seen = beats.count
        await cycles.pass_by(silence)
    raise RuntimeError(f"the design hangs: no stream moved for {silence} cycles")
