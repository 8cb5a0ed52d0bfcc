"""`bephw check`: a vector file against the golden model, and against fresh Verilog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bephw.cli.options import PATH, check_outputs, engine_option, json_option, simulator_option, tells_of_compiling
from bephw.files import write_json
from bephw.words import counted

if TYPE_CHECKING:
    from bephw.sim.plan import Engine

__all__ = ["check"]


@click.command()
@click.argument("vector", metavar="FILE", type=PATH)
@click.option("--rtl", is_flag=True, help="Also simulate freshly generated Verilog.")
@click.option("--rows", type=int, help="Outputs of a layer computed at a time, clipped to every layer's size.")
@click.option("--columns", type=int, help="Inputs of a layer read at a time, clipped to every layer's size.")
@click.option("--samples", type=int, help="Samples that meet a word of weights at once.")
@click.option(
    "--stalls", type=float, help="Chance, 0 to below 1, that a stream is kept waiting in a cycle.  [default: 0]"
)
@simulator_option
@engine_option
@json_option
@click.pass_context
@tells_of_compiling
def check(
    context: click.Context,
    vector: Path,
    rtl: bool,
    rows: int | None,
    columns: int | None,
    samples: int | None,
    stalls: float | None,
    simulator: str,
    engine: Engine,
    json_path: Path | None,
) -> None:
    """Replay a vector file (.npz, docs/numerics.md) and compare everything in it.

    Always through the golden model; with --rtl through freshly generated Verilog too. Prints each mismatch, and exits
    with 1 on any.
    """
    from bephw.check import check_vector
    from bephw.sim.job import Stalls

    check_outputs({"--json": json_path}, {"FILE": vector})
    waits = None if stalls is None else Stalls(samples=stalls, predictions=stalls, transfers=stalls)
    report = check_vector(
        vector,
        rtl=rtl,
        rows=rows,
        columns=columns,
        samples=samples,
        simulator=simulator,
        engine=engine,
        stalls=waits,
    )
    write_json(
        json_path,
        {
            "command": "check",
            "vector": str(vector),
            "rtl": rtl,
            "rows": rows,
            "columns": columns,
            "samples": samples,
            "stalls": stalls,
            "simulator": simulator if rtl else None,
            "engine": engine if rtl else None,
            "mismatches": len(report.mismatches),
            "mismatch_lines": report.mismatches,
            "comparisons": report.comparisons,
            "compared": report.compared,
        },
    )
    for line in report.mismatches:
        click.echo(line)
    against = f"golden model and Verilog ({simulator})" if rtl else "golden model"
    click.echo(
        f"{vector}: {against}: "
        + (f"{counted(len(report.mismatches), 'mismatch', 'mismatches')}" if report.mismatches else "all equal")
    )
    if report.mismatches:
        context.exit(1)
