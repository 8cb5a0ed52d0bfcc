"""`bephw host watch`: a board that learns, live in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bephw.cli.host.session import train_board, training_options
from bephw.cli.options import tells_of_compiling

if TYPE_CHECKING:
    from bephw.cli.host.live_view import LiveView
    from bephw.data import Dataset
    from bephw.host import Trainer

__all__ = ["watch"]


@click.command()
@training_options
@tells_of_compiling
def watch(**options: Any) -> None:
    """Train the board as `bephw host train`, with all that happens live: accuracy, rates, what the link had to repair.

    Where standard output is no terminal, a line for every epoch and event.
    """
    from bephw.cli.host.live_view import LiveView

    views: list[LiveView] = []

    def make(trainer: Trainer, dataset: Dataset, epochs: int) -> LiveView:
        views.append(LiveView(trainer, dataset.name, epochs, len(dataset.y_train)))
        return views[0]

    try:
        train_board(**options, make_progress=make)
    finally:
        for view in views:
            view.stop()
