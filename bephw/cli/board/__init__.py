"""`bephw board`: boards that are not there."""

from __future__ import annotations

import click

from bephw.cli.board.run import run

__all__ = ["board"]


@click.group()
def board() -> None:
    """Virtual boards."""


board.add_command(run)
