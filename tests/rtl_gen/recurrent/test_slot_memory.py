"""Records of samples, by slot: whoever writes or reads names it."""

import pytest

from bephw.rtl_gen.recurrent.slot_memory import SlotMemory


@pytest.mark.parametrize(("words", "slots", "readers"), [(1, 1, 1), (3, 4, 2), (4, 3, 3), (5, 8, 1)])
def test_readers_find_every_word(bench, words, slots, readers):
    dut = SlotMemory(6, words, slots, readers)
    b = bench(dut, seed=words)
    places = [(slot, index) for slot in range(slots) for index in range(words)]
    values = {place: b.random.getrandbits(6) for place in places}

    async def script(ctx):
        for slot, index in b.random.sample(places, len(places)):
            for signal, value in (
                *((dut.write, 1), (dut.slot, slot), (dut.index, index)),
                (dut.data, values[slot, index]),
            ):
                ctx.set(signal, value)
            await ctx.tick()
        ctx.set(dut.write, 0)
        ctx.set(dut.data, 0)
        for _ in range(3 * len(places)):
            asked = [b.random.choice(places) for _ in range(readers)]
            for number, (slot, index) in enumerate(asked):
                port = getattr(dut, f"reader_{number}")
                for signal, value in ((port.read, 1), (port.index, index), (getattr(dut, f"slot_{number}"), slot)):
                    ctx.set(signal, value)
            await ctx.tick()
            for number, place in enumerate(asked):
                port = getattr(dut, f"reader_{number}")
                assert ctx.get(port.data) == values[place]
                ctx.set(port.read, 0)
                ctx.set(port.index, b.random.randrange(words))
            await ctx.tick()
            for number, place in enumerate(asked):
                assert ctx.get(getattr(dut, f"reader_{number}").data) == values[place], "held where read is low"

    b.script(script)


def test_records_begin_at_powers_of_two():
    assert SlotMemory.ram(7, 5, 3) == (7, 24, True)
    assert SlotMemory.ram(7, 1, 3, block=False) == (7, 3, False)
