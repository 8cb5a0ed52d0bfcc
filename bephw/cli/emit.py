"""`bephw emit`: Verilog of a trainer, or of inference alone, and manifest."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.options import PATH, check_outputs, inference_option, json_option, read_settings, settings_argument
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
@json_option
def emit(
    settings_path: Path,
    changes: tuple[str, ...],
    output: Path,
    name: str | None,
    state_path: Path | None,
    inference: str | None,
    json_path: Path | None,
) -> None:
    """Emit the trainer of SETTINGS as Verilog, with a manifest: settings, hashes, ports, registers.

    With --inference: the trained network alone.
    """
    from bephw.errors import check
    from bephw.flow.doubts import hardware_doubts
    from bephw.flow.emission import emit_files, emit_inference_files
    from bephw.flow.inputs import with_known_inputs
    from bephw.golden.initial import initial_state
    from bephw.state import NetworkState

    settings = read_settings(settings_path, changes)
    check_outputs({"--json": json_path}, {"SETTINGS": settings_path, "--state": state_path})
    settings = with_known_inputs(settings, state_path)
    warn(hardware_doubts(settings))
    state = NetworkState.load(state_path, settings) if state_path else initial_state(settings)
    if inference:
        check(state_path is not None, f"--state must be given for --inference {inference}: a trained network")
        name = name or "bephw_inference"
        manifest = emit_inference_files(settings, state, output, name, inference)
    else:
        name = name or "bephw_trainer"
        manifest = emit_files(settings, state, output, name)
    write_json(json_path, manifest)
    click.echo(f"Verilog:  {manifest['verilog']}  (SHA-256 {manifest['verilog_sha256'][:16]}..)")
    click.echo(f"manifest: {output / name}.json")
