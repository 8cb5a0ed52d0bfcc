"""`bephw host train`: a board learns."""

from __future__ import annotations

from typing import Any

import click

from bephw.cli.host.session import train_board, training_options
from bephw.cli.options import tells_of_compiling
from bephw.cli.train import print_training

__all__ = ["train"]


@click.command()
@training_options
@tells_of_compiling
def train(**options: Any) -> None:
    """Train the board on the data set of SETTINGS, to the same bits as `bephw train`."""
    train_board(**options, on_end=lambda trainer, figures: print_training(trainer.history, figures))
