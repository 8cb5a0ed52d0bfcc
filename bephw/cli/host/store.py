"""`bephw host store`: the samples that a board keeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bephw.cli.host.options import baud_option, port_option, with_baud
from bephw.cli.options import json_option, read_settings, settings_argument
from bephw.cli.terminal import print_table, progress_bar
from bephw.files import check_writable, write_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bephw.host.store import Store

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
        kept = board.store
        refusal = kept.refusal(x, y)
        holds = refusal is None and kept.holds(x, y)
        if loads and not holds:
            _load(kept, x, y)
            holds = True
    figures = {"kind": kept.kind, "most": kept.most, "holds": holds, "refusal": refusal}
    write_json(json_path, {"command": "host store", "port": url, "data": dataset.name, "samples": len(y), **figures})
    has = "yes" if holds else "no" if refusal is None else f"no: {refusal}"
    memory, training = f"{kept.kind}, {kept.most:,} samples at most", f"has the {len(y):,} of {dataset.name}"
    print_table(("store", memory), [(training, has)])


def _load(store: Store, x: NDArray[np.uint8], y: NDArray[np.integer]) -> None:
    with progress_bar("to the store", len(y)) as advance:
        done = 0

        def told(count: int) -> None:
            nonlocal done
            advance(count - done)
            done = count

        store.load(x, y, told)
