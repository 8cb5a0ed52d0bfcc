"""The whole trainer against numerics.md, sections 2 to 5, in loops over lists."""

import random
from itertools import pairwise

import numpy as np
import pytest

from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY
from bephw.rtl_gen.registers.map import IDENTITY, Command, Status, Transfer, register_map
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.state import NetworkState


def agreement(row, bits):
    return 2 * sum(w == a for w, a in zip(row, bits, strict=True)) - len(bits)


class Specification:
    """A network of plain lists that learns one sample at a time."""

    def __init__(self, settings, counters, prototypes, seeds):
        self.settings, self.counters, self.prototypes = settings, counters, prototypes
        self.generators, self.accumulators = list(seeds), [0] * len(counters)
        self.high = (1 << (settings.learning.bits - 1)) - 1
        self.position = self.updates = 0
        self.later = [self._signs() for _ in range(settings.learning.lag)]
        self.end_batch()

    def _signs(self):
        return [[[int(c >= 0) for c in row] for row in matrix] for matrix in self.counters]

    def end_batch(self):
        self.later.append(self._signs())
        self.visible = self.later.pop(0)
        self.position = 0

    def _step(self, layer, j, k, up):
        value = self.counters[layer][j][k] + (1 if up else -1)
        self.counters[layer][j][k] = min(max(value, -self.high - 1), self.high)

    def train(self, bits, label):
        """Returns the prediction and whether the sample taught."""
        inputs, sums = [bits], []
        for matrix in self.visible:
            sums.append([agreement(row, inputs[-1]) for row in matrix])
            inputs.append([int(z >= 0) for z in sums[-1]])
        logits = [agreement(row, inputs[-1]) for row in self.prototypes]
        teach = 0
        if label < len(logits):
            rival = max(y for c, y in enumerate(logits) if c != label)
            teach = int(logits[label] - rival < self.settings.R)
        if teach:
            self._teach(inputs, sums, self.prototypes[label])
        for layer in range(len(self.counters)):
            self._reinforce(layer)
        self.position += 1
        if self.position == self.settings.learning.batch:
            self.end_batch()
        return logits.index(max(logits)), teach

    def _teach(self, inputs, sums, desired):
        for layer in reversed(range(len(self.counters))):
            if layer:
                gate = self.settings.G[layer]
                opened = [i for i, z in enumerate(sums[layer]) if abs(z) <= gate]
                below = []
                for k, active in enumerate(inputs[layer]):
                    v = sum(1 if desired[i] == self.visible[layer][i][k] else -1 for i in opened)
                    tie = active if self.settings.learning.tie == "keep" else 1
                    below.append(int(v > 0) if v else tie)
            self._update(layer, inputs[layer], sums[layer], desired)
            desired = below if layer else None

    def _update(self, layer, bits, z, desired):
        gamma = self.settings.gamma[layer]
        for start in range(0, len(z), gamma):
            wrong = [(abs(z[j]), j) for j in range(start, start + gamma) if z[j] and (z[j] > 0) != desired[j]]
            if wrong:
                j = min(wrong)[1]
                self.updates += 1
                for k, bit in enumerate(bits):
                    self._step(layer, j, k, desired[j] == bit)

    def _reinforce(self, layer):
        self.accumulators[layer] += self.settings.fixed_rates[layer]
        matrix = self.counters[layer]
        for _ in range(self.accumulators[layer] >> 16):
            u = self.generators[layer]
            u ^= (u << 13) & 0xFFFFFFFF
            u ^= u >> 17
            u ^= (u << 5) & 0xFFFFFFFF
            self.generators[layer] = u
            j, k = ((u >> 16) * len(matrix)) >> 16, ((u & 0xFFFF) * len(matrix[0])) >> 16
            self._step(layer, j, k, matrix[j][k] >= 0)
        self.accumulators[layer] &= 0xFFFF


