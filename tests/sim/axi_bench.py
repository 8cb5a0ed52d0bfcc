"""A cocotb bench for the design of examples/integration: the managers and streams of cocotbext-axi, which know nothing
of bephw, train it and read its predictions. The samples and what must come of them are in the file that
BEPHW_AXI_VECTORS names."""

import itertools
import json
import os
import random
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)


def pauses(seed):
    draw = random.Random(seed)
    return (draw.random() < 0.4 for _ in itertools.count())


@cocotb.test()
async def train(dut):
    vectors = json.loads(Path(os.environ["BEPHW_AXI_VECTORS"]).read_text())
    at = vectors["addresses"]
    cocotb.start_soon(Clock(dut.aclk, 2, "ns").start())
    reset = {"reset": dut.aresetn, "reset_active_level": False}
    registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi"), dut.aclk, **reset)
    samples = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis_samples"), dut.aclk, **reset)
    predictions = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_predictions"), dut.aclk, **reset)
    dut.s_axis_load_tvalid.value = dut.m_axis_dump_tready.value = 0
    samples.set_pause_generator(pauses(1))
    predictions.set_pause_generator(pauses(2))
    for number, channel in enumerate(
        (
            registers.write_if.aw_channel,
            registers.write_if.w_channel,
            registers.write_if.b_channel,
            registers.read_if.ar_channel,
            registers.read_if.r_channel,
        )
    ):
        channel.set_pause_generator(pauses(3 + number))
    dut.aresetn.value = 0
    await ClockCycles(dut.aclk, 4)
    dut.aresetn.value = 1
    await ClockCycles(dut.aclk, 2)

    async def until_idle():
        while await registers.read_dword(at["status"]):
            pass

    async def stream(part):
        """One packet; the packet of its predictions."""
        await samples.send(AxiStreamFrame(part["data"], tuser=part["labels"]))
        frame = await predictions.recv()
        assert list(frame.tdata) == part["predictions"]
        taught = frame.tuser if isinstance(frame.tuser, list) else [frame.tuser] * len(frame.tdata)
        assert taught == part["taught"]

    await until_idle()
    assert await registers.read_dword(at["identity"]) == 0x42455031
    await stream(vectors["training"])
    await registers.write_dword(at["command"], 1)
    await until_idle()
    await registers.write_dword(at["control"], 0)
    await stream(vectors["classified"])
    assert await registers.read_dword(at["samples"]) == 18
    # Single bytes, and an address without a register.
    await registers.write_dword(at["batch"], 0x11223344)
    await registers.write_byte(at["batch"] + 2, 0x55)
    assert await registers.read_dword(at["batch"]) == 0x11553344
    answer = await registers.read(0x3000, 4)
    assert answer.resp == AxiResp.SLVERR
    answer = await registers.write(0x3000, b"\x01\0\0\0")
    assert answer.resp == AxiResp.SLVERR
