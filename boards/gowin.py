"""Gowin's chips with today's open tools: Amaranth 0.5 still calls a nextpnr of its own for them, which is gone."""

from __future__ import annotations

from amaranth.vendor import GowinPlatform

__all__ = ["HimbaechelGowin", "with_himbaechel"]

PLACE_AND_ROUTE = "nextpnr-himbaechel-gowin"


class HimbaechelGowin(GowinPlatform):
    """A Gowin platform placed and routed by nextpnr's Himbaechel: mixed in before a board's own class.

    One clock is asked for: the fastest of the platform's constraints.
    """

    writes_placement = True
    """nextpnr's result, `placed.json`, is what the packer reads."""

    @property
    def chip(self) -> str:
        """The chip as the tools name it: those with RAM or flash beside it in the package are the same."""
        series = self.family.partition("-")[0].rstrip("R")
        return f"{series}-{self.size}{self.subseries_f}"

    @property
    def fastest_mhz(self) -> float:
        """Of all clocks, for nextpnr's `--freq`."""
        clocks = [*self.iter_signal_clock_constraints(), *self.iter_port_clock_constraints()]
        return max(frequency for _, frequency in clocks) / 1e6

    @property
    def required_tools(self) -> list[str]:
        return ["yosys", PLACE_AND_ROUTE, "gowin_pack"]

    @property
    def command_templates(self) -> list[str]:
        synthesis, _, _ = super().command_templates
        return [
            synthesis,
            r"""
            {{invoke_tool("nextpnr-himbaechel-gowin")}}
                {{quiet("--quiet")}}
                {{get_override("nextpnr_opts")|options}}
                --log {{name}}.tim
                --device {{platform.part}}
                --freq {{platform.fastest_mhz}}
                --vopt family={{platform.chip}}
                --vopt cst={{name}}.cst
                --json {{name}}.syn.json
                --write placed.json
            """,
            r"""
            {{invoke_tool("gowin_pack")}}
                -d {{platform.chip}}
                -o {{name}}.fs
                {{get_override("gowin_pack_opts")|options}}
                placed.json
            """,
        ]


def with_himbaechel(platform: type[GowinPlatform]) -> type[GowinPlatform]:
    """The platform class, placed and routed by Himbaechel."""
    if issubclass(platform, HimbaechelGowin):
        return platform
    return type(platform.__name__, (HimbaechelGowin, platform), {})