class Host:
    """A trainer, its streams, and its registers by name."""

    def __init__(self, bench, settings, state, samples, stall):
        self.settings, self.registers = settings, register_map(settings)
        self.dut = dut = Trainer(settings, state)
        self.bench = b = bench(dut, seed=3)
        width, self.words = settings.hardware.stream_width, []
        for bits, label in samples:
            for at in range(0, len(bits), width):
                word = sum(bit << lane for lane, bit in enumerate(bits[at : at + width]))
                self.words.append({"data": word, "label": label})
        self.pending = []  # state elements to load
        self.open = False
        b.source(dut.samples, self.words, stall, when=lambda: self.open)
        self.predictions = b.sink(dut.predictions, stall)
        self.dumped = b.sink(dut.dump, stall)
        b.source(dut.load, self._elements(), stall, when=lambda: bool(self.pending))

    def _elements(self):
        while True:
            yield self.pending.pop(0)

    async def write(self, ctx, name, value):
        csr = self.dut.csr
        ctx.set(csr.address, self.registers[name].address)
        ctx.set(csr.write_data, value)
        ctx.set(csr.write, 1)
        await ctx.tick()
        ctx.set(csr.write, 0)
        await self.bench.wait(ctx, WRITE_LATENCY - 1)

    async def read(self, ctx, name):
        ctx.set(self.dut.csr.address, self.registers[name].address)
        await self.bench.wait(ctx, READ_LATENCY)
        return ctx.get(self.dut.csr.read_data)

    async def wait_while(self, ctx, bit):
        for _ in range(20_000):
            if not await self.read(ctx, "status") & bit:
                return
        raise AssertionError(f"status bit {bit} does not fall")

    async def dump(self, ctx, space, count):
        self.dumped.beats.clear()
        await self.write(ctx, "transfer", space | Transfer.DUMP)
        await self.wait_while(ctx, Status.TRANSFER)
        assert len(self.dumped.beats) == count
        return [beat - (1 << 32) if beat >> 31 else beat for beat in self.dumped.beats]

    async def load(self, ctx, space, elements):
        await self.write(ctx, "transfer", space)
        self.pending = [element % (1 << 32) for element in elements]
        await self.wait_while(ctx, Status.TRANSFER)
        assert not self.pending


CONFIGURATIONS = {
    "one layer": {"sizes": [6, 4], "classes": 2, "gamma": 2, "hardware": {"rows": 1, "columns": 2}},
    "ragged": {
        "sizes": [9, 6, 5],
        "classes": 3,
        "gamma": [2, 5],
        "hardware": {"rows": [4, 2, 2], "columns": [4, 5, 3]},
    },
    "deep": {
        "sizes": [5, 6, 4, 6],
        "classes": 5,
        "gamma": [3, 1, 6],
        "tie": "plus",
        "hardware": {"rows": [6, 4, 2, 5], "columns": [5, 6, 4, 1], "slots": 3, "stream_width": 2},
    },
    "single port": {
        "sizes": [9, 6, 4],
        "classes": 4,
        "gamma": 2,
        "hardware": {"rows": [2, 1, 3], "columns": [3, 6, 2], "counter_memory": "spram", "profile": False},
    },
}


def build(name, **changes):
    chosen = dict(CONFIGURATIONS[name])
    sizes, hardware = chosen["sizes"], chosen["hardware"]
    layers = len(sizes) - 1
    settings = Settings.build(
        network={"sizes": sizes, "classes": chosen["classes"]},
        learning={
            "bits": 3,
            "R": 3,
            "G": [2] * layers,
            "gamma": chosen["gamma"],
            "tie": chosen.get("tie", "keep"),
            "batch": changes.pop("batch", 7),
            "lag": changes.pop("lag", 0),
            "rates": [40_000, 150_000, 3_000][:layers],
            "generators": [11, 222, 3333][:layers],
        },
        hardware=hardware | changes,
    )
    generator = random.Random(name)
    counters = [
        [[generator.randrange(-4, 4) for _ in range(k_in)] for _ in range(k_out)] for k_in, k_out in pairwise(sizes)
    ]
    prototypes = [[generator.randrange(2) for _ in range(sizes[-1])] for _ in range(chosen["classes"])]
    top = 1 << (chosen["classes"] - 1).bit_length()
    samples = [([generator.randrange(2) for _ in range(sizes[0])], generator.randrange(top)) for _ in range(18)]
    return settings, counters, prototypes, samples


def make_state(settings, counters, prototypes):
    return NetworkState(
        tuple(np.array(matrix, np.int16) for matrix in counters),
        np.array(prototypes, np.uint8),
        np.array(settings.learning.generators, np.uint32),
        np.zeros(len(counters), np.uint32),
    )


def flat(matrix):
    return [value for row in matrix for value in row]


