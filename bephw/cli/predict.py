"""`bephw predict`: a learnt network on new samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.cli.options import PATH, check_outputs, json_option, tells_of_compiling
from bephw.cli.terminal import percent
from bephw.files import write_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bephw.flow.learnt import Learnt

__all__ = ["predict", "prediction_figures", "print_predictions", "read_samples"]


@click.command()
@click.argument("learnt_path", metavar="LEARNT", type=PATH)
@click.argument("samples_path", metavar="SAMPLES", type=PATH)
@json_option
@tells_of_compiling
def predict(learnt_path: Path, samples_path: Path, json_path: Path | None) -> None:
    """Classify the samples of an .npz file, or of a table, with what `bephw train --state LEARNT` kept.

    A name that ends in .npz: SAMPLES holds `x`, features as the training samples had them, and perhaps `y`, their
    labels. Any other: a table as text, with the columns of the training samples, in any order where they have names,
    and perhaps their labels. Prints the class of each sample, a line each.
    """
    from bephw.flow.learnt import Learnt
    from bephw.golden.classifier import classifier

    check_outputs({"--json": json_path}, {"LEARNT": learnt_path, "SAMPLES": samples_path})
    learnt = Learnt.load(learnt_path)
    bits, known = read_samples(learnt, samples_path)
    prediction, _ = classifier(learnt.settings, learnt.state).predict(bits)
    figures = prediction_figures(learnt, prediction, known)
    write_json(json_path, {"command": "predict", **figures})
    print_predictions(figures, names=json_path is None)


def read_samples(learnt: Learnt, path: Path) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    """Bits of the samples of a file, and the numbers of their labels, if it has any. Raises `BephwError`."""
    if path.suffix == ".npz":
        (x, labels), places = learnt.arrays(path), ("x", "y")
    else:
        (x, labels), places = learnt.table(path), ("samples", "labels")
    bits = learnt.bits(x, f"{path}: {places[0]}")
    return bits, None if labels is None else learnt.numbers(labels, f"{path}: {places[1]}", len(bits))


def prediction_figures(
    learnt: Learnt, prediction: NDArray[np.int64], known: NDArray[np.int64] | None
) -> dict[str, Any]:
    """Of samples whose labels may be known."""
    return {
        "samples": len(prediction),
        "accuracy": float((prediction == known).mean()) if known is not None and len(known) else None,
        "prediction": prediction.tolist(),
        "names": [learnt.class_name(number) for number in prediction.tolist()],
    }


def print_predictions(figures: dict[str, Any], *, names: bool) -> None:
    """The `names` of the classes, a line each, and the accuracy; that on stderr, not to be taken for one."""
    for name in figures["names"] if names else []:
        click.echo(name)
    if figures["accuracy"] is not None:
        click.echo(f"accuracy: {percent(figures['accuracy'])}", err=names)
