"""Winners of samples that take turns: they leave in the order of the samples, and of their coming within one."""

from amaranth.lib import data
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.backward.winner_records import WinnerRecords
from bephw.rtl_gen.parts.layouts import winner_layout
from bephw.shape import LayerShape, ceil_div

SAMPLES = 25


@settings(max_examples=25)
@given(
    outputs=st.integers(1, 9),
    rows=st.integers(1, 9),
    gamma=st.integers(1, 9),
    steps=st.integers(1, 6),
    slots=st.integers(1, 7),
    stall=st.sampled_from([0.0, 0.6]),
    seed=st.integers(0, 99),
)
def test_sample_order(bench, outputs, rows, gamma, steps, slots, stall, seed):
    """Of as many beats as a search may find: the end of a sample may be one of its own."""
    shape = LayerShape(0, outputs + 1, outputs, min(rows, outputs), 1, 1, steps, slots)
    dut, layout = WinnerRecords(shape, gamma), winner_layout(shape)
    b = bench(dut, seed)
    most = steps * ceil_div(outputs, gamma) + (len(shape.slices(gamma)[-1]) == 0)

    def beats(sample):
        count = b.random.choice([1, most, b.random.randrange(1, most + 1)])
        return [
            {
                **{name: b.random.randrange(2) for name in ("present", "learn", "desired")},
                "end": int(index == count - 1),
                "row": {"group": b.random.randrange(shape.groups), "bank": b.random.randrange(shape.rows)},
                "at": {"step": b.random.randrange(steps), "slot": sample % slots},
            }
            for index in range(count)
        ]

    samples = [beats(sample) for sample in range(SAMPLES)]
    sent, taken, ended = [0] * SAMPLES, [], [0]

    def drive(ready, word):
        taking = ready and drive.asks
        if taking:
            beat = layout.from_bits(word)
            taken.append({name: beat[name] for name in ("present", "learn", "desired", "end")} | {"word": word})
            ended[0] += beat["end"]
        # Any of the samples that have a slot, in turns: up to the number of slots, less those not quite taken.
        open_ones = [s for s in range(ended[0], min(ended[0] + slots, SAMPLES)) if sent[s] < len(samples[s])]
        changes = [(dut.w_en, 0)]
        if open_ones and b.random.random() < 0.8:
            sample = b.random.choice(open_ones)
            changes = [(dut.w_en, 1), (dut.w_data, layout.const(samples[sample][sent[sample]]).as_bits())]
            sent[sample] += 1
        drive.asks = b.random.random() >= stall
        return [*changes, (dut.r_en, drive.asks)]

    drive.asks = False
    b.watch([dut.r_rdy, dut.r_data], drive)
    b.run(lambda: ended[0] == SAMPLES, rest=5)
    assert [one["word"] for one in taken] == [layout.const(beat).as_bits() for sample in samples for beat in sample]


def test_latency_and_throughput(bench):
    """Two cycles, then an entry a cycle."""
    shape = LayerShape(0, 9, 8, 1, 1, 1, 2, 3)
    dut, layout = WinnerRecords(shape, 1), winner_layout(shape)
    b = bench(dut)
    ready = []
    b.watch([dut.r_rdy], lambda high: ready.append(high))
    b.set(dut.r_en, 1)

    async def script(ctx):
        for sample in range(3):
            for index in range(4):
                ctx.set(dut.w_en, 1)
                beat = {"end": index == 3, "at": {"step": 0, "slot": sample}}
                ctx.set(dut.w_data, layout.const(beat).as_bits())
                await ctx.tick()
        ctx.set(dut.w_en, 0)
        await b.wait(ctx, 4)

    b.script(script)
    assert ready[:14] == [0, 0] + [1] * 12


def test_memory():
    shape = LayerShape(0, 9, 6, 1, 1, 1, 5, 3)
    assert isinstance(winner_layout(shape), data.StructLayout)
    assert WinnerRecords.ram(shape, 2) == (winner_layout(shape).size - 2, 3 * 16, False)


def test_the_end_behind_the_last_winner_has_a_place():
    """Two winner groups in four steps, in slices 0-2, 3, 4-5 and none: nine beats."""
    shape = LayerShape(0, 9, 6, 4, 1, 1, 4, 3)
    assert [len(outputs) for outputs in shape.slices(3)] == [3, 1, 2, 0]
    assert WinnerRecords.beats(shape, 3) == 9
    assert WinnerRecords.ram(shape, 3).depth == 3 * 16
    assert WinnerRecords.ram(LayerShape(0, 9, 6, 3, 1, 1, 4, 3), 3).depth == 3 * 8
