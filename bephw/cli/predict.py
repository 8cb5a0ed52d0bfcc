"""`bephw predict`: a learnt network on new samples."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.options import PATH, check_outputs, json_option, tells_of_compiling
from bephw.cli.terminal import percent
from bephw.files import write_json

__all__ = ["predict"]


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

    check_outputs({"--json": json_path}, {"LEARNT": learnt_path, "SAMPLES": samples_path})
    learnt = Learnt.load(learnt_path)
    if samples_path.suffix == ".npz":
        (x, labels), places = learnt.arrays(samples_path), ("x", "y")
    else:
        (x, labels), places = learnt.table(samples_path), ("samples", "labels")
    prediction = learnt.predict(x, f"{samples_path}: {places[0]}")
    accuracy = None
    if labels is not None:
        known = learnt.numbers(labels, f"{samples_path}: {places[1]}", len(prediction))
        accuracy = float((prediction == known).mean()) if len(known) else None
    names = [learnt.class_name(number) for number in prediction.tolist()]
    figures = {"command": "predict", "samples": len(prediction), "accuracy": accuracy}
    write_json(json_path, {**figures, "prediction": prediction.tolist(), "names": names})
    for name in [] if json_path else names:
        click.echo(name)
    if accuracy is not None:
        click.echo(f"accuracy: {percent(accuracy)}", err=json_path is None)
