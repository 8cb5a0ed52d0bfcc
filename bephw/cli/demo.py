"""`bephw demo`: everything once, on handwritten digits."""

from __future__ import annotations

from pathlib import Path

import click

from bephw.cli.options import PATH, tells_of_compiling
from bephw.cli.terminal import warn

__all__ = ["demo"]


@click.command()
@click.option("--output", type=PATH, default=Path("build/demo"), show_default=True, help="Folder to write to.")
@click.pass_context
@tells_of_compiling
def demo(context: click.Context, output: Path) -> None:
    """Learn, generate, simulate, build two bitstreams, and report: minutes, and every figure measured here.

    Exits with 1 where a value differs between model and hardware, a clock is missed, or too little is learnt.
    """
    from bephw.cli.demo_stages import StageList
    from bephw.demo import run_demo

    with StageList() as stages:
        figures = run_demo(output, stages)
    warn(figures["warnings"])
    for problem in figures["problems"]:
        click.echo(f"bephw: demo: {problem}", err=True)
    click.echo(f"report:  {output / 'report.html'}")
    click.echo(f"figures: {output / 'demo.json'}")
    click.echo("The demo passed." if figures["passed"] else "The demo did NOT pass.")
    if not figures["passed"]:
        context.exit(1)
