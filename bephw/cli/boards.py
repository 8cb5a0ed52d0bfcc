"""`bephw boards`: which boards there are."""

from __future__ import annotations

import click

from bephw.cli.terminal import print_table

__all__ = ["boards"]


@click.command()
def boards() -> None:
    """List the boards that trainers can be built for."""
    from bephw.boards.catalogue import boards as all_boards

    rows = [
        (entry.name, entry.device, entry.luts, entry.brams, f"{entry.default_clock_mhz:g}", entry.description)
        for entry in all_boards()
    ]
    print_table(("board", "device", "LUTs", "block RAMs", "clock, MHz", "what"), rows)
