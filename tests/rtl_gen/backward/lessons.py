"""Lessons at random, for what takes them in beats and shows them slice by slice."""


class Setup:
    """Random lessons, and a reader that goes through each of them slice by slice."""

    def __init__(self, bench, dut, shape, gamma, width, *, pace=0.0, offer=0.0, teach=0.7, skipped=0, seed=0):
        self.dut = dut
        self.bench = b = bench(dut, seed)
        self.outputs, self.slices = shape.outputs, shape.slices(gamma)
        self.lessons = [
            (
                [b.random.randrange(2) for _ in range(shape.outputs)],
                int(b.random.random() < teach),
                b.random.randrange(2),
            )
            for _ in range(12)
        ]
        self.source = b.source(dut.lessons, self.beats(width, skipped), offer)
        self.pace = pace
        self.consumed = []
        self.shown = []
        b.process(self._read)

    def beats(self, width, skipped=0):
        generator, outputs = self.bench.random, self.outputs
        beats = []
        for bits, teach, learn in self.lessons:
            count = -(-(skipped + outputs) // width) if teach else 1
            word = generator.getrandbits(width) << outputs  # garbage beyond the last bit
            word |= sum(bit << lane for lane, bit in enumerate(bits)) if teach else 0
            word = word << skipped | (generator.getrandbits(skipped) if skipped else 0)
            for index in range(count):
                data = (word >> index * width) & ((1 << width) - 1)
                beats.append({"data": data, "teach": teach, "learn": learn, "last": index == count - 1})
        return beats

    async def _read(self, ctx):
        dut, generator = self.dut, self.bench.random

        async def pause():
            while generator.random() < self.pace:
                await ctx.tick()

        for bits, teach, learn in self.lessons:
            await pause()
            while not ctx.get(dut.valid):
                await ctx.tick()
            self.shown.append(self.bench.cycle + 1)  # the first clock edge that sees it
            for index, outputs in enumerate(self.slices if teach else [range(0)]):
                await pause()
                desired = ctx.get(dut.desired)
                assert [desired >> position & 1 for position in range(len(outputs))] == [bits[j] for j in outputs]
                assert (ctx.get(dut.valid), ctx.get(dut.teach), ctx.get(dut.learn)) == (1, teach, learn)
                last = not teach or index == len(self.slices) - 1
                ctx.set(dut.consumed, last)
                ctx.set(dut.shift, not last or generator.randrange(2))
                await ctx.tick()
                ctx.set(dut.shift, 0)
                ctx.set(dut.consumed, 0)
            self.consumed.append(self.bench.cycle)

    def run(self):
        self.bench.run(lambda: len(self.consumed) == len(self.lessons))
