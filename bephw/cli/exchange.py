"""`bephw import` and `bephw export`: networks from other tools, and to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bephw.cli.options import PATH, check_learnt_outputs, check_outputs, json_option
from bephw.files import write_json
from bephw.words import counted

__all__ = ["export", "import_"]

DATA = ("digits", "mnist", "fashion_mnist", "npz", "csv")


@click.command(name="import")
@click.argument("model", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, metavar="NETWORK", help="File to write, .npz.")
@click.option(
    "--input-scale",
    type=float,
    default=1.0,
    show_default=True,
    help="What features are divided by to be the network's input: 255 for pixels and a network that takes 0 to 1.",
)
@click.option("--input-mean", type=float, default=0.0, show_default=True, help="What is subtracted from them then.")
@click.option("--input-deviation", type=float, default=1.0, show_default=True, help="What they are divided by then.")
@click.option("--data", type=click.Choice(DATA), help="The data set that it classifies, for sim and emit.")
@click.option("--data-path", type=str, help="File of a data set npz or csv.")
@json_option
def import_(
    model: Path,
    output: Path,
    input_scale: float,
    input_mean: float,
    input_deviation: float,
    data: str | None,
    data_path: str | None,
    json_path: Path | None,
) -> None:
    """Import a binary perceptron from the QONNX file MODEL, as Brevitas and FINN write it.

    Writes NETWORK (weights, integer thresholds, encoder: for `bephw predict`, and as --state), and beside it its
    settings as TOML, for emit, sim, build and plan. What is not binary is refused with the node's name.
    """
    from bephw.errors import check
    from bephw.exchange.input_range import InputRange
    from bephw.exchange.qonnx_import import read_qonnx
    from bephw.flow.learnt import settings_beside
    from bephw.state import NetworkState

    check(output.suffix == ".npz", f"--output must end in .npz, not be {output}")
    check_learnt_outputs("--output", {"--output": output, "--json": json_path}, {"MODEL": model})
    needs = data in ("npz", "csv")
    check(needs == (data_path is not None), "--data-path must be given with --data npz or csv, and only then")
    source: dict[str, Any] = {"encoder": {"kind": "kept", "path": str(output)}}
    source |= {"name": data} if data else {}
    source |= {"path": data_path} if data_path else {}
    learnt = read_qonnx(model, InputRange(input_scale, input_mean, input_deviation), source)
    learnt.save(output)
    settings, encoding = learnt.settings, learnt.encoding
    assert encoding is not None and encoding.thresholds is not None and isinstance(learnt.state, NetworkState)
    sizes = [*settings.network.sizes, settings.network.classes]
    figures = {
        "command": "import",
        "model": str(model),
        "network": str(output),
        "settings": settings.model_dump(mode="json"),
        "features": encoding.features,
        "thresholds": sum(len(thresholds) for thresholds in learnt.state.thresholds),
    }
    write_json(json_path, figures)
    click.echo(f"network:  {'-'.join(map(str, sizes))}, {counted(encoding.features, 'feature')}")
    click.echo(f"written:  {output}")
    click.echo(f"settings: {settings_beside(output)}")


@click.command()
@click.argument("learnt_path", metavar="LEARNT", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, metavar="MODEL", help="File to write, .onnx.")
def export(learnt_path: Path, output: Path) -> None:
    """Export a perceptron that `bephw train --state LEARNT` kept, or one that was imported, as QONNX.

    Its input is what the encoder takes, its output the sums of the classes, of which the largest is the class.
    """
    from bephw.exchange.qonnx_export import write_qonnx
    from bephw.flow.learnt import Learnt

    check_outputs({"--output": output}, {"LEARNT": learnt_path})
    write_qonnx(Learnt.load(learnt_path), output)
    click.echo(f"written: {output}")
