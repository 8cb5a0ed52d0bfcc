"""bephw.boards.link.bridge: whole commands over real bit timing, against a trainer of a few lines of Python."""

import numpy as np
from amaranth.sim import Simulator

from bephw.boards.link import protocol
from bephw.boards.link.bridge import UartBridge
from bephw.boards.link.protocol import Operation, Prediction
from bephw.settings import Settings

CLOCK = 1e-6
CLOCKS = 8  # a bit
SETTINGS = Settings.build(network={"sizes": [21, 6], "classes": 5}, hardware={"stream_width": 6, "columns": 6})


async def sample_when(ctx, condition, *values):
    """`values` at the first clock edge with `condition`.

    Like `ctx.tick().until(...)`, which leaves a generator behind that complains when a background process ends.
    """
    while True:
        _, _, now, *sampled = await ctx.tick().sample(condition, *values)
        if now:
            return sampled


class ModelTrainer:
    """Counts ones; teaches with odd labels. Slow where `stall` says so."""

    def __init__(self, bridge, stall=1):
        self.bridge, self.stall = bridge, stall
        self.registers = {0: 0x42455031}
        self.samples, self.waiting, self.loaded = [], [], []
        self.to_dump = []
        self.writes = []

    async def csr(self, ctx):
        csr = self.bridge.csr
        while True:
            _, _, write, address, data = await ctx.tick().sample(csr.write, csr.address, csr.write_data)
            ctx.set(csr.read_data, self.registers.get(address, 0))
            if write:
                self.registers[address] = data
                self.writes.append((address, data))

    async def take_samples(self, ctx):
        samples = self.bridge.samples
        while True:
            bits = []
            while len(bits) < SETTINGS.network.sizes[0]:
                await ctx.delay(self.stall * CLOCK)
                ctx.set(samples.ready, 1)
                (word,) = await sample_when(ctx, samples.valid, samples.payload)
                ctx.set(samples.ready, 0)
                bits += [word.data >> index & 1 for index in range(6)]
            assert not any(bits[21:])
            self.samples.append(bits[:21])
            self.waiting.append(Prediction(sum(bits) % 5, bool(word.label & 1)))

    async def predict(self, ctx):
        predictions = self.bridge.predictions
        while True:
            await ctx.tick()
            if self.waiting:
                prediction = self.waiting.pop(0)
                ctx.set(predictions.payload.label, prediction.label)
                ctx.set(predictions.payload.taught, prediction.taught)
                ctx.set(predictions.valid, 1)
                await sample_when(ctx, predictions.ready)
                ctx.set(predictions.valid, 0)

    async def load(self, ctx):
        load = self.bridge.load
        while True:
            await ctx.delay(self.stall * CLOCK)
            ctx.set(load.ready, 1)
            (element,) = await sample_when(ctx, load.valid, load.payload)
            ctx.set(load.ready, 0)
            self.loaded.append(element)

    async def dump(self, ctx):
        dump = self.bridge.dump
        for element in self.to_dump:
            await ctx.delay(self.stall * CLOCK)
            ctx.set(dump.payload, element & 0xFFFF_FFFF)
            ctx.set(dump.valid, 1)
            await sample_when(ctx, dump.ready)
            ctx.set(dump.valid, 0)


def converse(commands, replies, *, stall=1, to_dump=()):
    """Send all `commands` at once, wait for `replies` bytes, and return them with the model."""
    bridge = UartBridge(SETTINGS, CLOCKS)
    model = ModelTrainer(bridge, stall)
    model.to_dump = list(to_dump)
    answer = bytearray()

    async def send(ctx):
        for byte in b"".join(commands):
            for level in (0, *(byte >> index & 1 for index in range(8)), 1):
                ctx.set(bridge.receive, level)
                await ctx.delay(CLOCKS * CLOCK)

    async def listen(ctx):
        while len(answer) < replies:
            await ctx.negedge(bridge.transmit)
            await ctx.delay(1.5 * CLOCKS * CLOCK)
            byte = 0
            for index in range(8):
                byte |= ctx.get(bridge.transmit) << index
                await ctx.delay(CLOCKS * CLOCK)
            assert ctx.get(bridge.transmit) == 1
            answer.append(byte)

    simulator = Simulator(bridge)
    simulator.add_clock(CLOCK)
    simulator.add_testbench(send)
    simulator.add_testbench(listen)
    for process in (model.csr, model.take_samples, model.predict, model.load, model.dump):
        simulator.add_testbench(process, background=True)
    simulator.run()
    return bytes(answer), model


def test_registers():
    commands = [protocol.encode_write(0x812, -5), protocol.encode_read(0), protocol.encode_read(0x812)]
    answer, model = converse(commands, 1 + 5 + 5)
    assert answer[0] == Operation.WRITE
    assert protocol.decode_value(answer[1:6]) == 0x42455031
    assert protocol.decode_value(answer[6:]) == 2**32 - 5
    assert model.writes == [(0x812, 2**32 - 5)]


def test_samples_are_not_lost_while_the_trainer_is_slow():
    rng = np.random.default_rng(0)
    bits, labels = rng.integers(0, 2, (8, 21)), rng.integers(0, 5, 8)
    commands = [protocol.encode_sample(x, int(y)) for x, y in zip(bits, labels, strict=True)]
    assert sum(map(len, commands)) <= protocol.receive_bytes(SETTINGS)
    answer, model = converse(commands, 3 * 8, stall=300)
    predictions = [protocol.decode_prediction(answer[at : at + 3]) for at in range(0, len(answer), 3)]
    assert model.samples == bits.tolist()
    assert predictions == [Prediction(int(x.sum() % 5), bool(y & 1)) for x, y in zip(bits, labels, strict=True)]


def test_labels_too_large_stay_too_large():
    bits = [0] * 21
    answer, _ = converse([protocol.encode_sample(bits, label) for label in (65535, 256, 8, 2)], 12)
    taught = [protocol.decode_prediction(answer[at : at + 3]).taught for at in range(0, 12, 3)]
    assert taught == [True, True, True, False]  # the model teaches with odd labels: 7 = all ones arrived


def test_load():
    elements = [-128, 127, -1, 0, 32767, -32768]
    answer, model = converse([protocol.encode_load(elements), protocol.encode_load([3])], 2, stall=90)
    assert answer == bytes([Operation.LOAD] * 2)
    assert [element - (element >> 31 << 32) for element in model.loaded] == [*elements, 3]


def test_dump():
    elements = [5, -6, 127, -128]
    answer, _ = converse([protocol.encode_dump(3), protocol.encode_dump(1)], 7 + 3, stall=20, to_dump=elements)
    assert protocol.decode_elements(answer[:7]).tolist() == elements[:3]
    assert protocol.decode_elements(answer[7:]).tolist() == elements[3:]


def test_a_prediction_never_splits_a_dump():
    commands = [protocol.encode_sample([1] * 21, 1), protocol.encode_dump(4)]
    answer, _ = converse(commands, 3 + 9, stall=40, to_dump=[-1, -1, -1, -1])
    sample, dump = bytes([Operation.SAMPLE | protocol.TAUGHT, 1, 0]), bytes([Operation.DUMP] + [0xFF] * 8)
    assert answer in (sample + dump, dump + sample)


def test_unknown_operations_are_ignored():
    answer, model = converse([bytes([0, 0x77, 0xFF]), protocol.encode_read(0)], 5)
    assert protocol.decode_value(answer) == 0x42455031
    assert model.writes == []
