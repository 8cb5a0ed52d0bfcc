"""A trainer on a bus, in Amaranth's simulator: packets of series whose length changes while others are under way."""

import random
from types import SimpleNamespace

from amaranth.hdl import Cat

from bephw.rtl_gen.buses.trainer import BusTrainer
from bephw.rtl_gen.registers.map import Transfer, register_map
from bephw.settings import Settings

SERIES = Settings.build(
    network={"sizes": [3, 4, 2], "classes": 2},
    learning={"algorithm": "bep-tt", "batch": 3, "generators": [5, 6]},
    hardware={"rows": 4, "columns": [7, 4, 2], "stream_width": 2, "slots": 3, "profile": False},
    data={"steps": 4},
)
ADDRESS = {name: register.address for name, register in register_map(SERIES).items()}


def beats(interface, *parts):
    payload = Cat(*(getattr(interface, part) for part in parts))
    return SimpleNamespace(payload=payload, valid=interface.tvalid, ready=interface.tready)


async def access(ctx, bus, address, value=None):
    """A classic cycle; what was read."""
    for name, given in (("cyc", 1), ("stb", 1), ("sel", 15), ("adr", address), ("we", value is not None)):
        ctx.set(getattr(bus, name), given)
    ctx.set(bus.dat_w, value or 0)
    ack = 0
    while not ack:
        _, _, ack, data = await ctx.tick().sample(bus.ack, bus.dat_r)
    ctx.set(bus.stb, 0)
    ctx.set(bus.cyc, 0)
    return data


def test_packets_of_series(bench):
    """`steps` is written as soon as the last word of a sample was taken; TLAST within a sample does not count."""
    dut, draw = BusTrainer(SERIES, bus="wishbone"), random.Random(1)
    agent = bench(dut, seed=2)
    wanted = []
    taken = agent.sink(beats(dut.predictions, "tlast"), 0.3)

    async def script(ctx):
        while await access(ctx, dut.bus, ADDRESS["status"]):
            pass
        for steps in (2, 4, 1, 0, 3, 9):
            await access(ctx, dut.bus, ADDRESS["steps"], steps)
            for _ in range(4):
                words = 2 * min(max(steps, 1), 4)
                wanted.append(draw.randrange(2))
                for word in range(words):
                    ctx.set(dut.samples.tdata, draw.getrandbits(8))
                    ctx.set(dut.samples.tlast, wanted[-1] if word == words - 1 else draw.randrange(2))
                    ctx.set(dut.samples.tvalid, 1)
                    await agent.wait_for(ctx, dut.samples.tready)
                    ctx.set(dut.samples.tvalid, 0)
        for _ in range(3000):
            if len(taken.beats) == len(wanted):
                break
            await ctx.tick()
        assert taken.beats == wanted
        assert set(wanted) == {0, 1}

    agent.script(script)


def test_the_end_of_a_dump(bench):
    dut = BusTrainer(SERIES, bus="wishbone")
    agent = bench(dut, seed=3)
    taken = agent.sink(beats(dut.dump, "tlast"), 0.3)

    async def script(ctx):
        while await access(ctx, dut.bus, ADDRESS["status"]):
            pass
        for space, elements in enumerate((4 * 7, 2 * 4, 2 * 2)):
            taken.beats.clear()
            await access(ctx, dut.bus, ADDRESS["transfer"], space | Transfer.DUMP)
            while await access(ctx, dut.bus, ADDRESS["status"]):
                pass
            assert taken.beats == [0] * (elements - 1) + [1]

    agent.script(script)
