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
    """Classify the samples of an .npz file with what `bephw train --state LEARNT` kept.

    SAMPLES holds `x`, features as the training samples had them, which the encoder kept in LEARNT turns into bits; and
    perhaps `y`, their labels.
    """
    from bephw.data.dataset import check_labels
    from bephw.errors import check
    from bephw.flow.learnt import Learnt
    from bephw.state import load_arrays

    check_outputs({"--json": json_path}, {"LEARNT": learnt_path, "SAMPLES": samples_path})
    learnt, arrays = Learnt.load(learnt_path), load_arrays(samples_path)
    check("x" in arrays, f"{samples_path}: array x is missing")
    prediction = learnt.predict(arrays["x"], f"{samples_path}: x")
    accuracy = None
    if "y" in arrays:
        source, classes = f"{samples_path}: y", learnt.settings.network.classes
        labels = check_labels(source, arrays["y"], len(prediction), classes)
        accuracy = float((prediction == labels).mean()) if len(labels) else None
    figures = {"command": "predict", "samples": len(prediction), "accuracy": accuracy}
    write_json(json_path, {**figures, "prediction": prediction.tolist()})
    for number in [] if json_path else prediction:
        click.echo(int(number))
    if accuracy is not None:
        click.echo(f"accuracy: {percent(accuracy)}", err=json_path is None)
