"""The pictures of docs/integration.md: ports of a small trainer on a bus, as Amaranth's simulator shows them.

    python docs/bus_waveforms.py docs/waveforms/buses

As those of docs/waveforms.py, which draws them.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bephw.rtl_gen.buses.names import AXI4_LITE, WISHBONE
from bephw.rtl_gen.registers.map import Transfer

WAVEFORMS = runpy.run_path(str(Path(__file__).with_name("waveforms.py")), run_name="waveforms")
Scene, SAMPLE = WAVEFORMS["Scene"], WAVEFORMS["SAMPLE"]
NOWHERE = 0xFF  # a word address without a register


async def hand_over(world: Any, *channels: str) -> None:
    """Each channel's valid stays high until an edge at which its ready was."""
    waiting = set(channels)
    for channel in channels:
        world.set(f"{channel}valid", 1)
    while waiting:
        taken = {channel for channel in waiting if world.get(f"{channel}ready")}
        await world.cycle()
        for channel in taken:
            world.set(f"{channel}valid", 0)
        waiting -= taken


async def answered(world: Any, channel: str) -> None:
    world.set(f"{channel}ready", 1)
    while not world.get(f"{channel}valid"):
        await world.cycle()
    await world.cycle()
    world.set(f"{channel}ready", 0)


async def axi_write(world: Any, address: int, value: int) -> None:
    world.set("s_axi_awaddr", 4 * address)
    world.set("s_axi_wdata", value)
    world.set("s_axi_wstrb", 0b1111)
    await hand_over(world, "s_axi_aw", "s_axi_w")
    await answered(world, "s_axi_b")


async def axi_read(world: Any, address: int) -> int:
    world.set("s_axi_araddr", 4 * address)
    await hand_over(world, "s_axi_ar")
    await answered(world, "s_axi_r")
    return world.get("s_axi_rdata")


async def settled(world: Any) -> None:
    """Until the trainer says that it is idle."""
    while await axi_read(world, world.registers["status"].address):
        pass


async def wishbone(world: Any, address: int, value: int | None = None) -> int:
    """A classic cycle: a write of `value`, or else a read."""
    for part, given in (("cyc", 1), ("stb", 1), ("we", value is not None), ("sel", 0b1111), ("adr", address)):
        world.set(f"wb_{part}_i", int(given))
    world.set("wb_dat_i", value or 0)
    while not (world.get("wb_ack_o") or world.get("wb_err_o")):
        await world.cycle()
    data = world.get("wb_dat_o")
    await world.cycle()
    for part in ("cyc", "stb", "we"):
        world.set(f"wb_{part}_i", 0)
    return data


async def settled_on_wishbone(world: Any) -> None:
    while await wishbone(world, world.registers["status"].address):
        pass


async def offer(world: Any, words: Sequence[int], label: int, *, ends: bool) -> None:
    """A sample, the last word of which ends a packet where it `ends`."""
    for number, word in enumerate(words, start=1):
        world.set("s_axis_samples_tdata", word)
        world.set("s_axis_samples_tuser", label)
        world.set("s_axis_samples_tlast", int(ends and number == len(words)))
        await hand_over(world, "s_axis_samples_t")
    world.set("s_axis_samples_tlast", 0)


async def a_write(world: Any) -> None:
    world.recording = True
    await world.cycle()
    await axi_write(world, world.registers["batch"].address, 50)
    await world.cycle(2)


async def reads(world: Any) -> None:
    world.recording = True
    await world.cycle()
    for address in (world.registers["batch"].address, NOWHERE):
        await axi_read(world, address)
        await world.cycle()


async def on_wishbone(world: Any) -> None:
    world.recording = True
    await world.cycle()
    batch = world.registers["batch"].address
    await wishbone(world, batch, 50)
    await world.cycle()
    await wishbone(world, batch)
    await wishbone(world, NOWHERE)
    await world.cycle()


