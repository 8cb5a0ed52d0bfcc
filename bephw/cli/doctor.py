"""`bephw doctor`: which tools there are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from bephw.cli.options import json_option
from bephw.cli.terminal import print_table
from bephw.files import check_writable, write_json

__all__ = ["doctor"]


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, json_path: Path | None) -> None:
    """Say which tool is used, its version, where it comes from, and what is missing.

    Tools on PATH are preferred to those of Python wheels. Exits with 2 where a tool is missing that is not optional.
    """
    from bephw import toolchain

    check_writable(json_path)
    tools = toolchain.report()
    rows = []
    for tool in tools:
        state = tool.source if tool.found else ("missing (optional)" if tool.optional else "missing")
        rows.append((tool.tool, state, tool.version, tool.needed_for, tool.hint))
    print_table(("tool", "from", "version", "needed to", "to install"), rows)
    missing = [tool.tool for tool in tools if not tool.found and not tool.optional]
    write_json(json_path, {"command": "doctor", "tools": [asdict(tool) for tool in tools], "missing": missing})
    if missing:
        click.echo(f"bephw: error: missing: {', '.join(missing)}", err=True)
        context.exit(2)
    click.echo("Everything needed is here.")
