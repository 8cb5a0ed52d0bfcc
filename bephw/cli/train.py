"""`bephw train`: learning in the golden model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.cli.data_table import print_data
from bephw.cli.options import (
    PATH,
    check_checkpoint,
    check_learnt_outputs,
    checkpoint_every_option,
    json_option,
    read_settings,
    settings_argument,
    tells_of_compiling,
)
from bephw.cli.terminal import percent, print_table, progress_bar, warn
from bephw.errors import BephwError
from bephw.files import write_bytes, write_json, write_text
from bephw.limits import MOST_EPOCHS
from bephw.words import counted

if TYPE_CHECKING:
    from bephw.data import Dataset
    from bephw.golden.model import EngineName
    from bephw.golden.training import Epoch
    from bephw.settings import Settings

__all__ = ["print_training", "train"]

PICTURES = (".svg", ".png", ".html")


@click.command()
@settings_argument
@click.option("--epochs", type=click.IntRange(1, MOST_EPOCHS), help="Epochs to reach in all, instead of the settings'.")
@click.option("--checkpoint", type=PATH, help="File (.npz) that holds the training after every epoch.")
@checkpoint_every_option
@click.option("--resume", is_flag=True, help="Go on from the checkpoint, to the very bits of a run without a break.")
@click.option(
    "--state", "state_path", type=PATH, help="Write what was learnt (.npz) here, its settings (.toml) beside."
)
@click.option("--curve", type=PATH, help="Draw accuracy per epoch to this .svg, .png or .html file.")
@click.option("--compare", is_flag=True, help="Train logistic regression and PyTorch on the same split too.")
@click.option("--engine", type=click.Choice(["compiled", "numpy"]), default="compiled", show_default=True)
@json_option
@tells_of_compiling
def train(
    settings_path: Path,
    changes: tuple[str, ...],
    epochs: int | None,
    checkpoint: Path | None,
    checkpoint_every: int | None,
    resume: bool,
    state_path: Path | None,
    curve: Path | None,
    compare: bool,
    engine: EngineName,
    json_path: Path | None,
) -> None:
    """Train the network of SETTINGS in the golden model; with learning.algorithm ste, logic or gnet in PyTorch.

    Both engines give the same bits; "numpy" is the readable reference.
    """
    from bephw.flow.learning import describe_data, learn, prepare
    from bephw.flow.learnt import Learnt
    from bephw.flow.showcase import showcase
    from bephw.golden.checkpoint import check_new

    settings = read_settings(settings_path, changes)
    check_checkpoint(checkpoint, checkpoint_every, resume)
    if curve is not None and curve.suffix not in PICTURES:
        raise BephwError(f"--curve must end in {', '.join(PICTURES)}, not {curve.name!r}")
    outputs = {"--checkpoint": checkpoint, "--state": state_path, "--curve": curve, "--json": json_path}
    check_learnt_outputs("--state", outputs, {"SETTINGS": settings_path})
    if checkpoint is not None and not resume:
        check_new(checkpoint)
    settings, dataset = prepare(settings)
    wanted = epochs or settings.learning.epochs
    with progress_bar(f"{dataset.name}, {counted(wanted, 'epoch')}", wanted * len(dataset.y_train)) as advance:
        shown = False

        def show(samples: int) -> None:
            """Like the bar, the table appears when training begins: bad input that is found until then is one line."""
            nonlocal shown
            if not shown:
                print_data(describe_data(dataset))
                shown = True
            advance(samples)

        result, figures = learn(
            settings,
            dataset,
            epochs=epochs,
            checkpoint=checkpoint,
            checkpoint_every=checkpoint_every,
            resume=resume,
            engine=engine,
            on_samples=show,
            on_warnings=warn,
        )
    trained = getattr(result, "settings", settings)
    figures |= showcase(trained, dataset, result.network)
    if compare:
        figures |= _compare(settings, dataset, len(result.history))
    try:
        if state_path is not None:
            Learnt.of(trained, result.network, dataset).save(state_path)
        if curve is not None:
            _draw(curve, figures)
        write_json(json_path, figures)
    finally:  # What was found is told, also where it cannot be kept.
        print_training(result.history, figures)


def print_training(history: Sequence[Epoch], figures: dict[str, Any]) -> None:
    """What it was compared with, the table of epochs, and the last of them."""
    if "references" in figures:
        rows = [(item["name"], item["sees"], percent(item["test_accuracy"])) for item in figures["references"]]
        print_table(("beside, on the same split", "sees", "held out"), rows)
        for line in figures["references_absent"]:
            click.echo(f"not compared: {line}")
    print_table(*_epoch_table(history))
    speed = figures["samples_per_second"]
    told = f"; {speed:,.0f} training samples a second" if speed else ""
    click.echo(f"held out: {percent(figures['test_accuracy'])}{told}")


def _compare(settings: Settings, dataset: Dataset, epochs: int) -> dict[str, Any]:
    """Figures of other learners, PyTorch with as many epochs; each is told as it begins."""
    from bephw.flow.references import references

    return references(
        settings, dataset, epochs=epochs, on_start=lambda name: click.echo(f"training {name} ...", err=True)
    )


def _epoch_table(history: Sequence[Epoch]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Head and rows; a network that was made from one of real numbers is shown beside that."""
    real = any(epoch.soft_accuracy is not None for epoch in history)
    head = ("epoch", "training", "held out", *(["held out, real numbers"] if real else []), "taught", "seconds")
    rows = [
        (
            epoch.epoch,
            percent(epoch.train_accuracy),
            percent(epoch.test_accuracy),
            *([percent(epoch.soft_accuracy)] if real else []),
            percent(epoch.taught),
            f"{epoch.seconds:.2f}",
        )
        for epoch in history
    ]
    return head, rows


def _draw(path: Path, figures: dict[str, Any]) -> None:
    from bephw.report import accuracy_curves, picture_bytes, render

    if path.suffix == ".html":
        write_text(path, render([figures]))
    else:
        write_bytes(path, picture_bytes(accuracy_curves(figures["epochs"]), path.suffix))
