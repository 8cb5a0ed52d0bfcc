"""Arguments that several commands share."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.destination import destination
from bephw.errors import BephwError
from bephw.files import check_distinct, check_writable

if TYPE_CHECKING:
    from bephw.settings import Settings

__all__ = [
    "bus_option",
    "check_bus",
    "check_checkpoint",
    "check_learnt_outputs",
    "check_outputs",
    "checkpoint_every_option",
    "engine_option",
    "inference_option",
    "json_option",
    "read_settings",
    "settings_argument",
    "simulator_option",
    "tells_of_compiling",
]

PATH = click.Path(path_type=Path)

json_option = click.option("--json", "json_path", type=PATH, metavar="OUT", help="Write the figures to this file.")
checkpoint_every_option = click.option(
    "--checkpoint-every",
    type=click.IntRange(min=1),
    metavar="SAMPLES",
    help="Write the checkpoint within an epoch, too: after so many samples, at the next end of a batch.",
)
simulator_option = click.option(
    "--simulator", type=click.Choice(["verilator", "icarus"]), default="verilator", show_default=True
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["cocotb", "fast"]),
    default="cocotb",
    show_default=True,
    help="What drives the design: cocotb, or a compiled harness for long runs (verilator only, no waves).",
)

bus_option = click.option(
    "--bus",
    type=click.Choice(["native", "wishbone", "axi4-lite"]),
    default="native",
    show_default=True,
    help="What reaches the registers; on another than native, streams are AXI4-Stream.",
)


def check_bus(bus: str, inference: str | None) -> None:
    """Raise `BephwError` where inference is on a bus that is for registers alone."""
    from bephw.errors import check

    check(
        inference is None or bus != "wishbone",
        "--bus must be native or axi4-lite (AXI4-Stream) with --inference, which has no registers, not wishbone",
    )


def inference_option(text: str) -> Callable[..., Any]:
    """`--inference [STYLE]`: parameter `inference`, unrolled where no style is given."""
    styles = click.Choice(["unrolled", "folded"])
    return click.option("--inference", type=styles, is_flag=False, flag_value="unrolled", help=text)


def tells_of_compiling(command: Callable[..., Any]) -> Callable[..., Any]:
    """For commands that run the golden model: say so on stderr where its engine has to be compiled first."""

    @wraps(command)
    def telling(*arguments: Any, **options: Any) -> Any:
        from bephw.golden.compiled.compilation import compilation

        with compilation(lambda: click.echo("compiling, once: the engine of the golden model", err=True)):
            return command(*arguments, **options)

    return telling


def settings_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `SETTINGS` and `--set`: parameters `settings_path` and `changes`, for `read_settings`."""
    command = click.option(
        "--set",
        "changes",
        multiple=True,
        metavar="KEY=VALUE",
        help="Change one setting, as in --set hardware.rows=4; may be repeated.",
    )(command)
    return click.argument("settings_path", metavar="SETTINGS", type=PATH)(command)


def check_checkpoint(checkpoint: Path | None, every: int | None, resume: bool) -> None:
    """Raise `BephwError` for options that need a checkpoint, without one."""
    if resume and checkpoint is None:
        raise BephwError("--resume needs --checkpoint FILE, the file to go on from")
    if every is not None and checkpoint is None:
        raise BephwError("--checkpoint-every needs --checkpoint FILE, the file to write")


def check_outputs(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None] | None = None) -> None:
    """Before a long run: that every output (by its option) can be written, and none over another or over an input."""
    check_writable(*outputs.values())
    check_distinct(outputs, inputs)


def check_learnt_outputs(
    option: str, outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None] | None = None
) -> None:
    """`check_outputs` where a learnt network is written to `outputs[option]`, and its settings beside it: these may
    overwrite those of another learnt network, but no settings that stand alone."""
    from bephw.flow.learnt import settings_beside

    path = outputs[option]
    beside = settings_beside(path) if path and not destination(path).stream else None
    every: dict[str, Path | None] = {}
    for name, output in outputs.items():
        every |= {name: output} | ({f"settings of {option}": beside} if name == option else {})
    check_outputs(every, inputs)
    if path is not None and beside is not None and beside.exists() and not path.exists():
        raise BephwError(f"{option} {path}: its settings would overwrite {beside}: choose another name")


def read_settings(path: Path, changes: tuple[str, ...] = ()) -> Settings:
    """The settings file with `KEY=VALUE` changes (values as in TOML, or plain words). Raises `BephwError`."""
    from bephw.settings import Settings

    settings = Settings.from_toml(path)
    return settings.replace(dict(map(_change, changes))) if changes else settings


def _change(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    key, value = key.strip(), value.strip()
    if not (key and equals and value):
        raise BephwError(f"--set must be KEY=VALUE, not {text!r}")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except ValueError:
        return key, value
