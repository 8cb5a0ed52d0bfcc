"""`bephw boards`: which boards there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bephw.cli.options import check_outputs, json_option
from bephw.cli.terminal import print_table
from bephw.files import write_json

__all__ = ["boards"]


@click.command()
@click.option("--markdown", is_flag=True, help="Print the table as Markdown, as in docs/boards.md.")
@json_option
def boards(markdown: bool, json_path: Path | None) -> None:
    """List the boards that trainers can be built for, and whether the tools for each are here."""
    from bephw.boards.catalogue import boards as all_boards

    check_outputs({"--json": json_path}, {})
    rows = [_figures(entry) for entry in all_boards()]
    write_json(json_path, {"command": "boards", "boards": rows})
    if markdown:
        click.echo(_markdown(rows))
        return
    print_table(
        ("board", "device", "LUTs", "RAM, kbit", "clock, MHz", "serial port", "builds here", "what"),
        [
            (
                row["board"],
                row["device"],
                row["luts"],
                _memory(row),
                f"{row['clock_mhz']:g}",
                _serial_port(row),
                "yes" if not row["missing"] else f"no: {', '.join(row['missing'])}",
                row["description"],
            )
            for row in rows
        ],
    )
    if any(row["missing"] for row in rows):
        click.echo("`bephw doctor` says how to install what is missing.")


def _figures(board: Any) -> dict[str, Any]:
    from bephw.toolchain import find

    return {
        "board": board.name,
        "description": board.description,
        "device": board.device,
        "family": board.family,
        "luts": board.luts,
        "ffs": board.ffs,
        "brams": board.brams,
        "bram_bits": board.bram_bits,
        "sprams": board.sprams,
        "crystal_mhz": board.crystal_mhz,
        "clock_mhz": board.default_clock_mhz,
        "uart_pins": board.uart_pins,
        "lights": len(board.lights),
        "missing": [tool for tool in board.tools if find(tool) is None],
    }


def _memory(row: dict[str, Any]) -> str:
    blocks = f"{row['brams']} x {row['bram_bits'] / 1024:g}"
    return f"{blocks}, {row['sprams']} x 256" if row["sprams"] else blocks


def _serial_port(row: dict[str, Any]) -> str:
    return " ".join(row["uart_pins"]) if row["uart_pins"] else "its own"


def _markdown(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| `board.name` | what | device | LUTs | RAM, kbit | crystal, MHz | clock, MHz | serial port (rx tx) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| `{row['board']}` | {row['description']} | {row['device']} | {row['luts']:,} | {_memory(row)} "
            f"| {row['crystal_mhz']:g} | {row['clock_mhz']:g} | {_serial_port(row)} |"
        )
    return "\n".join(lines)
