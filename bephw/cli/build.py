"""`bephw build`: a bitstream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bephw.cli.options import (
    PATH,
    check_outputs,
    inference_option,
    json_option,
    read_settings,
    settings_argument,
)
from bephw.cli.terminal import print_table, warn
from bephw.files import make_folder, write_json

__all__ = ["build", "print_build"]


@click.command()
@settings_argument
@click.option("--board", "board_name", help="Board to build for, instead of the settings'.")
@click.option("--clock", "clock_mhz", type=float, metavar="MHZ", help="Clock to meet, instead of the settings'.")
@click.option("--output", type=PATH, default=Path("build/board"), show_default=True, help="Folder to write to.")
@click.option("--state", "state_path", type=PATH, help="State file (.npz) for the memories; else a fresh state.")
@inference_option(
    "Build inference alone, as emit --inference has it, with the network of --state: samples and predictions are bytes "
    "on the serial port."
)
@json_option
@click.pass_context
def build(
    context: click.Context,
    settings_path: Path,
    changes: tuple[str, ...],
    board_name: str | None,
    clock_mhz: float | None,
    output: Path,
    state_path: Path | None,
    inference: str | None,
    json_path: Path | None,
) -> None:
    """Build the bitstream of SETTINGS for a board; exits with 1 where it misses its clock."""
    from bephw import boards
    from bephw.errors import check
    from bephw.flow.doubts import hardware_doubts
    from bephw.flow.hardware import check_hardware
    from bephw.flow.inputs import with_known_inputs
    from bephw.golden.initial import initial_state
    from bephw.state import NetworkState
    from bephw.states import load_state

    settings = read_settings(settings_path, changes)
    check(
        inference is None or state_path is not None,
        f"--state must be given for --inference {inference}: a trained network",
    )
    given: dict[str, Any] = {"board.name": board_name, "board.clock_mhz": clock_mhz}
    settings = settings.replace({key: value for key, value in given.items() if value is not None})
    settings = with_known_inputs(settings, state_path)
    warn(hardware_doubts(settings))
    check_outputs({"--json": json_path}, {"SETTINGS": settings_path, "--state": state_path})
    on_line = _stage_line(settings.board.name)
    if inference is not None and state_path is not None:
        network = load_state(state_path, settings)
        make_folder(output)
        result = boards.build_inference(settings, network, inference, output=output, on_line=on_line)
    else:
        check_hardware(settings)
        state = NetworkState.load(state_path, settings) if state_path else initial_state(settings)
        make_folder(output)
        result = boards.build(settings, state, output=output, on_line=on_line)
    figures = {"command": "build", "settings": settings.model_dump(mode="json"), **asdict(result)}
    if inference is not None:
        figures["inference"] = inference
    write_json(json_path, figures)
    print_build(figures)
    if not figures["meets_timing"]:
        context.exit(1)


def _stage_line(board: str) -> Callable[[str], None]:
    """Of all the tools print, only which stage runs with which tool."""

    def tell(line: str) -> None:
        if line.startswith(f"{board}: "):
            click.echo(line, err=True)

    return tell


def print_build(figures: dict[str, Any]) -> None:
    """Utilisation, clock and place of a bitstream."""
    reached, asked = figures["fmax_mhz"], figures["clock_mhz"]
    memory = figures["memory_fmax_mhz"], figures["memory_clock_mhz"]
    rows = [
        ("device", figures["device"]),
        ("LUTs", f"{figures['luts']} of {figures['luts_available']}"),
        ("flip-flops", figures["ffs"]),
        ("block RAMs", f"{figures['brams']} of {figures['brams_available']}"),
        ("highest clock", f"{reached:.2f} MHz"),
        ("clock asked for", _asked(reached, asked)),
        *([("highest clock, memory", f"{memory[0]:.2f} MHz"), ("asked for", _asked(*memory))] if memory[1] else []),
        ("bitstream", figures["bitstream"]),
        ("seconds", f"{figures['seconds']:.0f}"),
    ]
    print_table((figures["board"], ""), rows)


def _asked(reached: float, asked: float) -> str:
    return f"{asked:g} MHz, {'met' if reached >= asked else 'MISSED'}"
