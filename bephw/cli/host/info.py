"""`bephw host info`: what a board says of itself."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.host.options import baud_option, port_option
from bephw.cli.options import json_option
from bephw.cli.terminal import print_table
from bephw.files import check_writable, write_json
from bephw.words import counted

__all__ = ["info"]


@click.command()
@port_option
@baud_option
@json_option
def info(url: str, baud: int | None, json_path: Path | None) -> None:
    """Show the identity of the board: its network, its folding, its link."""
    from bephw.host.connection import Connection
    from bephw.host.port import open_port
    from bephw.settings import Board

    check_writable(json_path)
    with Connection(open_port(url, baud or Board().baud)) as connection:
        identity = connection.identity
    write_json(json_path, {"command": "host info", "port": url, "identity": identity})
    rows = [(name, _store(*value) if name == "store" else _shown(value)) for name, value in identity.items()]
    print_table((url, ""), rows)


def _store(kind: str, word: int, depth: int) -> str:
    return f"{kind}, {depth:,} words of {counted(word, 'bit')}"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
