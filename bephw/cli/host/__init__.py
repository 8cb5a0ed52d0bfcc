"""`bephw host`: a board, real or virtual, from the command line."""

from __future__ import annotations

import click

from bephw.cli.host.info import info
from bephw.cli.host.load import load
from bephw.cli.host.predict import predict
from bephw.cli.host.save import save
from bephw.cli.host.store import store
from bephw.cli.host.train import train
from bephw.cli.host.watch import watch

__all__ = ["host"]


@click.group()
def host() -> None:
    """Talk to a board: what it is, train it, classify with it, load and save what it has learnt.

    --port takes a device (/dev/ttyUSB1) or any URL of pyserial's (socket://localhost:4000, a virtual board of `bephw
    board run`). Connecting resets the trainer; what its memories have learnt stays.
    """


for _command in (info, train, watch, predict, save, load, store):
    host.add_command(_command)
