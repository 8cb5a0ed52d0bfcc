"""The real trainer behind the real serial line: loaded, trained and dumped by protocol.py alone."""

import numpy as np
import pytest
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect
from amaranth.sim import Simulator

from bephw.boards.link import protocol
from bephw.boards.link.bridge import UartBridge
from bephw.boards.link.protocol import LOAD_BLOCK, Operation
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.registers.map import Command, Status, Transfer, register_map
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings

CLOCK, BIT = 1e-6, 4e-6
SETTINGS = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"bits": 4, "batch": 5, "rates": 30_000, "r": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5},
)
RECURRENT = Settings.build(
    network={"sizes": [7, 4, 3], "classes": 3},
    learning={"algorithm": "bep-tt", "bits": 4, "batch": 5, "rates": 30_000, "r": 0.5, "nu": 0.5, "seed": 3},
    hardware={"columns": 4, "stream_width": 5},
    data={"steps": 3},
)


class Wired(wiring.Component):
    """A trainer and its bridge."""

    receive: In(1, init=1)
    transmit: Out(1, init=1)

    def __init__(self, settings):
        super().__init__()
        self.settings = settings

    def elaborate(self, platform):
        m = Module()
        m.submodules.trainer = trainer = Trainer(self.settings)
        m.submodules.bridge = bridge = UartBridge(self.settings, int(BIT / CLOCK))
        for name in ("samples", "csr", "load"):
            connect(m, getattr(bridge, name), getattr(trainer, name))
        for name in ("predictions", "dump"):
            connect(m, getattr(trainer, name), getattr(bridge, name))
        m.d.comb += [bridge.receive.eq(self.receive), self.transmit.eq(bridge.transmit)]
        return m


class Host:
    """One command after the other, over the line of a simulated board."""

    def __init__(self, ctx, wired):
        self.ctx, self.wired = ctx, wired
        self.registers = register_map(wired.settings)

    async def ask(self, command, elements=0):
        for byte in command:
            for level in (0, *(byte >> index & 1 for index in range(8)), 1):
                self.ctx.set(self.wired.receive, level)
                await self.ctx.delay(BIT)
                if not self.ctx.get(self.wired.transmit):
                    # The reply has begun within the last stop bit.
                    return await self.listen(elements, begun=True)
        return await self.listen(elements)

    async def listen(self, elements, begun=False):
        reply = b""
        while not reply or len(reply) < protocol.reply_bytes(reply[0], elements):
            if not begun:
                await self.ctx.negedge(self.wired.transmit)
            begun = False
            await self.ctx.delay(1.5 * BIT)
            byte = 0
            for index in range(8):
                byte |= self.ctx.get(self.wired.transmit) << index
                await self.ctx.delay(BIT)
            reply += bytes([byte])
        return reply

    async def write(self, name, value):
        assert await self.ask(protocol.encode_write(self.registers[name].address, value)) == bytes([Operation.WRITE])

    async def read(self, name):
        return protocol.decode_value(await self.ask(protocol.encode_read(self.registers[name].address)))

    async def settle(self):
        while await self.read("status") & (Status.BUSY | Status.TRANSFER):
            pass

    async def load(self, space, elements):
        await self.write("transfer", space)
        for start in range(0, len(elements), LOAD_BLOCK):
            reply = await self.ask(protocol.encode_load(elements[start : start + LOAD_BLOCK]))
            assert reply == bytes([Operation.LOAD])

    async def dump(self, space, count):
        await self.write("transfer", space | Transfer.DUMP)
        return protocol.decode_elements(await self.ask(protocol.encode_dump(count), count))


@pytest.mark.parametrize(
    ("settings", "sample"),
    [pytest.param(SETTINGS, (7,), marks=pytest.mark.slow), (RECURRENT, (2, 7))],
    ids=["perceptron", "fewer steps than the most"],
)
def test_a_board_learns_what_the_golden_model_learns(settings, sample):
    start = initial_state(settings)
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 2, (7, *sample), np.uint8), rng.integers(0, 3, 7)
    golden = GoldenModel(settings, start)
    expected = golden.train(x, y)
    golden.end_batch()
    wired, found, counters = Wired(settings), [], []

    async def host_program(ctx):
        host = Host(ctx, wired)
        await host.settle()
        for space, elements in enumerate((*start.counters, start.prototypes)):
            await host.load(space, elements.ravel().astype(int).tolist())
        for index, generator in enumerate(start.generators):
            await host.write(f"generator_{index}", int(generator))
        await host.write("command", Command.END_BATCH)
        await host.settle()
        if settings.recurrent:
            await host.write("steps", len(x[0]))
        for bits, label in zip(x, y, strict=True):
            found.append(protocol.decode_prediction(await host.ask(protocol.encode_sample(bits, int(label)))))
        await host.write("command", Command.END_BATCH)
        await host.settle()
        counters.extend([await host.dump(space, array.size) for space, array in enumerate(start.counters)])

    simulator = Simulator(wired)
    simulator.add_clock(CLOCK)
    simulator.add_testbench(host_program)
    simulator.run()
    assert [prediction.label for prediction in found] == expected.prediction.tolist()
    assert [prediction.taught for prediction in found] == expected.taught.astype(bool).tolist()
    for dumped, array in zip(counters, golden.state.counters, strict=True):
        assert dumped.tolist() == array.ravel().tolist()
    assert any((after != before).any() for after, before in zip(golden.state.counters, start.counters, strict=True))
