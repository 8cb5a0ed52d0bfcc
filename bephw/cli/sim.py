"""`bephw sim`: the emitted Verilog against the golden model, on a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.cli.options import (
    PATH,
    bus_option,
    check_bus,
    check_outputs,
    engine_option,
    inference_option,
    json_option,
    read_settings,
    settings_argument,
    simulator_option,
    tells_of_compiling,
)
from bephw.cli.terminal import percent, print_table, sample_counter, warn
from bephw.files import make_folder, write_json
from bephw.limits import MOST_EPOCHS
from bephw.words import counted

if TYPE_CHECKING:
    from bephw.data import Dataset
    from bephw.settings import Settings
    from bephw.sim.plan import Engine

__all__ = ["print_comparison", "print_inference", "sim"]


@click.command()
@settings_argument
@click.option("--epochs", type=click.IntRange(1, MOST_EPOCHS), default=1, show_default=True, help="Epochs to train.")
@click.option("--samples", type=click.IntRange(min=1), help="Training samples an epoch; else all.")
@click.option("--held-out", type=click.IntRange(min=0), help="Held-out samples to classify; else all.")
@inference_option(
    "Simulate inference alone, as emit --inference has it, with the network of --state: held-out samples only."
)
@click.option(
    "--average",
    is_flag=True,
    help="After every epoch, classify the held-out samples with the average of the weights (learning.average) too.",
)
@click.option("--state", "state_path", type=PATH, help="State file (.npz) for --inference.")
@simulator_option
@engine_option
@bus_option
@click.option("--workdir", type=PATH, default=Path("build/sim"), show_default=True, help="Keeps compiled designs.")
@click.option(
    "--waves",
    type=PATH,
    metavar="FILE",
    help="Record all signals of the design to this .vcd or .fst file: large, so best with a few --samples.",
)
@json_option
@click.pass_context
@tells_of_compiling
def sim(
    context: click.Context,
    settings_path: Path,
    changes: tuple[str, ...],
    epochs: int,
    samples: int | None,
    held_out: int | None,
    inference: str | None,
    average: bool,
    state_path: Path | None,
    simulator: str,
    engine: Engine,
    bus: str,
    workdir: Path,
    waves: Path | None,
    json_path: Path | None,
) -> None:
    """Train the emitted Verilog of SETTINGS on its data set in simulation, and compare with the golden model.

    Then classify the held-out samples with learning switched off. Predictions, taught flags, counters, generators and
    accumulators are compared; exits with 1 on any mismatch. With --inference nothing is trained: predictions of
    held-out samples are compared.
    """
    from bephw.errors import check
    from bephw.flow.cosimulation import cosimulate
    from bephw.flow.learning import prepare
    from bephw.sim.launch import check_simulation

    settings = read_settings(settings_path, changes)
    check((inference is None) == (state_path is None), "--inference and --state must be given together")
    check(not average or inference is None, "--average is for training: leave it out with --inference")
    check_bus(bus, inference)
    check_simulation(simulator, waves, engine, bus)
    check_outputs({"--json": json_path, "--waves": waves}, {"SETTINGS": settings_path, "--state": state_path})
    make_folder(workdir)
    settings, dataset = prepare(settings)
    if inference is not None and state_path is not None:
        figures = _infer(settings, dataset, state_path, inference, held_out, simulator, engine, bus, workdir, waves)
        write_json(json_path, figures)
        print_inference(figures)
        context.exit(1 if figures["mismatches"] else 0)
    training, testing = len(dataset.y_train[:samples]), len(dataset.y_test[:held_out])
    with sample_counter(
        f"{simulator}, {counted(epochs, 'epoch')}", _samples(epochs, training, testing, average)
    ) as on_samples:
        figures = cosimulate(
            settings,
            dataset,
            epochs=epochs,
            samples=samples,
            held_out=held_out,
            average=average,
            simulator=simulator,
            workdir=workdir,
            waves=waves,
            on_samples=on_samples,
            on_warnings=warn,
            engine=engine,
            bus=bus,
        )
    write_json(json_path, figures)
    print_comparison(figures)
    if figures["mismatches"]:
        context.exit(1)


def _samples(epochs: int, training: int, testing: int, average: bool) -> int:
    """All that are simulated."""
    return epochs * (training + testing * average) + testing


def _infer(
    settings: Settings,
    dataset: Dataset,
    state_path: Path,
    style: str,
    held_out: int | None,
    simulator: str,
    engine: Engine,
    bus: str,
    workdir: Path,
    waves: Path | None,
) -> dict[str, Any]:
    from bephw.flow.inference import cosimulate_inference
    from bephw.states import load_state

    state = load_state(state_path, settings)
    with sample_counter(f"{simulator}, {style} inference", len(dataset.y_test[:held_out])) as on_samples:
        return cosimulate_inference(
            settings,
            state,
            dataset,
            style=style,
            held_out=held_out,
            simulator=simulator,
            workdir=workdir,
            waves=waves,
            on_samples=on_samples,
            engine=engine,
            bus=bus,
        )


def print_inference(figures: dict[str, Any]) -> None:
    """The table of what was compared, each mismatch, and the speed."""
    _print_compared(figures)
    click.echo(
        f"{counted(figures['inference_samples'], 'sample')}, "
        f"{figures['inference_cycles_per_sample']:.1f} cycles each (interval {round(figures['interval'], 2)}, "
        f"latency {figures['latency']}), accuracy {percent(figures['inference_accuracy'])}"
    )
    click.echo(f"mismatches: {figures['mismatches']}")


def print_comparison(figures: dict[str, Any]) -> None:
    """The table of what was compared, each mismatch, and the speed."""
    _print_compared(figures)
    print_table(
        ("phase", "busy cycles a sample"), [(name, f"{cycles:.1f}") for name, cycles in figures["phases"].items()]
    )
    click.echo(
        f"{counted(figures['samples'], 'training sample')}, {figures['cycles_per_sample']:.1f} cycles each, "
        f"{figures['lanes']} lanes, efficiency {percent(figures['efficiency'])}"
    )
    if "average_accuracy" in figures:
        click.echo(
            f"held-out samples: accuracy {percent(figures['inference_accuracy'])} with the last weights, "
            f"{percent(figures['average_accuracy'])} with their average"
        )
    click.echo(f"mismatches: {figures['mismatches']}")


def _print_compared(figures: dict[str, Any]) -> None:
    rows = [(row["what"], row["values"], row["mismatches"]) for row in figures["compared"]]
    print_table(("compared with the golden model", "values", "mismatches"), rows)
    for line in figures["mismatch_lines"]:
        click.echo(line)
