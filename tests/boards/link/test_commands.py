"""bephw.boards.link.commands: the host's commands, byte by byte, against a trainer of a few lines of Python."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from bephw.boards.link.commands import CommandReader
from bephw.boards.link.protocol import Operation
from bephw.host import commands
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.registers.csr import READ_LATENCY

CLOCK = 1e-6
IDENTITY = bytes(range(64, 128))


async def sample_when(ctx, condition, *values):
    """`values` at the first clock edge with `condition`."""
    while True:
        _, _, now, *sampled = await ctx.tick().sample(condition, *values)
        if now:
            return sampled


class Bench:
    """Takes words of samples, and predicts the last one's; a register at 3 counts words; slow where `stall` says so."""

    def __init__(self, *, width=6, classes=5, classifiers=1, element=1, stall=1, dump=()):
        self.dut = CommandReader(sample_layout(width, classes), prediction_layout(classes, classifiers), element, 2)
        self.classes, self.stall, self.to_dump = classes, stall, list(dump)
        self.registers, self.words, self.loaded, self.positions, self.replies = {3: 0}, [], [], [], bytearray()
        self.predicting = []

    def carry_out(self, *given, replies):
        """Everything that the commands do, until so many bytes have answered and all bytes were taken."""
        code = b"".join(command.code for command in given)
        done = []

        async def send(ctx):
            for byte in code:
                ctx.set(self.dut.bytes.payload, byte)
                ctx.set(self.dut.bytes.valid, 1)
                await sample_when(ctx, self.dut.bytes.ready)
            ctx.set(self.dut.bytes.valid, 0)
            await ctx.delay(20 * CLOCK)
            done.append(True)

        async def listen(ctx):
            for _ in range(20_000):
                if len(self.replies) >= replies and done:
                    break
                _, _, valid, byte = await ctx.tick().sample(self.dut.replies.valid, self.dut.replies.payload)
                self.replies += bytes([byte] * valid)

        simulator = Simulator(self.dut)
        simulator.add_clock(CLOCK)
        simulator.add_testbench(send, background=True)
        simulator.add_testbench(listen)
        for process in (self._csr, self._samples, self._predictions, self._load, self._dump, self._again):
            simulator.add_testbench(process, background=True)
        simulator.add_testbench(self._identity, background=True)
        simulator.run()
        assert len(self.replies) == replies and done
        return bytes(self.replies)

    async def _csr(self, ctx):
        csr, addresses = self.dut.csr, [0] * (READ_LATENCY - 1)
        while True:
            _, _, write, address, data = await ctx.tick().sample(csr.write, csr.address, csr.write_data)
            if write:
                self.registers[address] = data
            addresses = [*addresses[1:], address]
            ctx.set(csr.read_data, self.registers.get(addresses[0], 0))

    async def _samples(self, ctx):
        samples = self.dut.samples
        while True:
            await ctx.delay(self.stall * CLOCK)
            ctx.set(samples.ready, 1)
            (word,) = await sample_when(ctx, samples.valid, samples.payload)
            ctx.set(samples.ready, 0)
            self.words.append((word.data, word.label))
            self.registers[3] += 1
            self.predicting.append((word.label, word.data & 1))

    async def _predictions(self, ctx):
        predictions = self.dut.predictions
        while True:
            await ctx.tick()
            if self.predicting:
                label, taught = self.predicting.pop(0)
                ctx.set(predictions.payload, {"label": label, "taught": taught})
                ctx.set(predictions.valid, 1)
                await sample_when(ctx, predictions.ready)
                ctx.set(predictions.valid, 0)

    async def _load(self, ctx):
        load = self.dut.load
        while True:
            await ctx.delay(self.stall * CLOCK)
            ctx.set(load.ready, 1)
            (element,) = await sample_when(ctx, load.valid, load.payload)
            ctx.set(load.ready, 0)
            self.loaded.append(element - (element >> 31 << 32))

    async def _dump(self, ctx):
        for element in self.to_dump:
            await ctx.delay(self.stall * CLOCK)
            ctx.set(self.dut.dump.payload, element & 0xFFFF_FFFF)
            ctx.set(self.dut.dump.valid, 1)
            await sample_when(ctx, self.dut.dump.ready)
            ctx.set(self.dut.dump.valid, 0)

    async def _again(self, ctx):
        while True:
            (position,) = await sample_when(ctx, self.dut.again, self.dut.following)
            await ctx.delay(self.stall * CLOCK)
            ctx.set(self.dut.again_ready, 1)
            await ctx.tick()
            ctx.set(self.dut.again_ready, 0)
            self.positions.append(position)

    async def _identity(self, ctx):
        while True:
            _, _, address = await ctx.tick().sample(self.dut.identity_address)
            page, index = divmod(address, 32)
            ctx.set(self.dut.identity, IDENTITY[32 * page + 31 - index])


