"""Lessons: beats in, bits out."""

import pytest

from bephw.rtl_gen.compact.lesson_buffer import LessonBuffer


@pytest.mark.parametrize(("outputs", "width"), [(1, 1), (6, 3), (7, 3), (5, 8), (8, 1)])
@pytest.mark.parametrize("pace", [0.0, 0.6])
def test_bits_in_order(bench, outputs, width, pace):
    dut = LessonBuffer(outputs, width)
    b = bench(dut, seed=outputs)
    lessons = [
        ([b.random.randrange(2) for _ in range(outputs)], int(b.random.random() < 0.7), b.random.randrange(2))
        for _ in range(12)
    ]
    beats = []
    for bits, teach, learn in lessons:
        count = -(-outputs // width) if teach else 1
        for index in range(count):
            word = b.random.getrandbits(outputs + width) >> width << outputs  # garbage beyond the last bit
            word |= sum(bit << lane for lane, bit in enumerate(bits))
            data = (word >> index * width) & ((1 << width) - 1)
            beats.append({"data": data, "teach": teach, "learn": learn, "last": index == count - 1})
    b.source(dut.lessons, beats, pace)
    done = []

    async def consume(ctx):
        for bits, teach, learn in lessons:
            while not ctx.get(dut.valid) or b.random.random() < pace:
                await ctx.tick()
            for bit in bits if teach else []:
                assert ctx.get(dut.valid)
                assert not ctx.get(dut.lessons.ready), "the next lesson waits"
                assert (ctx.get(dut.desired), ctx.get(dut.teach), ctx.get(dut.learn)) == (bit, 1, learn)
                ctx.set(dut.shift, 1)
                await ctx.tick()
                ctx.set(dut.shift, 0)
            assert (ctx.get(dut.teach), ctx.get(dut.learn)) == (teach, learn)
            ctx.set(dut.consumed, 1)
            await ctx.tick()
            ctx.set(dut.consumed, 0)
            assert not ctx.get(dut.valid)
            done.append(1)

    b.process(consume)
    b.run(lambda: len(done) == len(lessons))