@pytest.mark.parametrize(
    ("name", "stall", "loaded", "changes"),
    [
        ("one layer", 0.4, False, {}),
        ("ragged", 0.4, True, {}),
        pytest.param("deep", 0.0, True, {}, marks=pytest.mark.slow),
        pytest.param("single port", 0.0, True, {}, marks=pytest.mark.slow),
        ("ragged", 0.3, False, {"renewal": "sweep"}),
        pytest.param("ragged", 0.0, True, {"renewal": "sweep", "batch": 1}, marks=pytest.mark.slow),
        pytest.param("deep", 0.0, False, {"renewal": "sweep", "batch": 2}, marks=pytest.mark.slow),
        ("single port", 0.2, True, {"renewal": "sweep", "batch": 1}),
        ("ragged", 0.0, False, {"samples": 2}),
        pytest.param("ragged", 0.3, True, {"samples": [4, 2], "slots": 4}, marks=pytest.mark.slow),
        pytest.param("ragged", 0.0, False, {"samples": [2, 4], "columns": [4, 1, 3]}, marks=pytest.mark.slow),
        pytest.param("deep", 0.0, False, {"samples": 3, "slots": 12}, marks=pytest.mark.slow),
        pytest.param("deep", 0.3, True, {"samples": [2, 1, 4], "slots": 16}, marks=pytest.mark.slow),
        ("ragged", 0.0, False, {"lag": 1, "batch": 3}),
        pytest.param(
            "deep", 0.3, True, {"lag": 1, "batch": 1, "samples": [2, 1, 4], "slots": 8}, marks=pytest.mark.slow
        ),
        ("ragged", 0.3, True, {"lag": 1, "batch": 1, "samples": [4, 2], "slots": 4}),
        ("single port", 0.0, True, {"lag": 1, "batch": 2}),
    ],
)
def test_trains_as_specified(bench, name, stall, loaded, changes):
    """State from memory initialisation, or loaded at run time; then everything that can be observed."""
    settings, counters, prototypes, samples = build(name, **changes)
    host = Host(bench, settings, None if loaded else make_state(settings, counters, prototypes), samples, stall)
    specification = Specification(
        settings, [[list(row) for row in matrix] for matrix in counters], prototypes, settings.learning.generators
    )
    expected = [specification.train(bits, label) for bits, label in samples]
    specification.end_batch()

    async def script(ctx):
        assert await host.read(ctx, "identity") == IDENTITY
        await host.wait_while(ctx, Status.BUSY)
        if loaded:
            for space, matrix in enumerate([*counters, prototypes]):
                await host.load(ctx, space, flat(matrix))
            await host.write(ctx, "command", Command.END_BATCH)
        host.open = True
        while len(host.predictions.beats) < len(samples):
            await ctx.tick()
        assert [(beat["label"], beat["taught"]) for beat in host.predictions.beats] == expected
        await host.write(ctx, "command", Command.END_BATCH)
        await host.wait_while(ctx, Status.BUSY)
        for space, matrix in enumerate([*specification.counters, prototypes]):
            found = await host.dump(ctx, space, len(flat(matrix)))
            assert [abs(bit) for bit in found] == flat(matrix) if space == len(counters) else found == flat(matrix)
        for layer in range(len(counters)):
            assert await host.read(ctx, f"generator_{layer}") == specification.generators[layer]
            assert await host.read(ctx, f"accumulator_{layer}") == specification.accumulators[layer]
        assert await host.read(ctx, "samples") == len(samples)
        assert await host.read(ctx, "taught") == sum(taught for _, taught in expected)
        assert await host.read(ctx, "updates") == specification.updates

    host.bench.script(script)


@pytest.mark.parametrize("renewal", ["copy", "sweep"])
def test_parts_may_be_loaded_batch_by_batch(bench, renewal):
    """Every load becomes visible at the next end of a batch, and undoes none of those before it."""
    settings, counters, prototypes, samples = build("ragged", renewal=renewal)
    host = Host(bench, settings, None, samples, 0.0)
    copies = [[list(row) for row in matrix] for matrix in counters]
    specification = Specification(settings, copies, prototypes, settings.learning.generators)
    expected = [specification.train(bits, label) for bits, label in samples]

    async def script(ctx):
        await host.wait_while(ctx, Status.BUSY)
        for space, matrix in enumerate([*counters, prototypes]):
            await host.load(ctx, space, flat(matrix))
            await host.write(ctx, "command", Command.END_BATCH)
            await host.wait_while(ctx, Status.BUSY)
        host.open = True
        while len(host.predictions.beats) < len(samples):
            await ctx.tick()
        assert [(beat["label"], beat["taught"]) for beat in host.predictions.beats] == expected

    host.bench.script(script)


