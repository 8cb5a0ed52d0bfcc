"""`bephw host predict`: a learnt network on new samples, on a board."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.host.options import baud_option, port_option, with_baud
from bephw.cli.options import PATH, check_outputs, json_option
from bephw.cli.predict import prediction_figures, print_predictions, read_samples
from bephw.files import write_json

__all__ = ["predict"]


@click.command()
@click.argument("learnt_path", metavar="LEARNT", type=PATH)
@click.argument("samples_path", metavar="SAMPLES", type=PATH)
@port_option
@baud_option
@json_option
def predict(learnt_path: Path, samples_path: Path, url: str, baud: int | None, json_path: Path | None) -> None:
    """Load LEARNT, a file of `train --state`, into the board, and classify the samples of SAMPLES there.

    As `bephw predict`: SAMPLES is an .npz file with `x`, or a table as text. The board keeps the network.
    """
    from bephw.errors import BephwError
    from bephw.flow.learnt import Learnt
    from bephw.host import Trainer
    from bephw.state import NetworkState

    check_outputs({"--json": json_path}, {"LEARNT": learnt_path, "SAMPLES": samples_path})
    learnt = Learnt.load(learnt_path)
    network = learnt.state
    if not isinstance(network, NetworkState):
        raise BephwError(f"{learnt_path}: a trainer takes no network of gates (learning.algorithm logic)")
    bits, known = read_samples(learnt, samples_path)
    with Trainer(url, with_baud(learnt.settings, baud)) as trainer:
        prediction = trainer.load_state(network).predict(bits)
    figures = prediction_figures(learnt, prediction, known)
    write_json(json_path, {"command": "host predict", "port": url, **figures})
    print_predictions(figures, names=json_path is None)
