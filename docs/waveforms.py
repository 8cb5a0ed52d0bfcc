"""The pictures of docs/ports.md: ports of a small trainer, cycle by cycle, as Amaranth's simulator shows them.

    python docs/waveforms.py docs/waveforms

Every scene is simulated, never drawn by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from amaranth.hdl import ResetInserter, Signal, Value
from amaranth.sim import Simulator
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bephw.golden.initial import initial_state
from bephw.rtl_gen.buses.names import NATIVE, clocking
from bephw.rtl_gen.buses.pins import port_name
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY
from bephw.rtl_gen.registers.map import Command, Transfer, register_map
from bephw.rtl_gen.verilog import make_trainer
from bephw.settings import Settings

SETTINGS = Settings.build(
    network={"sizes": [6, 4], "classes": 3},
    learning={"batch": 2, "gamma": 2, "r": 1.0, "seed": 4},
    hardware={"rows": 4, "columns": 6, "stream_width": 4, "slots": 4, "profile": False},
)
# The same with a cell in front, for series of up to 3 steps.
SERIES = SETTINGS.replace(
    {
        "network.sizes": (6, 4, 4),
        "learning.algorithm": "bep-tt",
        "data.steps": 3,
        "hardware.columns": (10, 4, 4),
    }
)
SAMPLE = ((0b1011, 0b10), 1)  # words, label
HEIGHT, GAP = 0.62, 1.0  # of a row, and from a row to the next
CYCLE = 0.56  # inches
INK, FAINT, FILL, SKIP = "#1b1b1b", "#9a9a9a", "#dce9f7", "#b03a2e"


@dataclass
class Scene:
    """What happens, and which ports are shown.

    Attributes:
        name: of the file.
        title: over the picture.
        rows: names of ports; where a bus counts only while a port is high, `bus @ port`.
        drive: what the outside world does, after power-up's refresh is over.
        skip: cycles in a row without any change, from which on they are cut out, all but two.
        settings: of the trainer.
        bus: of its registers.
        settle: waits for the end of power-up's refresh.
    """

    name: str
    title: str
    rows: tuple[str, ...]
    drive: Callable[[Driver], Awaitable[None]]
    skip: int = 6
    settings: Settings = SETTINGS
    bus: str = NATIVE
    settle: Callable[[Driver], Awaitable[None]] | None = None


class Driver:
    """The outside world. Inputs change right after a rising edge; `recording` says which cycles are drawn."""

    def __init__(self, ctx: Any, scene: Scene, ports: Mapping[str, Any]) -> None:
        self.ctx, self.ports = ctx, ports
        self.settings = scene.settings
        self.registers = register_map(scene.settings)
        self.recording = False

    def set(self, port: str, value: int) -> None:
        self.ctx.set(self.ports[port], value)

    def get(self, port: str) -> int:
        return int(self.ctx.get(self.ports[port]))

    async def cycle(self, count: int = 1) -> None:
        for _ in range(count):
            await self.ctx.tick()

    async def write(self, register: str, value: int) -> None:
        self.set("csr__address", self.registers[register].address)
        self.set("csr__write_data", value)
        self.set("csr__write", 1)
        await self.cycle()
        self.set("csr__write", 0)
        await self.cycle(WRITE_LATENCY - 1)

    async def read(self, register: str) -> int:
        self.set("csr__address", self.registers[register].address)
        await self.cycle(READ_LATENCY)
        return self.get("csr__read_data")

    async def until_idle(self) -> None:
        while await self.read("status"):
            pass

    async def offer(self, stream: str, payloads: Sequence[int]) -> None:
        for payload in payloads:
            self.set(f"{stream}__payload", payload)
            self.set(f"{stream}__valid", 1)
            await self.ctx.tick().until(self.ports[f"{stream}__ready"])
        self.set(f"{stream}__valid", 0)


def words() -> list[int]:
    """The sample that scenes show, as payloads of the sample stream."""
    bits, label = SAMPLE
    return [word | label << SETTINGS.hardware.stream_width for word in bits]


async def a_sample(world: Driver) -> None:
    world.recording = True
    await world.cycle()
    await world.offer("samples", words())
    while not world.get("predictions__valid"):
        await world.cycle()
    await world.cycle(3)
    world.set("predictions__ready", 1)
    await world.cycle()
    world.set("predictions__ready", 0)
    await world.cycle(2)


async def a_series(world: Driver) -> None:
    world.recording = True
    world.set("predictions__ready", 1)
    await world.cycle()
    await world.write("steps", 2)
    await world.offer("samples", words() + [word ^ 0b1101 for word in words()])
    while not world.get("predictions__valid"):
        await world.cycle()
    await world.cycle(2)


async def registers(world: Driver) -> None:
    world.recording = True
    await world.cycle()
    await world.write("batch", 50)
    for register in ("margin", "batch"):
        world.set("csr__address", world.registers[register].address)
        await world.cycle()
    world.set("csr__address", 0)
    await world.cycle(READ_LATENCY + 1)


async def load(world: Driver) -> None:
    world.recording = True
    await world.cycle()
    await world.write("transfer", 0)
    await world.offer("load", [value & 0xFFFF_FFFF for value in (5, -3, 7)])
    await world.cycle(2)


async def dump(world: Driver) -> None:
    world.recording = True
    await world.cycle()
    await world.write("transfer", Transfer.DUMP)
    for _ in range(2):
        while not world.get("dump__valid"):
            await world.cycle()
        await world.cycle()
        world.set("dump__ready", 1)
        await world.cycle()
        world.set("dump__ready", 0)
    await world.cycle(2)


async def a_batch_end(world: Driver) -> None:
    world.set("predictions__ready", 1)
    world.recording = True
    await world.cycle()
    await world.offer("samples", words() * 3)
    await world.cycle(2)


async def a_command(world: Driver) -> None:
    world.set("predictions__ready", 1)
    world.recording = True
    await world.cycle()
    await world.offer("samples", words())
    await world.write("command", Command.END_BATCH)
    await world.offer("samples", words())
    await world.cycle(2)


async def reset(world: Driver) -> None:
    world.recording = True
    await world.offer("samples", words()[:1])
    world.set("rst", 1)
    await world.cycle(1)
    world.set("rst", 0)
    world.set("samples__payload", words()[0])
    world.set("samples__valid", 1)
    while not world.get("samples__ready"):
        await world.cycle()
    await world.offer("samples", words())
    await world.cycle(1)


SAMPLES = ("samples__valid", "samples__ready", "samples__payload @ samples__valid")
PREDICTIONS = ("predictions__valid", "predictions__ready", "predictions__payload @ predictions__valid")
WRITES = ("csr__write", "csr__address", "csr__write_data @ csr__write")
SCENES = (
    Scene("sample", "A sample of two words, and its prediction, which has to wait", SAMPLES + PREDICTIONS, a_sample),
    Scene(
        "series",
        "A recurrent network's sample of two steps, of two words each",
        (*WRITES, *SAMPLES, *PREDICTIONS),
        a_series,
        settings=SERIES,
    ),
    Scene("registers", "50 goes to batch; then margin and batch are read", (*WRITES, "csr__read_data"), registers),
    Scene(
        "load",
        "The first counters of layer 0 are loaded",
        (*WRITES, "load__valid", "load__ready", "load__payload @ load__valid"),
        load,
        skip=9,
    ),
    Scene(
        "dump",
        "The first counters of layer 0 are read back",
        (*WRITES, "dump__valid", "dump__ready", "dump__payload @ dump__valid"),
        dump,
        skip=9,
    ),
    Scene("batch_end", "The third sample waits for the end of a batch of two", SAMPLES + PREDICTIONS, a_batch_end),
    Scene("command", "Software ends a batch early: the next sample waits", (*SAMPLES, *WRITES), a_command),
    Scene("reset", "A reset in the middle of a sample; its words come anew", ("rst", *SAMPLES), reset),
)


async def settled(world: Driver) -> None:
    await world.until_idle()
    world.set("csr__address", 0)
    await world.cycle(READ_LATENCY)


def ports_of(trainer: Any, reset: Signal, bus: str) -> dict[str, Any]:
    """Its ports by the names that they have in Verilog, and the reset."""
    named = {"rst": reset, "aresetn": ~reset}
    for path, member, value in trainer.signature.flatten(trainer):
        name = "__".join(map(str, path)) if bus == NATIVE else port_name(bus, path, member)
        named[name] = Value.cast(value)
    return named


def play(scene: Scene) -> list[dict[str, int]]:
    """The values of all ports shown, in every cycle that is recorded."""
    trainer, rst = make_trainer(scene.settings, initial_state(scene.settings), scene.bus), Signal(name="rst")
    signals = ports_of(trainer, rst, scene.bus)
    ports = list(dict.fromkeys(name for row in scene.rows for name in row.split(" @ ")))
    cycles: list[dict[str, int]] = []
    worlds: list[Driver] = []

    async def drive(ctx: Any) -> None:
        world = Driver(ctx, scene, signals)
        worlds.append(world)
        await (scene.settle or settled)(world)
        await scene.drive(world)
        world.recording = False

    async def record(ctx: Any) -> None:
        async for _, _, *values in ctx.tick().sample(*(signals[port] for port in ports)):
            if worlds and worlds[0].recording:
                cycles.append(dict(zip(ports, (int(value) for value in values), strict=True)))

    simulator = Simulator(ResetInserter(rst)(trainer))
    simulator.add_clock(1e-6)
    simulator.add_process(record)
    simulator.add_testbench(drive)
    simulator.run()
    return cycles


def shorten(cycles: list[dict[str, int]], skip: int) -> list[dict[str, int] | int]:
    """Where nothing changes for `skip` cycles and more, two remain, with the number of those cut out between them."""
    kept: list[dict[str, int] | int] = []
    start = 0
    while start < len(cycles):
        end = start
        while end < len(cycles) and cycles[end] == cycles[start]:
            end += 1
        if end - start >= skip:
            kept += [cycles[start], end - start - 2, cycles[end - 1]]
        else:
            kept += cycles[start:end]
        start = end
    return kept


def draw(scene: Scene, cycles: Sequence[dict[str, int] | int]) -> Figure:
    """A timing diagram: a column a cycle, rising edges of the clock at its left end."""
    rows = (clocking(scene.bus).clock, *scene.rows)
    figure = Figure(figsize=(CYCLE * (len(cycles) + 4.6), 0.62 + 0.34 * len(rows)), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-4.3, len(cycles) + 0.3), ylim=(-GAP * (len(rows) - 1) - 0.35, 1.75))
    axes.axis("off")
    axes.text(-4.2, 1.25, scene.title, fontsize=9, color=INK, weight="bold")
    for number, row in enumerate(rows):
        base = -GAP * number
        port, _, needed = row.partition(" @ ")
        axes.text(-0.3, base + HEIGHT / 2, port, ha="right", va="center", fontsize=7.5, family="monospace", color=INK)
        if number == 0:
            _clock(axes, base, cycles)
        elif _is_bit(port):
            _bit(axes, base, [cycle if isinstance(cycle, int) else cycle[port] for cycle in cycles], cycles)
        else:
            _bus(axes, base, port, needed, cycles, scene.settings)
    for at, cycle in enumerate(cycles):
        if isinstance(cycle, int):
            _cut(axes, at, cycle, len(rows))
        else:
            axes.plot([at, at], [-GAP * (len(rows) - 1) - 0.2, HEIGHT], color=FAINT, lw=0.35, ls=":", zorder=0)
    return figure


def _is_bit(port: str) -> bool:
    strobes = ("__write", "tlast", "_cyc_i", "_stb_i", "_we_i", "_ack_o", "_err_o", "_stall_o")
    return port in ("rst", "aresetn") or port.endswith(("valid", "ready", *strobes))


def _clock(axes: Axes, base: float, cycles: Sequence[dict[str, int] | int]) -> None:
    for at, cycle in enumerate(cycles):
        if not isinstance(cycle, int):
            x = [at, at, at + 0.5, at + 0.5, at + 1]
            axes.plot(x, [base, base + HEIGHT, base + HEIGHT, base, base], color=INK, lw=0.9)


def _bit(axes: Axes, base: float, values: list[int], cycles: Sequence[dict[str, int] | int]) -> None:
    levels = [values[at - 1] if isinstance(cycle, int) else values[at] for at, cycle in enumerate(cycles)]
    x = np.repeat(np.arange(len(levels) + 1), 2)[1:-1]
    y = base + HEIGHT * np.repeat(levels, 2)
    axes.plot(x, y, color=INK, lw=1.1)
    axes.fill_between(x, base, y, color=FILL, lw=0)


def _bus(
    axes: Axes, base: float, port: str, needed: str, cycles: Sequence[dict[str, int] | int], settings: Settings
) -> None:
    """Runs of one value as boxes; a faint line where it does not count."""
    shown: list[int | None] = []
    for at, cycle in enumerate(cycles):
        if isinstance(cycle, int):
            shown.append(shown[at - 1])
        else:
            shown.append(None if needed and not cycle[needed] else cycle[port])
    start = 0
    while start < len(shown):
        end = start
        while end < len(shown) and shown[end] == shown[start]:
            end += 1
        value, middle = shown[start], base + HEIGHT / 2
        if value is None:
            axes.plot([start, end], [middle, middle], color=FAINT, lw=0.8)
        else:
            tip = 0.12
            x = [start, start + tip, end - tip, end, end - tip, start + tip, start]
            top = base + HEIGHT
            axes.fill(x, [middle, top, top, middle, base, base, middle], facecolor=FILL, edgecolor=INK, lw=0.8)
            text = _text(port, value, settings)
            left, right = _widest(cycles, start, end)
            size = min(7.5, 72 * CYCLE * (right - left - 0.2) / (0.62 * len(text)))
            axes.text((left + right) / 2, middle, text, ha="center", va="center", fontsize=size, color=INK)
        start = end


def _widest(cycles: Sequence[dict[str, int] | int], start: int, end: int) -> tuple[int, int]:
    """The longest part of cycles `start` to `end` - 1 in which nothing was cut out."""
    edges = [start - 1, *(at for at in range(start, end) if isinstance(cycles[at], int)), end]
    return max(((left + 1, right) for left, right in pairwise(edges)), key=lambda part: part[1] - part[0])


def _cut(axes: Axes, at: int, count: int, rows: int) -> None:
    low, high = -GAP * (rows - 1) - 0.2, HEIGHT + 0.15
    axes.fill_between([at + 0.12, at + 0.88], low, high, color="white", zorder=5)
    for edge in (at + 0.12, at + 0.88):
        axes.plot([edge, edge], [low, high], color=SKIP, lw=0.7, ls="--", zorder=6)
    place = {"rotation": 90, "ha": "center", "va": "center", "fontsize": 6.5, "color": SKIP, "zorder": 7}
    axes.text(at + 0.5, (low + high) / 2, f"{count} cycles", place)


def _text(port: str, value: int, settings: Settings) -> str:
    """What a payload means, as far as it fits."""
    if port == "samples__payload":
        width = settings.hardware.stream_width
        return f"{value >> width}|{value % 2**width:0{width}b}"
    if port == "predictions__payload":
        bits = (settings.network.classes - 1).bit_length()
        return f"{value % 2**bits}" + (", taught" if value >> bits else "")
    if port in ("csr__address", "wb_adr_i", "s_axi_awaddr", "s_axi_araddr"):
        word = value // 4 if port.startswith("s_axi") else value
        names = (name for name, register in register_map(settings).items() if register.address == word)
        return next(names, f"{value:#x}")
    if port in ("s_axi_bresp", "s_axi_rresp"):
        return "SLVERR" if value else "OKAY"
    if port == "s_axis_samples_tdata":
        return f"{value:0{settings.hardware.stream_width}b}"
    if port in ("load__payload", "dump__payload", "m_axis_dump_tdata"):
        return str(value - 2**32 if value >= 2**31 else value)
    return f"{value:#x}" if value >= 2**16 else str(value)


def main(folder: Path, scenes: Sequence[Scene] = SCENES) -> None:
    """Write a picture of every scene."""
    matplotlib.rcParams["svg.hashsalt"] = "bephw"  # else names inside the file are random
    folder.mkdir(parents=True, exist_ok=True)
    for scene in scenes:
        figure = draw(scene, shorten(play(scene), scene.skip))
        figure.savefig(folder / f"{scene.name}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