class LengthsAtRandom:
    """A recurrent trainer that is sent random words, while any number is written to its register `steps` at any time.

    The samples are what the words come to, cut by the length that held when each began.
    """

    MOST = 5

    def __init__(self, bench, seed, pause, **hardware):
        self.settings = Settings.build(
            network={"sizes": [3, 6, 4], "classes": 3},
            learning={"algorithm": "bep-tt", "batch": 4, "R": 5, "G": [4, 3], "rates": [30_000, 30_000]},
            hardware={"rows": 2, "columns": 3, "stream_width": 2} | hardware,
            data={"steps": self.MOST},
        )
        self.state = initial_state(self.settings)
        self.host = Host(bench, self.settings, self.state, [], pause)
        self.chance, self.pause = random.Random(seed), pause
        self.writes = [(0, self.MOST)]  # the edge at which one changes the register, and to what
        self.samples, self.waited = [], 0  # the series and labels; edges at which a word found no place

    async def write(self, ctx):
        edge = 0
        while True:
            pause = self.chance.randrange(2, 150)
            await self.host.bench.wait(ctx, pause)
            value = self.chance.choice([0, 1, 2, 3, 4, self.MOST, self.MOST + 1, 2**32 - 1])
            self.writes.append((edge + pause + WRITE_LATENCY, min(max(value, 1), self.MOST)))
            await self.host.write(ctx, "steps", value)
            edge += pause + WRITE_LATENCY

    async def send(self, ctx, count):
        edge, stream = 0, self.host.dut.samples

        async def word(label):
            nonlocal edge
            data = self.chance.getrandbits(2)
            while self.chance.random() < self.pause:
                await ctx.tick()
                edge += 1
            ctx.set(stream.payload, {"data": data, "label": label})
            ctx.set(stream.valid, 1)
            ready = 0
            while not ready:
                _, _, ready = await ctx.tick().sample(stream.ready)
                edge += 1
                self.waited += not ready
            ctx.set(stream.valid, 0)
            return [data & 1, data >> 1]

        for _ in range(count):
            label = self.chance.randrange(3)
            first = await word(label)
            steps = [value for at, value in self.writes if at < edge][-1]
            words = first + [bit for _ in range(2 * steps - 1) for bit in await word(label)]
            # The last bit of a step's two words is padding.
            self.samples.append(([words[at : at + 3] for at in range(0, len(words), 4)], label))


@pytest.mark.parametrize(
    ("seed", "pause", "count", "hardware"),
    [
        (0, 0.0, 16, {}),
        pytest.param(1, 0.3, 20, {"slots": 2}, marks=pytest.mark.slow),
        pytest.param(2, 0.9, 12, {"renewal": "sweep", "slots": 1}, marks=pytest.mark.slow),
    ],
)
def test_steps_written_at_any_time(bench, seed, pause, count, hardware):
    """Every sample has the length that held when it began, and all learn as the golden model says."""
    run = LengthsAtRandom(bench, seed, pause, **hardware)
    host = run.host
    host.bench.process(run.write)

    async def script(ctx):
        await run.send(ctx, count)
        while len(host.predictions.beats) < count:
            await ctx.tick()
        model = GoldenModel(run.settings, run.state)
        for (series, label), beat in zip(run.samples, host.predictions.beats, strict=True):
            record = model.train(np.array([series], np.uint8), np.array([label]))
            assert (beat["label"], beat["taught"]) == (record.prediction[0], record.taught[0])
        assert len({len(series) for series, _ in run.samples}) >= 3
        assert len(run.writes) > count / 8

    host.bench.script(script)


@pytest.mark.parametrize(("value", "kept"), [(0, 1), (1, 1), (4, 4), (5, 5), (6, 5), (8, 5), (2**32 - 1, 5)])
def test_steps_read_back(bench, value, kept):
    run = LengthsAtRandom(bench, 0, 0.0)

    async def script(ctx):
        await run.host.write(ctx, "steps", value)
        assert await run.host.read(ctx, "steps") == kept

    run.host.bench.script(script)
