"""`bephw program`: a bitstream onto a board."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.options import PATH
from bephw.errors import check

__all__ = ["program"]


@click.command()
@click.argument("bitstream", type=PATH, default=Path("build/board"), metavar="[BITSTREAM|FOLDER]")
@click.option("--board", "board_name", help="The board; else the one that FOLDER was built for.")
@click.option("--flash", is_flag=True, help="Into the flash, for the next power-ups too (iCE40: always).")
@click.option("--cable", help="openFPGALoader's name of the JTAG cable, for boards that have none.")
def program(bitstream: Path, board_name: str | None, flash: bool, cable: str | None) -> None:
    """Load BITSTREAM, or what `bephw build` left in FOLDER (build/board), onto a board."""
    from bephw.boards.catalogue import board
    from bephw.boards.programming import board_of_build, find_bitstream
    from bephw.boards.programming import program as load

    name = board_name or board_of_build(bitstream)
    check(name is not None, f"--board: must be given, as {bitstream} does not say what it was built for")
    target = board(str(name))
    found = find_bitstream(target, bitstream)
    load(target, found, flash=flash, cable=cable, on_line=lambda line: click.echo(line, err=True))
    click.echo(f"{target.name} runs {found}")