async def a_packet(world: Any) -> None:
    """Of two samples."""
    world.recording = True
    world.set("m_axis_predictions_tready", 1)
    await world.cycle()
    words, label = SAMPLE
    await offer(world, words, label, ends=False)
    await offer(world, [word ^ 0b1101 for word in words], 0, ends=True)
    for _ in range(40):
        await world.cycle()
        if world.get("m_axis_predictions_tvalid") and world.get("m_axis_predictions_tlast"):
            break
    await world.cycle(2)


async def a_dump(world: Any) -> None:
    """The last three elements of it."""
    world.set("m_axis_dump_tready", 1)
    await axi_write(world, world.registers["transfer"].address, 1 | Transfer.DUMP)
    left = world.settings.network.classes * world.settings.network.sizes[-1]
    while left:
        await world.cycle()
        world.recording = left <= 3
        left -= world.get("m_axis_dump_tvalid")
    await world.cycle(3)


async def a_reset(world: Any) -> None:
    world.recording = True
    words, label = SAMPLE
    await offer(world, words[:1], label, ends=False)
    world.set("rst", 1)
    await world.cycle()
    world.set("rst", 0)
    world.set("s_axis_samples_tvalid", 1)
    while not world.get("s_axis_samples_tready"):
        await world.cycle()
    await offer(world, words, label, ends=True)
    await world.cycle()


def axi(channel: str, *shown: str) -> list[str]:
    """Rows of a channel: valid, ready, and what counts while valid is high."""
    return [f"{channel}valid", f"{channel}ready", *(f"{part} @ {channel}valid" for part in shown)]


WRITES = [*axi("s_axi_aw", "s_axi_awaddr"), *axi("s_axi_w", "s_axi_wdata"), *axi("s_axi_b", "s_axi_bresp")]
READS = [*axi("s_axi_ar", "s_axi_araddr"), *axi("s_axi_r", "s_axi_rdata", "s_axi_rresp")]
ACCESSES = ["wb_cyc_i", "wb_stb_i", "wb_we_i", "wb_adr_i @ wb_stb_i", "wb_dat_i @ wb_we_i", "wb_ack_o", "wb_err_o"]
SAMPLES = axi("s_axis_samples_t", "s_axis_samples_tdata", "s_axis_samples_tuser")
PREDICTIONS = axi("m_axis_predictions_t", "m_axis_predictions_tdata", "m_axis_predictions_tuser")


def scene(name: str, title: str, rows: Sequence[str], drive: Any, bus: str = AXI4_LITE, skip: int = 6) -> Any:
    """A picture: what `drive` does to a trainer on a bus, and the signals of it in `rows`."""
    settle = settled if bus == AXI4_LITE else settled_on_wishbone
    return Scene(name, title, tuple(rows), drive, skip=skip, bus=bus, settle=settle)


SCENES = (
    scene("axi4_lite_write", "50 goes to batch, over AXI4-Lite", WRITES, a_write),
    scene("axi4_lite_read", "batch is read; then an address without a register", READS, reads),
    scene(
        "wishbone",
        "50 goes to batch, over Wishbone; batch is read; then an address without a register",
        [*ACCESSES, "wb_dat_o @ wb_ack_o"],
        on_wishbone,
        WISHBONE,
    ),
    scene(
        "packet",
        "A packet of two samples of two words each, and that of their predictions",
        [*SAMPLES, "s_axis_samples_tlast", *PREDICTIONS, "m_axis_predictions_tlast"],
        a_packet,
    ),
    scene(
        "dump",
        "The prototypes are read back: the last elements, and the end of the packet",
        [*axi("m_axis_dump_t", "m_axis_dump_tdata"), "m_axis_dump_tlast"],
        a_dump,
        skip=5,
    ),
    scene("reset", "A reset in the middle of a sample; its words come anew", ["aresetn", *SAMPLES], a_reset),
)

if __name__ == "__main__":
    WAVEFORMS["main"](Path(sys.argv[1]), SCENES)
