"""`bephw board run`: a virtual board, for any host."""

from __future__ import annotations

import time
from pathlib import Path

import click

from bephw.cli.options import PATH, read_settings, settings_argument
from bephw.cli.terminal import warn

__all__ = ["run"]

TCP = 4000


@click.command()
@settings_argument
@click.option("--board", "board_name", help="Board to be, instead of the settings'.")
@click.option("--clock", "clock_mhz", type=float, metavar="MHZ", help="Its clock, instead of the settings'.")
@click.option("--state", "state_path", type=PATH, help="State file (.npz) for the memories; else a fresh state.")
@click.option(
    "--tcp",
    type=click.IntRange(0, 65535),
    default=TCP,
    show_default=True,
    metavar="PORT",
    help="TCP port to serve on; 0 takes any.",
)
@click.option("--pty/--no-pty", default=True, show_default=True, help="Serve on a pseudo-terminal, too.")
@click.option("--fast", is_flag=True, help="Leave out the UART: bytes go straight to the gateware behind it.")
def run(
    settings_path: Path,
    changes: tuple[str, ...],
    board_name: str | None,
    clock_mhz: float | None,
    state_path: Path | None,
    tcp: int,
    pty: bool,
    fast: bool,
) -> None:
    """Compile the whole design of a board with the trainer of SETTINGS, and serve it until Ctrl-C.

    Whatever talks to the board by a serial port can open it: `bephw host ... --port socket://localhost:4000`. One host
    at a time; its time stands still while there is none. Prints where it is, then its clock cycles a second.
    """
    from bephw.boards import board as board_named
    from bephw.boards.bitstream.top import clock_and_bit
    from bephw.flow.doubts import hardware_doubts
    from bephw.flow.hardware import check_hardware
    from bephw.flow.inputs import with_known_inputs
    from bephw.golden.initial import initial_state
    from bephw.state import NetworkState
    from bephw.virtual.kept import kept_board
    from bephw.virtual.served import ServedBoard

    settings = read_settings(settings_path, changes)
    given = {"board.name": board_name, "board.clock_mhz": clock_mhz}
    settings = settings.replace({key: value for key, value in given.items() if value is not None})
    settings = with_known_inputs(settings, state_path)
    warn(hardware_doubts(settings))
    check_hardware(settings)
    target = board_named(settings.board.name)
    actual_mhz, _ = clock_and_bit(target, settings)
    state = NetworkState.load(state_path, settings) if state_path else initial_state(settings)
    program = kept_board(
        target,
        settings,
        state,
        fast=fast,
        on_compiling=lambda: click.echo("compiling the board, once: this takes minutes", err=True),
    )
    tell = _Teller()
    with ServedBoard(program, actual_mhz, settings.board.baud, tcp=tcp, terminal=pty, on_event=tell) as served:
        for url in served.urls:
            click.echo(f"serving {target.name} at {url}")
        try:
            served.wait()
        except KeyboardInterrupt:
            click.echo("stopped")


class _Teller:
    """Prints what happens, a line each."""

    def __init__(self) -> None:
        self._before: tuple[float, int] | None = None

    def __call__(self, event: str) -> None:
        kind, _, what = event.partition(" ")
        now = time.monotonic()
        if kind == "cycles":
            if self._before is not None:
                began, cycles = self._before
                click.echo(f"{(int(what) - cycles) / (now - began):,.0f} cycles/s")
            self._before = (now, int(what))
            return
        self._before = None
        click.echo({"host": f"a host has come ({what})", "gone": "it has left"}.get(kind, event))
