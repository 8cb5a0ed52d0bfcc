"""`bephw prove`: the netlist of a network of logic gates, proved equal to the network."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from bephw.cli.options import PATH, check_outputs, json_option, read_settings, settings_argument
from bephw.files import write_json
from bephw.words import counted

__all__ = ["prove"]

SHOWN = 20


@click.command()
@settings_argument
@click.option("--state", "state_path", type=PATH, required=True, help="State file (.npz) of the network.")
@click.option("--output", type=PATH, default=Path("build/proof"), show_default=True, help="Folder to write to.")
@click.option(
    "--timeout", type=float, default=600.0, show_default=True, metavar="SECONDS", help="That the solver may take."
)
@json_option
@click.pass_context
def prove(
    context: click.Context,
    settings_path: Path,
    changes: tuple[str, ...],
    state_path: Path,
    output: Path,
    timeout: float,
    json_path: Path | None,
) -> None:
    """Prove that the hardware's netlist computes the network of logic gates of --state, output by output.

    The solver is Yosys'; its script and log are kept. Outputs that it has not proved when its time is over are named,
    and compared on random samples; exits with 1 where any differs.
    """
    from bephw.errors import check
    from bephw.flow.inputs import with_known_inputs
    from bephw.flow.proof import prove as prove_netlist
    from bephw.logic_state import LogicState

    settings = read_settings(settings_path, changes)
    algorithm = settings.learning.algorithm
    check(algorithm == "logic", f"learning.algorithm must be logic for a proof of its netlist, not {algorithm}")
    check_outputs({"--json": json_path}, {"SETTINGS": settings_path, "--state": state_path})
    settings = with_known_inputs(settings, state_path)
    state = LogicState.load(state_path, settings)
    proof = prove_netlist(settings, state, output, timeout=timeout)
    dumped = {"command": "prove", "settings": settings.model_dump(mode="json"), **asdict(proof)}
    write_json(json_path, {**dumped, "mismatches": len(proof.different)})
    click.echo(f"gates:  {proof.gates}, of which the netlist has {proof.netlist_gates}")
    click.echo(f"proved: {proof.proved} of {counted(proof.outputs, 'output')}, in {proof.seconds:.0f} seconds")
    if proof.unproved:
        named = ", ".join(map(str, proof.unproved[:SHOWN])) + (" .." if len(proof.unproved) > SHOWN else "")
        click.echo(f"not proved, compared on {proof.vectors} random samples: {named}")
    for number in proof.different:
        click.echo(f"output {number} differs")
    click.echo(f"log:    {proof.log}")
    if proof.different:
        context.exit(1)
