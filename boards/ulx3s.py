"""ULX3S with the largest ECP5."""

from __future__ import annotations

from bephw.boards.definition import Board

__all__ = ["ULX3S_85F"]


def _platform():
    from amaranth_boards.ulx3s import ULX3S_85F_Platform

    return ULX3S_85F_Platform()


ULX3S_85F = Board(
    name="ulx3s-85f",
    description="Radiona ULX3S, Lattice ECP5 85F",
    family="ecp5",
    device="LFE5U-85F-6BG381",
    platform=_platform,
    luts=83_640,
    ffs=83_640,
    brams=208,
    bram_shapes=((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
    shallowest_bram=65,
    sprams=0,
    grid=(127, 96),
    crystal="clk25",
    crystal_mhz=25,
    default_clock_mhz=50,
    leds=8,
    uart=0,
    tools=("yosys", "nextpnr-ecp5", "ecppack"),
    bitstream=".bit",
    # Without -nowidelut Yosys spends nearly twice the LUTs on popcounts. Nothing else that was tried pays: -dff saves
    # 1 % in ten times the time, -cmp2softlogic costs 0.5 % more, -nodsp 9 %. The static placer leaves 30 % less wire
    # than the default one where a design fills the block RAMs: it is then faster, and routed in a quarter of the time.
    options={"synth_opts": "-nowidelut", "nextpnr_opts": "--placer static", "ecppack_opts": "--compress"},
)
