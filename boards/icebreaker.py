"""iCEBreaker: the small, cheap one."""

from __future__ import annotations

from bephw.boards.definition import Board

__all__ = ["ICEBREAKER"]


def _platform():
    from amaranth_boards.icebreaker import ICEBreakerPlatform

    return ICEBreakerPlatform()


ICEBREAKER = Board(
    name="icebreaker",
    description="1BitSquared iCEBreaker, Lattice iCE40UP5K",
    family="ice40",
    device="iCE40UP5K-SG48",
    platform=_platform,
    luts=5280,
    ffs=5280,
    brams=30,
    bram_shapes=((16, 256), (8, 512), (4, 1024), (2, 2048)),
    shallowest_bram=16,
    sprams=4,
    grid=(26, 32),
    crystal="clk12",
    crystal_mhz=12,
    default_clock_mhz=12,
    leds=2,
    uart=0,
    tools=("yosys", "nextpnr-ice40", "icepack"),
    bitstream=".bin",
    # The eight flip-flops of a tile share their enable: without -dffe_min_ce_use, which makes logic of enables that few
    # share, a design that fills the device finds no legal placement, and with 5, for which few tiles are wasted, one
    # that is ten times as slow to find, and slower. With the default router a full one may never be routed.
    options={"synth_opts": "-device u -dsp -spram -dffe_min_ce_use 12", "nextpnr_opts": "--router router2"},
)
