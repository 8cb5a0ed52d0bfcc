"""`bephw report`: figures as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bephw.cli.options import PATH, check_outputs
from bephw.errors import BephwError
from bephw.files import write_text
from bephw.texts import read_json

__all__ = ["report"]


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATH)
@click.option("--output", type=PATH, default=Path("build/report.html"), show_default=True, help="Page to write.")
def report(files: tuple[Path, ...], output: Path) -> None:
    """Make one self-contained HTML page from the JSON files that commands wrote with --json.

    Any commands in any order: a section is there where its figures are.
    """
    from bephw.report import render

    check_outputs({"--output": output}, {str(path): path for path in files})
    write_text(output, render([_read(path) for path in files], sources=list(map(str, files))))
    click.echo(f"report: {output}")


def _read(path: Path) -> dict[str, Any]:
    content = read_json(path)
    if not isinstance(content, dict) or "command" not in content:
        raise BephwError(f"{path}: must be an object with a key 'command', as commands write with --json")
    return content
