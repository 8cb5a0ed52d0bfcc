"""The way to a bitstream: plans without tools; a small design through all tools; failures that leave nothing behind."""

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from bephw.boards import board, boards
from bephw.boards.bitstream.flow import build_design, prepare
from bephw.boards.bitstream.stages import commands
from bephw.errors import BephwError
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.toolchain import Tool, find


def settings(name, **choices):
    return Settings.build(network={"sizes": [12, 4], "classes": 3}, board={"name": name, **choices})


# Lights of three colours, two pins of the crystal, no light, a PLL fed by a net, no PLL, a command after packing, a
# platform of ours.
QUICK = (
    "fomu-hacker",
    "versa-ecp5",
    "colorlight-5a-75b",
    "ice40-hx8k-b-evn",
    "nandland-go",
    "orangecrab-25f",
    "tang-nano-20k",
    "ccgm1a1-evb",
)


@pytest.mark.parametrize(
    "name",
    [entry.name if entry.name in QUICK else pytest.param(entry.name, marks=pytest.mark.slow) for entry in boards()],
)
def test_plan_of_every_board(stand_in, name):
    """Its crystal, serial line and lights are there, and its default clock can be made."""
    target, asked = board(name), settings(name, baud=115_200)
    files = prepare(target, asked, lambda: stand_in(asked))
    constraints = next(files[f"bephw.{kind}"] for kind in ("pcf", "lpf", "cst", "ccf") if f"bephw.{kind}" in files)
    for pin in (f"{target.crystal}_0__", f"uart_{target.uart}__rx__io", f"uart_{target.uart}__tx__io"):
        assert pin in constraints
    assert sum(f"{light.resource}_{light.number}" in constraints for light in target.lights) == len(target.lights)
    assert tuple(command[0] for command in commands(files)) == target.tools


@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-85f"])
def test_plan_of_a_whole_trainer(name):
    target, asked = board(name), settings(name)
    files = prepare(target, asked, lambda: Trainer(asked))
    script = files["bephw.ys"]
    assert target.options["synth_opts"] in script
    assert "COLLISION_X_MASK 1'1" in files["bephw.il"]
    made = commands(files)
    assert tuple(command[0] for command in made) == target.tools
    assert "--report report.json" in " ".join(made[1])
    assert "--write placed.json" in " ".join(made[1])


@pytest.mark.parametrize(
    ("name", "clock", "primitive"),
    [
        ("icebreaker", 12, None),
        ("icebreaker", 24, "SB_PLL40_PAD"),
        ("ulx3s-85f", 25, None),
        ("ulx3s-85f", 80, "EHXPLLL"),
    ],
)
def test_clock_of_the_plan(stand_in, name, clock, primitive):
    asked = settings(name, clock_mhz=clock)
    files = prepare(board(name), asked, lambda: stand_in(asked))
    assert set(re.findall(r"cell \\(SB_PLL40_PAD|EHXPLLL) ", files["bephw.il"])) == ({primitive} - {None})
    constraints = files.get("bephw.pcf") or files["bephw.lpf"]
    assert re.search(rf"clocks\.clock\"? {clock}", constraints)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"clock_mhz": 20.0}, r"board\.clock_mhz: the PLL cannot make 20 MHz"),
        ({"baud": 4_000_000}, r"board\.baud must be at most 3000000"),
    ],
)
def test_clocks_and_baud_rates_that_cannot_be_made(stand_in, tmp_path, choice, message):
    asked = settings("icebreaker", **choice)
    with pytest.raises(BephwError, match=message):
        build_design(board("icebreaker"), asked, lambda: stand_in(asked), output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "clock"), [pytest.param("icebreaker", 24, marks=pytest.mark.slow), ("ulx3s-85f", 50)])
def test_a_bitstream_comes_out(stand_in, tmp_path, name, clock):
    target, asked, lines = board(name), settings(name, clock_mhz=clock), []
    for tool in target.tools:
        if find(tool) is None:
            pytest.skip(f"{tool} is not installed")
    result = build_design(target, asked, lambda: stand_in(asked), output=tmp_path / "out", on_line=lines.append)
    kept = {path.name for path in (tmp_path / "out").iterdir()}
    assert kept == {
        f"bephw{target.bitstream}", "build.json", "report.json", "synthesis.log", "place_and_route.log",
    }  # fmt: skip
    assert Path(result.bitstream).stat().st_size > 10_000
    assert json.loads((tmp_path / "out" / "build.json").read_text()) == asdict(result)
    assert result.luts_available == pytest.approx(target.luts, rel=0.01)
    assert result.floor_plan is not None
    assert sum(part.cells for part in result.floor_plan.parts) == result.luts
    assert sum(part.rams for part in result.floor_plan.parts) == result.brams + result.sprams
    assert (result.brams_available, result.sprams_available) == (target.brams, target.sprams)
    assert result.brams == {"icebreaker": 1 + 10, "ulx3s-85f": 1 + 3}[name]  # 8 bits of 32 are read; the link
    assert result.ram_registers == {"icebreaker": 0, "ulx3s-85f": 2 * 8}[name]  # commands and replies of the link
    (timing,) = json.loads((tmp_path / "out" / "report.json").read_text())["fmax"].values()
    assert timing["constraint"] == pytest.approx(clock, rel=0.01)
    assert 50 < result.ffs < result.luts < 1000
    assert result.meets_timing and result.fmax_mhz > result.clock_mhz == clock
    for stage in ("synthesis: yosys", "place and route: nextpnr", "packing: "):
        assert any(line.startswith(f"{name}: {stage}") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("name", {entry.device: entry.name for entry in boards()}.values())
def test_every_chip_builds(stand_in, tmp_path, name):
    """A board of each chip, with a PLL where it has one; the tools see as much on the chip as we say."""
    target, asked = board(name), settings(name, baud=115_200)
    for tool in target.tools:
        if find(tool) is None:
            pytest.skip(f"{tool} is not installed")
    result = build_design(target, asked, lambda: stand_in(asked), output=tmp_path / "out")
    assert result.meets_timing and result.clock_mhz == target.default_clock_mhz
    assert (result.luts_available, result.brams_available) == (pytest.approx(target.luts, rel=0.01), target.brams)
    assert result.floor_plan is not None
    assert sum(part.rams for part in result.floor_plan.parts) > 0
    assert Path(result.bitstream).stat().st_size > 10_000


def test_a_tool_that_fails_leaves_nothing(stand_in, tmp_path, monkeypatch):
    failing = [sys.executable, "-c", "print('ERROR: no room'); print('bye'); raise SystemExit(3)"]
    monkeypatch.setattr("bephw.boards.bitstream.flow.require", lambda name: Tool(name, failing, "1", "PATH"))
    asked = settings("icebreaker")
    with pytest.raises(BephwError, match=r"^icebreaker: synthesis failed: yosys: ERROR: no room$"):
        build_design(board("icebreaker"), asked, lambda: stand_in(asked), output=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_made(stand_in, tmp_path):
    (tmp_path / "file").write_text("")
    asked = settings("icebreaker")
    with pytest.raises(BephwError, match=r"out: cannot be made: Not a directory"):
        build_design(board("icebreaker"), asked, lambda: stand_in(asked), output=tmp_path / "file" / "out")
