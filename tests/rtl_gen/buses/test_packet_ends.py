"""Ends of packets, around a network."""

import random

import pytest

from bephw.rtl_gen.buses.packet_ends import PacketEnds


@pytest.mark.parametrize(("words", "places", "most_steps"), [(1, 1, None), (3, 4, None), (1, 2, 5), (3, 3, 4)])
def test_a_prediction_ends_a_packet_where_its_sample_did(bench, words, places, most_steps):
    """TLAST of words within a sample does not count; the length of a sample is that with its first word."""
    dut, draw = PacketEnds(words, places, most_steps), random.Random(words)
    wanted, got, full = [], [], []

    async def drive(ctx):
        sample = []  # TLAST of the words of it to come
        for _ in range(800):
            assert ctx.get(dut.between) == (not sample)
            full.append(not ctx.get(dut.room))
            taken = ctx.get(dut.room) and draw.random() < 0.8
            steps = draw.randrange(1, 1 + (most_steps or 1))
            if most_steps is not None:
                ctx.set(dut.steps, steps)
            if taken:
                sample = sample or [draw.randrange(2) for _ in range(words * steps)]
            ctx.set(dut.taken, taken)
            ctx.set(dut.last, sample[0] if taken else draw.randrange(2))
            predicted = ctx.get(dut.known) and draw.random() < (0.1 if len(got) < 20 else 0.5)
            ctx.set(dut.predicted, predicted)
            assert not ctx.get(dut.known) or len(wanted) > len(got)
            if predicted:
                got.append(ctx.get(dut.ends))
            if taken:
                wanted.extend(sample[:1] if len(sample) == 1 else [])
                sample = sample[1:]
            await ctx.tick()

    bench(dut).script(drive)
    assert len(got) > 40
    assert got == wanted[: len(got)]
    assert set(got) == {0, 1}
    assert any(full)
    assert len(wanted) - len(got) <= max(places, 2) + 1


def test_the_latency_is_exact(bench):
    dut = PacketEnds(1, 4)

    async def script(ctx):
        ctx.set(dut.taken, 1)
        await ctx.tick()
        ctx.set(dut.taken, 0)
        assert not ctx.get(dut.known)
        await ctx.tick()
        assert ctx.get(dut.known)

    bench(dut).script(script)
