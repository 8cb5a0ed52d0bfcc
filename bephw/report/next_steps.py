"""What a reader may do next, as commands that fit what was run."""

from __future__ import annotations

import shlex
from typing import Any

from bephw.report.documents import Documents
from bephw.report.section import Section

__all__ = ["next_sections"]

# What openFPGALoader calls the boards.
LOADER = {"icebreaker": "ice40_generic", "ulx3s-85f": "ulx3s"}


def next_sections(documents: Documents) -> list[Section]:
    """One section, where something was run that has a next step."""
    steps = [*_program(documents), *_after_training(documents), *_own_data(documents)]
    return [Section("next.html.j2", "What to do next", "Next", {"steps": steps})] if steps else []


def _program(documents: Documents) -> list[dict[str, Any]]:
    steps = []
    for build in documents.by("build"):
        board, bitstream = build.get("board"), build.get("bitstream")
        if board in LOADER and bitstream and build.get("meets_timing"):
            command = f"openFPGALoader -b {LOADER[board]} {shlex.quote(str(bitstream))}"
            text = "The board then trains on what its serial port brings (docs/link.md)."
            steps.append({"title": f"Program the {board}", "commands": [command], "text": text})
    return steps


def _after_training(documents: Documents) -> list[dict[str, Any]]:
    trained, simulated = documents.by("train"), documents.by("sim")
    steps = []
    if documents.demos:
        commands = ["bephw train examples/digits.toml --state build/learnt.npz --compare --json build/train.json"]
        commands.append("bephw report build/train.json")
        steps.append(
            {"title": "Go through the same steps by hand", "commands": commands, "text": "docs/cli.md has all."}
        )
    elif trained and not simulated:
        commands = ["bephw sim SETTINGS --epochs 1 --samples 200 --json build/sim.json"]
        text = "Train the generated Verilog too, and compare every value."
        steps.append({"title": "See that the hardware does the same", "commands": commands, "text": text})
    if simulated and not documents.by("build"):
        commands = ["bephw plan SETTINGS --board ulx3s-85f -o build/planned.toml", "bephw build build/planned.toml"]
        text = "Folding, memories and clock for a board, then its bitstream (docs/planning.md)."
        steps.append({"title": "Put it on a board", "commands": commands, "text": text})
    if documents.by("plan") and not documents.by("build"):
        commands = [
            "bephw plan SETTINGS -o build/planned.toml",
            "bephw build build/planned.toml --json build/build.json",
        ]
        steps.append({"title": "Build what was planned", "commands": commands, "text": "docs/planning.md"})
    return steps


def _own_data(documents: Documents) -> list[dict[str, Any]]:
    if not (documents.by("train") or documents.by("sim") or documents.by("build")):
        return []
    command = "bephw train examples/quick.toml --set 'network.sizes=[0, 20]' --set network.classes=0"
    command += " --set data.name=csv --set data.path=mine.csv --compare"
    text = (
        "A row a sample, its class in the last column; words and numbers, missing values and more: docs/your-data.md."
    )
    return [{"title": "Use your own data", "commands": [command], "text": text}]
