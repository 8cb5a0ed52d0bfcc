"""How many samples a second each store sustains: store and memory in Amaranth's simulator, with a trainer that takes
samples at a given pace. Cycles are counted over whole epochs' strides, refreshes and crossings of clocks included.

    python benchmarks/store.py examples/fashion_samples.toml --stores bram sdram [--cycles 40] [--samples 200]

`--cycles` is what the trainer takes for a sample; `alone` is a trainer that is always ready. The clocks are those of
the settings' board.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from itertools import islice

from amaranth.hdl import ClockDomain, DomainRenamer, Elaboratable, Module
from amaranth.lib.wiring import connect
from amaranth.sim import Simulator

from bephw.boards import board as board_named
from bephw.boards.bitstream.top import clock_and_bit
from bephw.boards.store.on_chip import OnChipMemory
from bephw.boards.store.plan import StorePlan, plan_store
from bephw.boards.store.registers import StoreCommand, store_registers
from bephw.boards.store.sdram.clock import sdram_pll
from bephw.boards.store.sdram.controller import SdramController, words_under_way
from bephw.boards.store.sdram.crossing import MemoryCrossing
from bephw.boards.store.sdram.pads import PAD_CYCLES
from bephw.boards.store.sdram.timing import sdram_timing
from bephw.boards.store.store import SampleStore
from bephw.errors import BephwError
from bephw.golden.stride_order import strides
from bephw.settings import Settings

SKIPPED = 10  # samples, until queues are full


class Bench(Elaboratable):
    """A store and its memory, the chip and its pads aside: what comes from there is of no interest."""

    def __init__(self, settings: Settings, plan: StorePlan, clock_mhz: float) -> None:
        self.plan = plan
        self.store = SampleStore(settings, plan.layout, plan.depth)
        self.domains = {"sync": clock_mhz}
        if plan.kind == "sdram":
            fast = sdram_pll(clock_mhz, settings.board.sdram.clock_mhz).clock_mhz
            self.domains["sdram"] = fast
            timing = replace(sdram_timing(settings.board.sdram, fast), power_up=100)
            self.crossing = MemoryCrossing(plan.layout.word, plan.depth, words_under_way(timing, PAD_CYCLES))
            self.memory = SdramController(timing, plan.layout.words, PAD_CYCLES)
        else:
            self.memory = OnChipMemory(plan.layout.word, plan.depth, plan.layout.words)

    def elaborate(self, platform):
        m = Module()
        m.domains += [ClockDomain(name) for name in self.domains]
        m.submodules.store = self.store
        if self.plan.kind != "sdram":
            m.submodules.memory = self.memory
            connect(m, self.store.memory, self.memory.port)
            return m
        m.submodules.crossing, m.submodules.memory = self.crossing, DomainRenamer("sdram")(self.memory)
        connect(m, self.store.memory, self.crossing.port)
        connect(m, self.crossing.inner, self.memory.port)
        m.d.comb += self.memory.room.eq(self.crossing.room)
        return m


def cycles_per_sample(settings: Settings, plan: StorePlan, clock_mhz: float, pace: int, samples: int) -> float:
    """Of the trainer's clock, on average."""
    bench = Bench(settings, plan, clock_mhz)
    store, kept = bench.store, plan.samples
    start, stride = next(islice(strides(kept, settings.learning.seed), 0, None))
    words = plan.layout.words
    registers = store_registers(plan.depth, settings)
    begun: list[int] = []

    async def run(ctx):
        for name, value in (
            ("size", kept * words),
            ("first", start * words),
            ("stride", stride * words),
            ("end", start * words),
            ("command", StoreCommand.RUN),
        ):
            ctx.set(store.csr.address, registers[f"store_{name}"].address)
            ctx.set(store.csr.write_data, value)
            ctx.set(store.csr.write, 1)
            await ctx.tick()
            ctx.set(store.csr.write, 0)
            await ctx.tick().repeat(4)
        cycle, word, since = 0, 0, pace
        while len(begun) < min(samples + SKIPPED, kept):
            ready = word > 0 or since >= pace
            ctx.set(store.feed.ready, ready)
            ctx.set(store.results.valid, 1)
            _, _, valid = await ctx.tick().sample(store.feed.valid)
            cycle, since = cycle + 1, since + 1
            if valid and ready:
                if word == 0:
                    begun.append(cycle)
                    since = 1
                word = (word + 1) % plan.layout.stream_words

    simulator = Simulator(bench)
    for domain, mhz in bench.domains.items():
        simulator.add_clock(1e-6 / mhz, domain=domain)
    simulator.add_testbench(run)
    simulator.run()
    first = min(SKIPPED, len(begun) // 2)
    return (begun[-1] - begun[first]) / (len(begun) - 1 - first)


def measure(settings: Settings, kind: str, pace: int, samples: int) -> dict[str, object]:
    """A store of that kind, all of it."""
    asked = settings.replace({"board.store": kind})
    board = board_named(asked.board.name)
    clock_mhz, _ = clock_and_bit(board, asked)
    plan = plan_store(board, asked)
    assert plan is not None, "a kind is asked for"
    alone = cycles_per_sample(asked, plan, clock_mhz, 0, samples)
    paced = cycles_per_sample(asked, plan, clock_mhz, pace, samples)
    return {
        "board": board.name,
        "store": kind,
        "samples": plan.samples,
        "clock_mhz": clock_mhz,
        "memory_mhz": sdram_pll(clock_mhz, asked.board.sdram.clock_mhz).clock_mhz if kind == "sdram" else clock_mhz,
        "samples_per_second_alone": round(clock_mhz * 1e6 / alone),
        "trainer_cycles": pace,
        "samples_per_second": round(clock_mhz * 1e6 / paced),
        "waiting": round(1 - pace / paced, 4),
    }


def main() -> None:
    """A line of JSON for each store."""
    parser = argparse.ArgumentParser()
    parser.add_argument("settings")
    parser.add_argument("--stores", nargs="+", choices=("bram", "spram", "sdram"), required=True)
    parser.add_argument("--cycles", type=int, default=40)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--clock", type=float, help="of the trainer, in MHz")
    parser.add_argument("--memory-clock", type=float, help="the most for an SDRAM, in MHz")
    arguments = parser.parse_args()
    settings = Settings.from_toml(arguments.settings)
    if arguments.clock:
        settings = settings.replace({"board.clock_mhz": arguments.clock})
    if arguments.memory_clock:
        settings = settings.replace({"board.sdram.clock_mhz": arguments.memory_clock})
    try:
        for kind in arguments.stores:
            print(json.dumps(measure(settings, kind, arguments.cycles, arguments.samples)), flush=True)
    except BephwError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
