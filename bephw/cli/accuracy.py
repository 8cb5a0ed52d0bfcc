"""`bephw accuracy`: a table of accuracies, measured in parallel, resumable."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.cli.options import PATH, check_outputs, json_option
from bephw.cli.terminal import print_table, runs_bar, warn
from bephw.errors import BephwError
from bephw.files import write_json
from bephw.limits import MOST_JOBS

if TYPE_CHECKING:
    from bephw.accuracy.cells import Cell
    from bephw.accuracy.record import Record
    from bephw.accuracy.store import Store
    from bephw.accuracy.table import Table

__all__ = ["accuracy", "jobs_option", "scheduler_option"]

FOLDER = Path("build/accuracy")

jobs_option = click.option(
    "--jobs", type=click.IntRange(1, MOST_JOBS), metavar="N", help="Processes on this machine.  [default: one a core]"
)
scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="Run on the Dask cluster of this scheduler, as in tcp://host:8786."
)


@click.command()
@click.argument("table_path", metavar="TABLE", type=PATH)
@click.option("--output", type=PATH, metavar="DIR", help="Folder of results.  [default: build/accuracy/TABLE's name]")
@jobs_option
@scheduler_option
@json_option
@click.option("--list", "only_list", is_flag=True, help="Print the runs and which are finished; run nothing.")
@click.option("--restart-changed", is_flag=True, help="Do runs again whose settings changed since they finished.")
def accuracy(
    table_path: Path,
    output: Path | None,
    jobs: int | None,
    scheduler: str | None,
    json_path: Path | None,
    only_list: bool,
    restart_changed: bool,
) -> None:
    """Measure the table of accuracies that TABLE (a TOML file) describes.

    Finished runs are kept in DIR as they finish: the same command goes on after a break, however it came about.
    DIR/table.json, table.md, table.svg and table.png hold mean and standard deviation of every cell.
    """
    from bephw.accuracy.cells import cells as cells_of
    from bephw.accuracy.measuring import write_figures
    from bephw.accuracy.store import Store, locked
    from bephw.accuracy.table import read_table

    if jobs is not None and scheduler is not None:
        raise BephwError("--jobs is for local processes: leave it out with --scheduler")
    table = read_table(table_path)
    cells = cells_of(table, f"table {table_path}")
    folder = output or FOLDER / table_path.stem
    store = Store(folder)
    if only_list:
        _list(cells, store)
        return
    check_outputs({"--json": json_path}, {"TABLE": table_path})
    command = shlex.join(["bephw", "accuracy", str(table_path)])
    with locked(folder, "bephw accuracy"):
        store.tidy()
        records, changes = store.finished(cells)
        if changes and not restart_changed:
            name, change = next(iter(changes.items()))
            raise BephwError(
                f"{folder}: {name}: {change}, and {len(changes)} finished run{'s' * (len(changes) > 1)} changed so: "
                "give --restart-changed to do them again, or another --output"
            )
        store.remember(cells)
        try:
            _measure(table, cells, records, store, jobs, scheduler)
        except BaseException:
            if records:  # The figures so far; what went wrong is told, not what goes wrong with them.
                with suppress(BephwError):
                    write_figures(folder, table, cells, records, command)
            raise
        figures = write_figures(folder, table, cells, records, command)
    write_json(json_path, figures)
    warn(figures["warnings"])
    _print(figures)
    click.echo(f"written: {folder}/table.json, table.md, table.svg, table.png")


def _measure(
    table: Table,
    cells: Sequence[Cell],
    records: dict[str, Record],
    store: Store,
    jobs: int | None,
    scheduler: str | None,
) -> None:
    from bephw.accuracy.measuring import measure, unfinished
    from bephw.accuracy.pool import open_pool

    todo = unfinished(cells, records)
    if not todo:
        return
    epochs = {cell.key: cell.settings.learning.epochs for cell in cells}
    total = sum(epochs.values())
    done = total - sum(epochs[cell.key] for cell in todo)
    with (
        open_pool(min(jobs, len(todo)) if jobs else jobs, scheduler) as pool,
        runs_bar(table.title, "runs", len(epochs)) as show,
    ):

        def tell(more: int = 0) -> None:
            nonlocal done
            done += more
            show(sum(key in records for key in epochs), len(epochs) * done / total)

        if scheduler:  # The first news from a cluster is a whole run.
            tell()
        measure(table, cells, records, store, pool, tell, tell)


def _list(cells: Sequence[Cell], store: Store) -> None:
    records, changes = store.finished(cells)
    lines = []
    for cell in cells:
        record = records.get(cell.key)
        state = "changed" if cell.name in changes else "finished" if record else "-"
        last = record.epochs[-1].test_accuracy if record else None
        fold = "" if cell.fold is None else cell.fold
        seconds = f"{record.seconds:,.1f}" if record else ""
        lines.append((cell.row, cell.column, cell.seed, fold, state, _percent(last), seconds))
    print_table(("row", "column", "seed", "fold", "state", "last epoch", "seconds"), lines)
    click.echo(f"{sum(cell.key in records for cell in cells)} of {len(cells)} runs finished")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"


def _print(figures: dict[str, Any]) -> None:
    from bephw.report.accuracy_lines import accuracy_lines, gain_lines

    print_table(*accuracy_lines(figures), title=f"{figures['title']}: test accuracy, %")
    headings, lines = gain_lines(figures)
    if lines:
        print_table(headings, lines, title="gain, points")
