"""Outcomes of every step come back from the record that is named, also those of their bits that are not stored."""

import pytest

from bephw.rtl_gen.recurrent.outcome_records import OutcomeRecords
from bephw.shape import LayerShape


@pytest.mark.parametrize(
    ("inputs", "outputs", "rows", "steps", "slots"), [(2, 1, 1, 1, 1), (11, 7, 3, 4, 3), (10, 6, 6, 3, 2)]
)
def test_outcomes_come_back(bench, inputs, outputs, rows, steps, slots):
    shape = LayerShape(0, inputs, outputs, rows, 2, 1, steps)
    dut = OutcomeRecords(shape, slots)
    b = bench(dut, seed=inputs)

    def outcome():
        magnitude = abs(b.random.randrange(-inputs, inputs + 1, 2))
        return {"active": b.random.randrange(2), "open": b.random.randrange(2), "magnitude": magnitude}

    beat_bits = (shape.scan_beats - 1).bit_length()
    places = [
        (slot, beat | step << beat_bits)
        for slot in range(slots)
        for step in range(steps)
        for beat in range(shape.scan_beats)
    ]
    records = {place: [outcome() for _ in range(shape.scan)] for place in places}

    async def script(ctx):
        for slot, index in b.random.sample(places, len(places)):
            for signal, value in (
                *((dut.write, 1), (dut.slot, slot), (dut.index, index)),
                (dut.data, records[slot, index]),
            ):
                ctx.set(signal, value)
            await ctx.tick()
        ctx.set(dut.write, 0)
        for slot, index in b.random.sample(places, len(places)):
            for signal, value in ((dut.reader.read, 1), (dut.reader.index, index), (dut.reader_slot, slot)):
                ctx.set(signal, value)
            await ctx.tick()
            for place, want in enumerate(records[slot, index]):
                shown = dut.reader.data[place]
                assert {name: ctx.get(getattr(shown, name)) for name in want} == want

    b.script(script)
