"""bephw.boards.store.store: with a trainer of a few gates and the FPGA's own memory, against plain Python."""

import random
import zlib

import pytest
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.boards.store.layout import record_layout
from bephw.boards.store.on_chip import OnChipMemory
from bephw.boards.store.registers import StoreCommand, StoreStatus, store_registers
from bephw.boards.store.store import SampleStore
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY, CsrSignature
from bephw.settings import Settings
from tests.boards.store.conftest import record

CLASSES, WORD, COUNT = 5, 16, 7


def settings_of(width):
    return Settings.build(
        network={"sizes": [19, 6], "classes": CLASSES}, hardware={"stream_width": width, "slots": 2, "profile": True}
    )


class WithMemory(wiring.Component):
    """A store and a memory that is just large enough."""

    def __init__(self, settings):
        self.settings, self.layout = settings, record_layout(settings, WORD)
        self.depth = COUNT * self.layout.words
        samples = stream.Signature(sample_layout(self.layout.stream_width, CLASSES))
        predictions = stream.Signature(prediction_layout(CLASSES))
        super().__init__(
            {
                "samples": In(samples),
                "predictions": Out(predictions),
                "csr": In(CsrSignature()),
                "feed": Out(samples),
                "results": In(predictions),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.store = store = SampleStore(self.settings, self.layout, self.depth)
        m.submodules.memory = memory = OnChipMemory(WORD, self.depth, self.layout.words)
        connect(m, store.memory, memory.port)
        for name in ("samples", "csr", "results"):
            connect(m, flipped(getattr(self, name)), getattr(store, name))
        for name in ("predictions", "feed"):
            connect(m, getattr(store, name), flipped(getattr(self, name)))
        return m


class Host:
    """Registers by name, and what goes over the streams."""

    def __init__(self, test, dut):
        self.dut, self.registers = dut, store_registers(dut.depth, dut.settings)

    async def write(self, ctx, name, value):
        bus = self.dut.csr
        ctx.set(bus.address, self.registers[name].address)
        ctx.set(bus.write_data, value)
        ctx.set(bus.write, 1)
        await ctx.tick()
        ctx.set(bus.write, 0)
        await ctx.tick().repeat(WRITE_LATENCY)

    async def read(self, ctx, name):
        ctx.set(self.dut.csr.address, self.registers[name].address)
        await ctx.tick().repeat(READ_LATENCY)
        return ctx.get(self.dut.csr.read_data)

    async def do(self, ctx, command, first=0, stride=0, end=None):
        words = self.dut.layout.words
        place = {"size": COUNT, "first": first, "stride": stride, "end": first if end is None else end}
        for name, value in place.items():
            await self.write(ctx, f"store_{name}", value * words)
        await self.write(ctx, "store_command", command)
        assert await self.read(ctx, "store_status") == StoreStatus.BUSY

    async def until_idle(self, ctx):
        for _ in range(3000):
            if not await self.read(ctx, "store_status"):
                return
        raise AssertionError("the store is still busy")


def predictions(test, dut, fed):
    """A process that predicts every sample that was `fed`: its label, but 0 for class 1; later than it came."""
    words = dut.layout.stream_words

    async def predict(ctx):
        done = 0
        while True:
            await test.wait(ctx, 9)
            if done == len(fed.beats) // words:
                continue
            done += 1
            label = fed.beats[done * words - 1]["label"]
            ctx.set(dut.results.payload, {"label": 0 if label == 1 else label, "taught": 1})
            ctx.set(dut.results.valid, 1)
            ready = 0
            while not ready:
                _, _, ready = await ctx.tick().sample(dut.results.ready)
            ctx.set(dut.results.valid, 0)

    return predict


@pytest.mark.parametrize("width", [8, 5, 24])
@pytest.mark.parametrize("stall", [0.0, 0.3])
def test_loaded_once_it_runs_epochs(bench, width, stall):
    rng = random.Random(width)
    settings = settings_of(width)
    dut = WithMemory(settings)
    layout = dut.layout
    samples = [
        (rng.randrange(CLASSES), [rng.getrandbits(width) for _ in range(layout.stream_words)]) for _ in range(COUNT)
    ]
    beats = [{"label": label, "data": word} for label, words in samples for word in words]
    passed = beats[: 2 * layout.stream_words]  # straight to the trainer
    test = bench(dut)
    host, state = Host(test, dut), {"may": 0}
    source = test.source(dut.samples, beats + passed, stall, when=lambda: len(source.taken) < state["may"])
    fed = test.sink(dut.feed, stall)
    answered = test.sink(dut.predictions, stall)

    test.process(predictions(test, dut, fed))

    async def script(ctx):
        await host.do(ctx, StoreCommand.LOAD)
        state["may"] = len(beats)
        await host.until_idle(ctx)
        assert len(source.taken) == len(beats) and not fed.beats
        await host.do(ctx, StoreCommand.CHECK)
        await host.until_idle(ctx)
        words = [word for label, stream_words in samples for word in record(layout, label, stream_words)]
        expected = zlib.crc32(b"".join(word.to_bytes(WORD // 8, "little") for word in words))
        assert await host.read(ctx, "store_checksum") == expected
        for first, stride in ((3, 2), (0, 6), (6, 1)):
            start = len(fed.beats)
            await host.do(ctx, StoreCommand.RUN, first, stride)
            await host.until_idle(ctx)
            order = [(first + index * stride) % COUNT for index in range(COUNT)]
            came = fed.beats[start:]
            assert came == [{"label": samples[n][0], "data": word} for n in order for word in samples[n][1]]
            right = sum(label != 1 for label, _ in samples)
            assert await host.read(ctx, "store_correct") == right
            assert await host.read(ctx, "store_waiting") > 0
        start = len(fed.beats)
        for first, end in ((1, 4), (4, 1)):  # an epoch in two pieces: 1, 3, 5, 0, 2 and 4, 6
            await host.do(ctx, StoreCommand.RUN, first, 2, end)
            await host.until_idle(ctx)
        order = [(1 + index * 2) % COUNT for index in range(COUNT)]
        assert fed.beats[start:] == [{"label": samples[n][0], "data": word} for n in order for word in samples[n][1]]
        assert await host.read(ctx, "store_correct") == sum(samples[n][0] != 1 for n in order[5:])
        assert not answered.beats
        state["may"] += len(passed)
        while len(answered.beats) < 2:
            await ctx.tick()
        assert fed.beats[-len(passed) :] == passed

    test.script(script)
