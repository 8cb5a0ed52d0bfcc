"""`bephw emit`: Verilog and manifest."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.options import PATH, json_option, read_settings, settings_argument
from bephw.files import check_writable, write_json

__all__ = ["emit"]


@click.command()
@settings_argument
@click.option("--output", type=PATH, default=Path("build/emit"), show_default=True, help="Folder to write to.")
@click.option("--name", default="bephw_trainer", show_default=True, help="Name of the Verilog module and files.")
@click.option("--state", "state_path", type=PATH, help="State file (.npz) for the memories; else a fresh state.")
@json_option
def emit(
    settings_path: Path,
    changes: tuple[str, ...],
    output: Path,
    name: str,
    state_path: Path | None,
    json_path: Path | None,
) -> None:
    """Emit the trainer of SETTINGS as Verilog, with a manifest: settings, hashes, ports, registers."""
    from bephw.flow.emission import emit_files
    from bephw.golden.initial import initial_state
    from bephw.state import NetworkState

    settings = read_settings(settings_path, changes)
    check_writable(json_path)
    state = NetworkState.load(state_path, settings) if state_path else initial_state(settings)
    manifest = emit_files(settings, state, output, name)
    write_json(json_path, manifest)
    click.echo(f"Verilog:  {manifest['verilog']}  (SHA-256 {manifest['verilog_sha256'][:16]}..)")
    click.echo(f"manifest: {output / name}.json")
