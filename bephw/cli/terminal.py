"""What commands print: tables and progress bars, the latter on stderr so that stdout can be piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

__all__ = ["percent", "print_table", "progress_bar", "runs_bar", "sample_counter", "warn"]


def percent(share: float | None) -> str:
    """`0.9512` as `95.12 %`; a dash where there is none."""
    return "-" if share is None else f"{100 * share:.2f} %"


def warn(lines: Sequence[str]) -> None:
    """Print each as a warning on stderr: nothing is wrong, but it may not be what was meant."""
    for line in lines:
        click.echo(f"bephw: warning: {line}", err=True)


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None, *, err: bool = False
) -> None:
    """Print a table on stdout, or with `err` on stderr; where that is no terminal, as wide as it needs to be."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console = Console(highlight=False, markup=False, stderr=err)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, stderr=err, width=200)
    console.print(table)


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar of `total` steps; yields a function that takes the number of steps done since the last call.

    The bar is drawn from the first call on, so that bad input found before it stays the only line on stderr.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    task = progress.add_task(label, total=total)

    def advance(steps: int) -> None:
        progress.start()
        progress.advance(task, steps)

    try:
        yield advance
    finally:
        if progress.live.is_started:
            progress.stop()


@contextmanager
def runs_bar(title: str, what: str, total: int) -> Iterator[Callable[[int, float], None]]:
    """A bar of `total` runs, or `what` they are; yields a function that takes how many have finished, and how many are
    done if those under way count for the part that is done (never fewer).

    The bar is drawn from the first call on, as `progress_bar`.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    task = progress.add_task("", total=total)

    def show(finished: int, done: float) -> None:
        progress.start()
        label = escape(f"{title}: {finished} of {total} {what}")
        progress.update(task, description=label, completed=min(total, max(finished, done)))

    try:
        yield show
    finally:
        if progress.live.is_started:
            progress.stop()


@contextmanager
def sample_counter(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar of `total` samples; yields a function that takes the number of samples done so far."""
    with progress_bar(label, total) as advance:
        seen = 0

        def update(samples: int) -> None:
            nonlocal seen
            advance(samples - seen)
            seen = samples

        yield update
