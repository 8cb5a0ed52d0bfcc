"""What `bephw host train` and `watch` do alike: train a board on the data set of its settings, and keep what comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.cli.host.options import baud_option, port_option, with_baud
from bephw.cli.options import (
    PATH,
    check_checkpoint,
    check_learnt_outputs,
    checkpoint_every_option,
    json_option,
    read_settings,
    settings_argument,
)
from bephw.cli.terminal import warn
from bephw.files import write_json
from bephw.limits import MOST_EPOCHS

if TYPE_CHECKING:
    from bephw.data import Dataset
    from bephw.host import Trainer
    from bephw.host.progress import TrainingProgress

__all__ = ["train_board", "training_options"]

OPTIONS = (
    settings_argument,
    port_option,
    baud_option,
    click.option("--epochs", type=click.IntRange(1, MOST_EPOCHS), help="Epochs in all, instead of the settings'."),
    click.option("--checkpoint", type=PATH, help="File (.npz) that holds the training after every epoch."),
    checkpoint_every_option,
    click.option(
        "--resume", is_flag=True, help="Go on from the checkpoint, to the very bits of a run without a break."
    ),
    click.option(
        "--store/--no-store",
        default=True,
        show_default=True,
        help="Keep the training samples in the board's store, if it has one and they fit; no bit depends on it.",
    ),
    click.option("--state", "state_path", type=PATH, help="Write what was learnt (.npz), and its settings beside."),
    json_option,
)


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments of `train_board`, but for the last two."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def train_board(
    settings_path: Path,
    changes: tuple[str, ...],
    url: str,
    baud: int | None,
    epochs: int | None,
    checkpoint: Path | None,
    checkpoint_every: int | None,
    resume: bool,
    store: bool,
    state_path: Path | None,
    json_path: Path | None,
    make_progress: Callable[[Trainer, Dataset, int], TrainingProgress] | None = None,
    on_end: Callable[[Trainer, dict[str, Any]], None] | None = None,
) -> None:
    """Train, and keep what was asked for. `make_progress` makes what is shown instead of a bar; `on_end` is told the
    figures, also where they cannot be kept."""
    from bephw.flow.board_learning import learn_on_board
    from bephw.flow.doubts import training_doubts
    from bephw.flow.learning import prepare
    from bephw.flow.learnt import Learnt
    from bephw.golden.checkpoint import check_new
    from bephw.host import Trainer

    settings = with_baud(read_settings(settings_path, changes), baud)
    check_checkpoint(checkpoint, checkpoint_every, resume)
    outputs = {"--checkpoint": checkpoint, "--state": state_path, "--json": json_path}
    check_learnt_outputs("--state", outputs, {"SETTINGS": settings_path})
    if checkpoint is not None and not resume:
        check_new(checkpoint)
    settings, dataset = prepare(settings)
    warn(training_doubts(settings, dataset, epochs))
    with Trainer(url, settings, store=store) as trainer:
        shown = make_progress and make_progress(trainer, dataset, epochs or settings.learning.epochs)
        figures = learn_on_board(
            trainer,
            dataset,
            epochs=epochs,
            checkpoint=checkpoint,
            checkpoint_every=checkpoint_every,
            resume=resume,
            progress=shown,
        )
        network = trainer.network
    _tell_of_store(figures["store"], asked=store)
    try:
        if state_path is not None:
            Learnt.of(settings, network, dataset).save(state_path)
        write_json(json_path, {**figures, "port": url})
    finally:
        if on_end is not None:
            on_end(trainer, figures)


def _tell_of_store(found: dict[str, Any] | None, *, asked: bool) -> None:
    if found is None:
        return
    if found["unused"] is None:
        click.echo(f"store: {found['kind']}, {found['samples']:,} of at most {found['most']:,} samples")
    elif asked:
        warn([f"the board's store is not used: {found['unused']}"])
