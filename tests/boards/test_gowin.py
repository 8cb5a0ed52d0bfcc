"""bephw.boards.gowin: the commands that today's tools take, with the chips' names as they have them."""

import random
import subprocess
from pathlib import Path

import pyosys
import pytest
from amaranth.back import rtlil
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth_boards.tang_nano_9k import TangNano9kPlatform

from bephw.boards import board
from bephw.boards.bitstream.flow import prepare
from bephw.boards.bitstream.stages import commands
from bephw.boards.gowin import HimbaechelGowin, with_himbaechel
from bephw.netlist import relax_memories
from bephw.rtl_gen.parts.storage import block_memory
from bephw.settings import Settings
from bephw.toolchain import find, run_yosys


@pytest.mark.parametrize(
    ("name", "part", "chip"),
    [
        ("tang-nano-9k", "GW1NR-LV9QN88PC6/I5", "GW1N-9C"),
        ("tang-nano-20k", "GW2AR-LV18QN88C8/I7", "GW2A-18C"),
    ],
)
def test_commands(stand_in, name, part, chip):
    settings = Settings.build(network={"sizes": [12, 4], "classes": 3}, board={"name": name, "clock_mhz": 54.0})
    made = commands(prepare(board(name), settings, lambda: stand_in(settings)))
    place, pack = (" ".join(command) for command in made[1:])
    assert f"--device {part} --freq 54.0 --vopt family={chip} --vopt cst=bephw.cst" in place
    assert place.count("--write") == 1
    assert pack.startswith(f"gowin_pack -d {chip} -o bephw.fs") and pack.endswith("placed.json")


def test_a_class_is_adapted_once():
    adapted = with_himbaechel(TangNano9kPlatform)
    assert issubclass(adapted, HimbaechelGowin) and issubclass(adapted, TangNano9kPlatform)
    assert with_himbaechel(adapted) is adapted


MODELS = Path(__file__).with_name("gowin_rams.v")


class Readers(wiring.Component):
    """A memory with one write port and some read ports, each always enabled or not."""

    def __init__(self, width, depth, reads, enabled):
        self._shape, self._reads, self._enabled = (width, depth), reads, enabled
        address = range(depth)
        ports = {"write": In(1), "write_address": In(address), "write_data": In(width), "enable": In(1)}
        for number in range(reads):
            ports |= {f"address_{number}": In(address), f"data_{number}": Out(width)}
        super().__init__(ports)

    def elaborate(self, platform):
        m = Module()
        width, depth = self._shape
        words = [random.Random(word).getrandbits(width) for word in range(depth)]
        m.submodules.memory = memory = block_memory(width, depth, words, block=True)
        write = memory.write_port()
        m.d.comb += [write.en.eq(self.write), write.addr.eq(self.write_address), write.data.eq(self.write_data)]
        for number in range(self._reads):
            read = memory.read_port()
            m.d.comb += [
                read.en.eq(self.enable if self._enabled else 1),
                read.addr.eq(getattr(self, f"address_{number}")),
                getattr(self, f"data_{number}").eq(read.data),
            ]
        return m


# The same stimuli to both; a word that is being written is not read, which the design promises (`block_memory`).
BENCH = """
module bench;
  reg clk = 0, rst = 0, write = 0, enable = 1;
  reg [{address}:0] write_address = 0{addresses};
  reg [{word}:0] write_data = 0;
  wire [{word}:0] {data};
  gold gold(.clk(clk), .rst(rst), .enable(enable), .write(write), .write_address(write_address),
            .write_data(write_data){gold});
  gate gate(.clk(clk), .rst(rst), .enable(enable), .write(write), .write_address(write_address),
            .write_data(write_data){gate});
  integer step, seed = 7, differ = 0, seen = 0;
  initial begin
    for (step = 0; step < 4000; step = step + 1) begin
      write = $random(seed); enable = ($random(seed) & 3) != 0;
      write_address = $unsigned($random(seed)) % {depth};
      write_data = {{20{{$random(seed)}}}};
{moves}
      #1 clk = 1; #1;
{compares}
      clk = 0; #1;
    end
    if (differ == 0 && seen > 1000) $display("PASS"); else $display("FAIL %0d of %0d", differ, seen);
  end
endmodule
"""


@pytest.mark.slow
@pytest.mark.skipif(find("iverilog") is None, reason="needs Icarus")
@pytest.mark.parametrize("enabled", [False, True], ids=["always read", "read enable"])
@pytest.mark.parametrize(
    ("width", "depth", "reads"), [(8, 512, 1), (36, 512, 1), (18, 1000, 1), (3, 5000, 1), (9, 300, 2), (40, 700, 2)]
)
def test_block_rams_are_written(tmp_path, width, depth, reads, enabled):
    """What synthesis makes of a memory reads as the memory does: Yosys once lost the writes of dual-port RAMs."""
    source = relax_memories(rtlil.convert(Readers(width, depth, reads, enabled), name="gold", emit_src=False))
    (tmp_path / "in.il").write_text(source)
    run_yosys("read_rtlil in.il\nproc\nmemory_collect\nwrite_verilog -norename gold.v\n", cwd=tmp_path)
    script = "read_rtlil in.il\nsynth_gowin -top gold -noiopads\nrename gold gate\ntee -q -o cells.txt stat\n"
    run_yosys(script + "write_verilog -norename gate.v\n", cwd=tmp_path)
    assert any(name in (tmp_path / "cells.txt").read_text() for name in ("SDPB", "SDPX9B", "DPB", "DPX9B"))
    numbers = range(reads)
    bench = BENCH.format(
        depth=depth,
        word=width - 1,
        address=(depth - 1).bit_length() - 1,
        addresses="".join(f", address_{number} = 0" for number in numbers),
        data=", ".join(f"{kind}_{number}" for kind in ("gold", "gate") for number in numbers),
        **{
            kind: "".join(
                f", .address_{number}(address_{number}), .data_{number}({kind}_{number})" for number in numbers
            )
            for kind in ("gold", "gate")
        },
        moves="\n".join(
            f"      address_{number} = $unsigned($random(seed)) % {depth};\n"
            f"      if (address_{number} == write_address) address_{number} = (write_address + 1) % {depth};"
            for number in numbers
        ),
        compares="\n".join(
            f"      seen = seen + enable; if (step > 0 && gold_{number} !== gate_{number}) differ = differ + 1;"
            for number in numbers
        ),
    )
    (tmp_path / "bench.v").write_text(bench)
    cells = Path(pyosys.__file__).with_name("share") / "gowin" / "cells_sim.v"
    files = [tmp_path / name for name in ("bench.v", "gold.v", "gate.v")]
    subprocess.run(
        ["iverilog", "-g2012", "-s", "bench", "-o", tmp_path / "bench.vvp", *files, MODELS, cells], check=True
    )
    said = subprocess.run(["vvp", "-N", tmp_path / "bench.vvp"], check=True, capture_output=True, text=True).stdout
    assert said.strip().splitlines()[-1] == "PASS"
