"""`bephw emit`: Verilog of a trainer, or of inference alone, with manifest, vectors and testbench."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.options import (
    PATH,
    bus_option,
    check_bus,
    check_outputs,
    inference_option,
    json_option,
    read_settings,
    settings_argument,
)
from bephw.cli.terminal import warn
from bephw.files import write_json

__all__ = ["emit"]


@click.command()
@settings_argument
@click.option("--output", type=PATH, default=Path("build/emit"), show_default=True, help="Folder to write to.")
@click.option("--name", help="Name of the Verilog module and files; else bephw_trainer or bephw_inference.")
@click.option("--state", "state_path", type=PATH, help="State file (.npz) for the memories; else a fresh state.")
@inference_option(
    "Emit the network of --state without what learns: unrolled (also where no style is given), every weight in logic, "
    "a sample a cycle; or folded as the trainer, weights in read-only memories."
)
@bus_option
@click.option(
    "--vectors",
    type=click.IntRange(min=0),
    help="Samples of the data set in vectors and testbench; 0 for neither. Else some 8 to 24.",
)
@json_option
def emit(
    settings_path: Path,
    changes: tuple[str, ...],
    output: Path,
    name: str | None,
    state_path: Path | None,
    inference: str | None,
    bus: str,
    vectors: int | None,
    json_path: Path | None,
) -> None:
    """Emit the trainer of SETTINGS as Verilog, with a manifest, vectors and a testbench that need nothing of bephw.

    With --inference: the trained network alone.
    """
    from bephw.errors import check
    from bephw.flow.doubts import hardware_doubts
    from bephw.flow.emission import emit_files, emit_inference_files
    from bephw.flow.emitted.stimulus import load_stimulus
    from bephw.flow.hardware import check_hardware
    from bephw.flow.inputs import with_known_inputs
    from bephw.flow.learnt import class_names_in
    from bephw.golden.initial import initial_state
    from bephw.state import NetworkState
    from bephw.states import load_state

    settings = read_settings(settings_path, changes)
    check(
        inference is None or state_path is not None,
        f"--state must be given for --inference {inference}: a trained network",
    )
    check_bus(bus, inference)
    check_outputs({"--json": json_path}, {"SETTINGS": settings_path, "--state": state_path})
    settings = with_known_inputs(settings, state_path)
    stimulus = load_stimulus(settings, vectors)
    names = class_names_in(state_path) if state_path else None
    if names is None and stimulus is not None:
        names = stimulus.class_names
    options = [] if vectors is None else ["--vectors", str(vectors)]
    if state_path is not None:
        options += ["--state", state_path.name]
    if bus != "native":
        options += ["--bus", bus]
    if inference is not None and state_path is not None:
        network = load_state(state_path, settings)
        options += ["--inference", inference]
        name = name or "bephw_inference"
        manifest = emit_inference_files(
            settings, network, output, name, inference, stimulus=stimulus, class_names=names, options=options, bus=bus
        )
    else:
        name = name or "bephw_trainer"
        check_hardware(settings)
        state = NetworkState.load(state_path, settings) if state_path else initial_state(settings)
        manifest = emit_files(
            settings, state, output, name, stimulus=stimulus, class_names=names, options=options, bus=bus
        )
    warnings = [*hardware_doubts(settings), *(stimulus.warnings if stimulus is not None else ())]
    write_json(json_path, {**manifest, "folder": str(output), "warnings": warnings})
    warn(warnings)
    click.echo(f"Verilog:   {output / manifest['verilog']}  (SHA-256 {manifest['verilog_sha256'][:16]}..)")
    click.echo(f"manifest:  {output / name}.json")
    if stimulus is not None:
        click.echo(f"testbench: {output / manifest['testbench']}  ({manifest['samples']})")