def test_registers():
    bench = Bench()
    given = [commands.write_register(0x812, -5), commands.read_register(0x812), commands.read_register(9)]
    assert bench.carry_out(*given, replies=10) == b"\0" + b"\xfb\xff\xff\xff" + b"\0" + bytes(4)
    assert bench.registers[0x812] == 2**32 - 5


@pytest.mark.parametrize(("width", "size"), [(6, 1), (8, 1), (12, 2), (33, 5)])
@pytest.mark.parametrize("stall", [1, 30])
def test_samples(width, size, stall):
    bench, rng = Bench(width=width, stall=stall), np.random.default_rng(width)
    words = [int(word) for word in rng.integers(0, 2**width, 45)]
    packed = np.array([list(word.to_bytes(size, "little")) for word in words], np.uint8)
    given = [*commands.sample(packed[:40], 4, 1), *commands.sample(packed[40:], 2, 1)]
    labels = [4] * 40 + [2] * 5
    expected = bytes((label | (word & 1) << 3) << 1 | 1 for word, label in zip(words, labels, strict=True))
    assert bench.carry_out(*given, replies=45) == expected
    assert bench.words == list(zip(words, labels, strict=True))


@pytest.mark.parametrize(("classes", "size"), [(2, 1), (64, 1), (65, 2), (40_000, 3)])
def test_predictions_of_any_width(classes, size):
    bench = Bench(classes=classes)
    given = [part for label in (0, classes - 1) for part in commands.sample(np.array([[1]], np.uint8), label, size)]
    taught = 1 << (classes - 1).bit_length()
    expected = [(label | taught) << 1 | 1 for label in (0, classes - 1)]
    assert bench.carry_out(*given, replies=2 * size) == b"".join(number.to_bytes(size, "little") for number in expected)


@pytest.mark.parametrize(("element", "largest"), [(1, 127), (2, 32767)])
@pytest.mark.parametrize("stall", [1, 9])
def test_state(element, largest, stall):
    elements = np.array([-largest - 1, largest, -1, 0, 5] * 9)
    bench = Bench(element=element, stall=stall, dump=elements.tolist())
    given = [*commands.load_elements(elements, element), *commands.dump_elements(45, element)]
    found = bench.carry_out(*given, replies=2 + 45 * element)
    packed = elements.astype(f"<i{element}").tobytes()
    assert found == b"\0" + packed[: 32 * element] + b"\0" + packed[32 * element :]
    assert bench.loaded == elements.tolist()


def test_the_identity_block():
    given = [commands.read_page(1), commands.read_page(0)]
    assert Bench().carry_out(*given, replies=66) == b"\0" + IDENTITY[32:] + b"\0" + IDENTITY[:32]


def test_predictions_never_split_an_answer():
    """Of 100 answers between predictions, each in its place."""
    bench = Bench(classes=300)
    given = []
    for number in range(100):
        given += [*commands.sample(np.array([[number % 64]], np.uint8), number, 2), commands.read_register(3)]
    stream, answers, predictions = bench.carry_out(*given, replies=100 * 7), 0, 0
    while stream:
        if stream[0] & 1:
            assert int.from_bytes(stream[:2], "little") >> 1 == predictions | (predictions & 1) << 9
            predictions, stream = predictions + 1, stream[2:]
        else:
            assert stream[0] == 0 and int.from_bytes(stream[1:5], "little") == answers + 1
            answers, stream = answers + 1, stream[5:]
    assert (answers, predictions) == (100, 100)


def test_replies_are_asked_for_again_when_that_may_be():
    bench = Bench(stall=25)
    given = [commands.repeat_replies(0x987), commands.write_register(1, 7), commands.repeat_replies(0)]
    bench.carry_out(*given, replies=0)
    assert bench.positions == [0x987, 0] and bench.registers[1] == 7


def test_nothing_comes_of_nop_or_of_what_cannot_be_set():
    bench = Bench()
    nothing = commands.Command(bytes([0, 0xF8, Operation.SET | 5 << 3, 1, 2]))
    bench.carry_out(nothing, commands.write_register(2, 1), replies=0)
    assert bench.registers == {2: 1, 3: 0}
