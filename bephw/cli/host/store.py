"""`bephw host store`: the samples that a board keeps."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.host.options import baud_option, port_option, with_baud
from bephw.cli.options import json_option, read_settings, settings_argument
from bephw.cli.terminal import print_table
from bephw.files import check_writable, write_json

__all__ = ["store"]


@click.command()
@settings_argument
@click.option("--load", "loads", is_flag=True, help="Keep the training samples of SETTINGS there, unless it has them.")
@port_option
@baud_option
@json_option
def store(
    settings_path: Path, changes: tuple[str, ...], loads: bool, url: str, baud: int | None, json_path: Path | None
) -> None:
    """Show the store of the board that SETTINGS was built for, and whether it has their training samples.

    `host train` loads it by itself. Samples stay there until the board is programmed or switched off.
    """
    from bephw.flow.learning import prepare
    from bephw.golden.streams import kept_order
    from bephw.host import connect

    settings = with_baud(read_settings(settings_path, changes), baud)
    check_writable(json_path)
    settings, dataset = prepare(settings)
    rows = kept_order(settings, len(dataset.x_train))
    x, y = dataset.x_train[rows], dataset.y_train[rows]
    board = connect(url, settings)
    with board.connection:
        kept, refusal = board.store, board.store.refusal(x, y)
        holds = refusal is None and kept.holds(x, y)
        if loads and not holds:
            kept.load(x, y)
            holds = True
    figures = {"kind": kept.kind, "most": kept.most, "samples": kept.samples, "holds": holds, "refusal": refusal}
    write_json(json_path, {"command": "host store", "port": url, "data": dataset.name, **figures})
    has = f"{kept.samples:,} samples of {dataset.name}" if holds else f"not the samples of {dataset.name}"
    rows_shown = [("memory", kept.kind), ("room for", f"{kept.most:,} samples"), ("has", has)]
    print_table(("store", ""), [*rows_shown, *([] if refusal is None else [("cannot keep them", refusal)])])
