"""docs/integration.md: its ports, pictures and latencies are those of the hardware, and its Amaranth example runs."""

import re
import runpy
from pathlib import Path

import pytest
from amaranth.sim import Simulator

from bephw.rtl_gen.buses.axi4_lite import BYTE_ADDRESS_WIDTH
from bephw.rtl_gen.buses.names import AXI4_STREAM, STREAMS, clocking
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY

DOCS = Path(__file__).resolve().parent.parent / "docs"
TEXT = (DOCS / "integration.md").read_text(encoding="utf-8")
WAVEFORMS = runpy.run_path(str(DOCS / "bus_waveforms.py"))
DRAWING = WAVEFORMS["WAVEFORMS"]
SCENES = {scene.name: scene for scene in WAVEFORMS["SCENES"]}


def rows(heading):
    text = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in re.findall(r"^\| .*", text, re.MULTILINE)
    ]


def test_every_picture_is_there_and_shown():
    assert sorted(re.findall(r"\(waveforms/buses/(\w+)\.svg\)", TEXT)) == sorted(SCENES)
    assert sorted(path.stem for path in (DOCS / "waveforms" / "buses").glob("*.svg")) == sorted(SCENES)


@pytest.fixture(scope="module")
def played():
    return {name: DRAWING["play"](scene) for name, scene in SCENES.items()}


@pytest.mark.parametrize("name", SCENES)
def test_scenes_can_be_drawn(played, name):
    cycles = played[name]
    assert any(cycle != cycles[0] for cycle in cycles)
    assert DRAWING["draw"](SCENES[name], DRAWING["shorten"](cycles, SCENES[name].skip)).axes


def first(cycles, *ports):
    return next(at for at, cycle in enumerate(cycles) if all(cycle[port] for port in ports))


def test_latencies(played):
    """Of the document, of the pictures, and of what the register bus takes."""
    axi, wishbone = (
        {row[0]: int(row[1]) for row in rows(f"Registers over {bus}")[1:] if row[1].isdigit()}
        for bus in ("AXI4-Lite", "Wishbone")
    )
    assert wishbone == {
        "read": READ_LATENCY,
        "write": WRITE_LATENCY,
        "write of some bytes": READ_LATENCY + WRITE_LATENCY,
    }
    assert axi == {name: cycles + 3 for name, cycles in wishbone.items()}
    write, read, shown = played["axi4_lite_write"], played["axi4_lite_read"], played["wishbone"]
    assert first(write, "s_axi_bvalid") - first(write, "s_axi_awvalid", "s_axi_awready") == axi["write"]
    assert first(read, "s_axi_rvalid") - first(read, "s_axi_arvalid", "s_axi_arready") == axi["read"]
    assert first(shown, "wb_ack_o") - first(shown, "wb_stb_i") == wishbone["write"]
    packet = played["packet"]
    last_word = max(at for at, cycle in enumerate(packet) if cycle["s_axis_samples_tvalid"])
    # The first sample's last word is two before the second one's.
    assert f"{first(packet, 'm_axis_predictions_tvalid') - (last_word - 2)} cycles after its sample's last word" in TEXT


def test_ports_and_pins():
    ports = {
        name for row in rows("Samples and predictions over AXI4-Stream") for name in re.findall(r"`(\w+)`", row[0])
    }
    parts = set(AXI4_STREAM.values())
    assert ports <= {f"{prefix}_{part}" for prefix in STREAMS.values() for part in parts}
    assert {name.rpartition("_")[0] for name in ports} | {"s_axis_load"} == set(STREAMS.values())
    for bus, clock, reset, *_ in rows("Clock and reset")[2:]:
        pins = clocking(bus.strip("`"))
        assert clock == f"`{pins.clock}`"
        assert reset == f"`{pins.reset}`, active {pins.active}"
    assert f"{BYTE_ADDRESS_WIDTH} bits of byte address" in TEXT


def test_the_amaranth_example_trains(monkeypatch):
    """The very text of the document: the trainer takes its samples, and comes to know their class."""
    monkeypatch.chdir(DOCS.parent)
    (code,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    names = {}
    exec(code, names)
    trainer, simulator = names["trainer"], Simulator(names["m"])
    simulator.add_clock(1e-6)
    predictions = []

    async def watch(ctx):
        stream = trainer.predictions
        while len(predictions) < 12:
            _, _, valid, label = await ctx.tick().sample(stream.tvalid, stream.tdata)
            if valid:
                predictions.append(label)

    simulator.add_testbench(watch)
    simulator.run()
    assert predictions[-4:] == [1, 1, 1, 1]
