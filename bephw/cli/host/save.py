"""`bephw host save`: what a board has learnt, to a file."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.host.options import baud_option, port_option, with_baud
from bephw.cli.options import PATH, check_outputs, read_settings, settings_argument

__all__ = ["save"]


@click.command()
@settings_argument
@click.argument("state_path", metavar="STATE", type=PATH)
@port_option
@baud_option
def save(settings_path: Path, changes: tuple[str, ...], state_path: Path, url: str, baud: int | None) -> None:
    """Read the state of the board that SETTINGS was built for, and write it to the file STATE (.npz).

    Connecting resets the trainer: counters and prototypes are those that it has learnt, generators and accumulators
    those of its bitstream.
    """
    from bephw.flow.inputs import with_known_inputs
    from bephw.host import connect

    settings = with_known_inputs(with_baud(read_settings(settings_path, changes), baud), None)
    check_outputs({"STATE": state_path}, {"SETTINGS": settings_path})
    board = connect(url, settings)
    with board.connection:
        board.until_idle()
        board.read_state().save(state_path)
    click.echo(f"saved: {state_path}")
