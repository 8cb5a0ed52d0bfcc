"""`bephw host load`: a state, from a file to a board."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.host.options import baud_option, port_option, with_baud
from bephw.cli.options import PATH, read_settings, settings_argument

__all__ = ["load"]


@click.command()
@settings_argument
@click.argument("state_path", metavar="STATE", type=PATH)
@port_option
@baud_option
def load(settings_path: Path, changes: tuple[str, ...], state_path: Path, url: str, baud: int | None) -> None:
    """Load the state in the file STATE (.npz) into the board that SETTINGS was built for, and check it.

    Counters and prototypes stay there until the board is programmed, switched off, or taught; generators and
    accumulators until the next connection.
    """
    from bephw.errors import BephwError
    from bephw.flow.inputs import with_known_inputs
    from bephw.host import connect
    from bephw.state import NetworkState

    settings = with_known_inputs(with_baud(read_settings(settings_path, changes), baud), state_path)
    state = NetworkState.load(state_path, settings)
    board = connect(url, settings)
    with board.connection:
        board.until_idle()
        board.load_state(state)
        found = board.read_state().to_arrays()
    for name, array in state.to_arrays().items():
        if (found[name] != array).any():
            raise BephwError(f"{name} on the board is not what was loaded")
    click.echo(f"loaded: {state_path}")
