"""Write the table of measured figures into README.md, from the JSON files of `make demo` and `make bench`.

    .venv/bin/python docs/figures.py build/demo/demo.json build/bench/*.json

Only what the files hold is written; run it again after every measurement.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

README = Path(__file__).resolve().parent.parent / "README.md"
BENCHMARKS = Path(__file__).resolve().parent / "benchmarks.json"  # Which benchmarks/summary.py writes.
BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"

Document = dict[str, Any]


def main(paths: Iterable[str]) -> None:
    """Replace what stands between the marks in the README."""
    documents = [part for path in paths for part in flat(json.loads(Path(path).read_text(encoding="utf-8")))]
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}\n{tables(documents)}{END}{after}", encoding="utf-8")


def flat(document: Document) -> Iterator[Document]:
    """A demo is its parts; anything else is itself."""
    if document["command"] == "demo":
        yield from (document["train"], document["sim"], *document["builds"])
    else:
        yield document


def tables(documents: list[Document]) -> str:
    """Markdown: a table each for learning, simulation and boards."""
    parts = [
        table(
            ("learning (golden model)", "data", "epochs", "held out", "training samples a second, one core"),
            [
                (
                    network(item),
                    item["data"]["name"],
                    len(item["epochs"]),
                    f"{item['test_accuracy']:.1%}",
                    speed(network(item)),
                )
                for item in documents
                if item["command"] == "train"
            ],
        ),
        table(
            ("emitted Verilog in simulation", "samples", "mismatches", "lanes", "cycles a sample", "efficiency"),
            [
                (
                    network(item),
                    f"{item['samples']:,}",
                    item["mismatches"],
                    item["lanes"],
                    f"{item['cycles_per_sample']:,.0f}",
                    f"{item['efficiency']:.1%}",
                )
                for item in documents
                if item["command"] == "sim"
            ],
        ),
        table(
            ("bitstream", "network", "LUTs", "block RAMs", "clock asked for, MHz", "clock reached, MHz"),
            [
                (
                    item["board"],
                    network(item),
                    f"{item['luts']:,} of {item['luts_available']:,}",
                    f"{item['brams']} of {item['brams_available']}",
                    f"{item['clock_mhz']:g}",
                    f"{item['fmax_mhz']:.1f}",
                )
                for item in documents
                if item["command"] == "build"
            ],
        ),
    ]
    return "\n".join(part for part in parts if part)


def table(headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """A Markdown table; nothing without rows."""
    if not rows:
        return ""
    lines = [headings, ("---",) * len(headings), *dict.fromkeys(rows)]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def speed(network: str) -> str:
    """Training samples a second of the golden model, as docs/benchmarks.md has them: measured on an idle machine,
    beside PyTorch. A dash where that network was not measured there.
    """
    row = f"training samples a second, {network}, CPU, one core: golden model"
    found = [entry["value"] for entry in json.loads(BENCHMARKS.read_text(encoding="utf-8")) if entry["row"] == row]
    return f"{found[0]:,.0f}" if found else "-"


def network(document: Document) -> str:
    """Layer sizes and classes: 192-63-63-10."""
    part = document["settings"]["network"]
    return "-".join(map(str, (*part["sizes"], part["classes"])))


if __name__ == "__main__":
    main(sys.argv[1:])
