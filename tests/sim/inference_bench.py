"""Test bench inside the simulator: samples in, predictions out, as job.json beside it says."""

import json
from pathlib import Path

import cocotb

from bephw.sim.streams import Beats, Cycles, StreamDriver, StreamMonitor

FOLDER = Path.cwd()


@cocotb.test()
async def stream(dut):
    """The whole job."""
    job = json.loads((FOLDER / "job.json").read_text())
    cycles, beats = Cycles(dut.clk), Beats()
    samples = StreamDriver(dut, "samples", cycles, beats, job["stalls"][0])
    predictions = StreamMonitor(dut, "predictions", cycles, beats, job["stalls"][1])
    dut.rst.value = 0
    cycles.start()
    await cycles.rising
    labels = []
    words = [int(word, 16) for word in job["samples"]]
    cocotb.start_soon(samples.send(words))
    taken = 0
    receiving = cocotb.start_soon(predictions.receive(len(words), labels))
    while not receiving.done():
        await cycles.rising
        taken += 1
        assert taken < 50 * len(words) + 1000, f"{len(labels)} of {len(words)} predictions have come"
    (FOLDER / "outcome.json").write_text(json.dumps({"labels": labels, "cycles": taken}))
