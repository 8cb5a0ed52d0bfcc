"""Doing the runs of a table that are not finished, and writing its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from bephw.accuracy.cells import Cell
from bephw.accuracy.markdown import markdown
from bephw.accuracy.pool import Outcome, Pool, results
from bephw.accuracy.record import Record
from bephw.accuracy.store import Store
from bephw.accuracy.summary import accuracy_of, summary, timings
from bephw.accuracy.table import Table
from bephw.errors import BephwError
from bephw.files import write_bytes, write_json, write_text

__all__ = ["measure", "unfinished", "write_figures"]


def unfinished(cells: Sequence[Cell], records: Mapping[str, Record]) -> list[Cell]:
    """One cell for every key without a record, in order."""
    todo = {cell.key: cell for cell in reversed(cells) if cell.key not in records}
    return [cell for cell in cells if todo.get(cell.key) is cell]


def measure(
    table: Table,
    cells: Sequence[Cell],
    records: dict[str, Record],
    store: Store,
    pool: Pool,
    on_epochs: Callable[[int], object] | None = None,
    on_run: Callable[[], object] | None = None,
) -> None:
    """Do the runs that are not in `records`; each is kept in `store`, and added to `records`, as it finishes.

    `on_epochs` is called with the number of epochs finished since the last call, `on_run` after every run that is kept.
    A run that fails does not stop the others. Raises `BephwError` for the first that failed, or a dead worker, after
    all others are kept; and at once for a run whose data cannot give the table's metric.
    """
    todo = unfinished(cells, records)
    running: dict[Future[Outcome], Cell] = {}
    failed: list[tuple[Cell, BaseException]] = []

    def keep(future: Future[Outcome]) -> None:
        cell, error = running.pop(future), future.exception()
        if error is None:
            records[cell.key] = store.save(cell.key, cell.settings, future.result())
            accuracy_of(table, cell, records[cell.key])
            if on_run is not None:
                on_run()
        else:
            failed.append((cell, error))

    for cell in todo:
        running[pool.submit(cell.settings)] = cell
    try:
        for future in results(pool, dict(running), on_epochs):
            keep(future)
    finally:
        for future in list(running):  # Those that ended while something else went wrong.
            if future.done() and not future.cancelled() and future.exception() is None:
                keep(future)
    if failed:
        _raise_first(sorted(failed, key=lambda failure: todo.index(failure[0])), len(todo))


def _raise_first(failed: Sequence[tuple[Cell, BaseException]], runs: int) -> None:
    for cell, error in failed:
        if not isinstance(error, BephwError | MemoryError | OSError):
            error.add_note(f"in the run {cell.name}")
            raise error  # A defect of the program: its traceback is what helps.
    cell, error = failed[0]
    reason = "not enough memory: try fewer --jobs" if isinstance(error, MemoryError) else str(error)
    others = f" ({len(failed)} of {runs} runs failed; the others are kept)" if runs > 1 else ""
    raise BephwError(f"{cell.name}: {reason}{others}") from None


def write_figures(
    folder: Path, table: Table, cells: Sequence[Cell], records: Mapping[str, Record], command: str
) -> dict[str, Any]:
    """Write table.json, table.md, table.svg, table.png and timings.json; gives the figures (`summary`)."""
    from bephw.report.accuracy_pictures import table_picture
    from bephw.report.pictures import picture_bytes

    figures = summary(table, cells, records)
    write_json(folder / "table.json", figures)
    write_text(folder / "table.md", markdown(figures, command))
    write_json(folder / "timings.json", timings(cells, records))
    picture = table_picture(figures)
    for suffix in (".svg", ".png"):
        write_bytes(folder / f"table{suffix}", picture_bytes(picture, suffix))
    return figures
