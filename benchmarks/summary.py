"""docs/benchmarks.json, the tables of docs/benchmarks.md and its pictures, from what the other benchmarks measured.

    python benchmarks/summary.py FOLDER        # reads FOLDER/*.json

A file that is missing leaves its rows out; nothing here is a figure of its own, but the goals (rows.py). Rows that were
measured at another commit than most say at which.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import pictures
from cases import CASES
from rows import SPEED, rows_of
from tables import markdown

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN, END = "<!-- table -->\n", "<!-- end -->\n"


def main() -> None:
    """Write the tables and the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    found = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    rows = rows_of(found)
    (DOCS / "benchmarks.json").write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n")
    page = DOCS / "benchmarks.md"
    before, after = page.read_text().split(BEGIN)[0], page.read_text().split(END)[-1]
    commits = Counter(row.commit for row in rows if row.commit)
    commit = commits.most_common(1)[0][0] if commits else ""
    measured = f"Measured at commit {commit}, but for lines that name another.\n\n" if commit else ""
    page.write_text(f"{before}{BEGIN}{measured}{markdown(rows, commit)}\n{END}{after}")

    order = list(CASES)
    simulated = [case for name in found if name.startswith("cycles") for case in found[name]]
    simulated.sort(key=lambda case: order.index(case["case"]))
    if simulated:
        pictures.efficiency(simulated, DOCS / "efficiency.svg")
        pictures.breakdown(simulated, DOCS / "cycles.svg")
        trainers = [found[name] for name in found if name.startswith("fmax")]
        pictures.speed_and_area(trainers, simulated, DOCS / "speed_and_area.svg")
    pictures.speeds([row for row in rows if row.section == SPEED], DOCS / "samples_a_second.svg")


if __name__ == "__main__":
    main()
