"""`bephw tune`: a search for hyperparameters on validation samples, in parallel, resumable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.cli.accuracy import jobs_option, scheduler_option
from bephw.cli.options import PATH, check_outputs, json_option
from bephw.cli.terminal import print_table, runs_bar, warn
from bephw.errors import BephwError, check
from bephw.files import write_json
from bephw.limits import MOST_TRIALS

if TYPE_CHECKING:
    from bephw.accuracy.search import Search
    from bephw.accuracy.store import Store
    from bephw.accuracy.study import Study

__all__ = ["tune"]

FOLDER = Path("build/tune")
TOP = 5


@click.command()
@click.argument("search_path", metavar="SEARCH", type=PATH)
@click.option("--output", type=PATH, metavar="DIR", help="Folder of results.  [default: build/tune/SEARCH's name]")
@click.option(
    "--trials", type=click.IntRange(1, MOST_TRIALS), metavar="N", help="Trials in all, instead of the file's."
)
@jobs_option
@scheduler_option
@json_option
def tune(
    search_path: Path,
    output: Path | None,
    trials: int | None,
    jobs: int | None,
    scheduler: str | None,
    json_path: Path | None,
) -> None:
    """Search for the hyperparameters that SEARCH (a TOML file) names, by validation accuracy.

    The test samples are never looked at. The same command goes on after a break, however it came about, and with more
    trials after its end. DIR/best.toml holds the best settings, trials.json, trials.svg and trials.png all trials.
    """
    from bephw.accuracy.findings import write_findings
    from bephw.accuracy.search import read_search
    from bephw.accuracy.store import Store, locked
    from bephw.accuracy.study import Study

    if jobs is not None and scheduler is not None:
        raise BephwError("--jobs is for local processes: leave it out with --scheduler")
    search = read_search(search_path)
    if trials is not None:
        search = search.model_copy(update={"trials": trials})
    folder = output or FOLDER / search_path.stem
    check_outputs({"--json": json_path}, {"SEARCH": search_path})
    with locked(folder, "bephw tune"):
        store = Store(folder)
        store.tidy()
        _check_same(folder, search)
        study = Study(folder / "study.journal", search)
        with _figures_after_all(folder, search, study, store):
            _tune(search, study, store, jobs, scheduler)
        figures = write_findings(folder, search, study, store)
    write_json(json_path, figures)
    warn(figures["warnings"])
    _print(figures)
    if figures["best"] is not None:
        click.echo(f"best settings: {folder}/best.toml; all trials: {folder}/trials.json")


@contextmanager
def _figures_after_all(folder: Path, search: Search, study: Study, store: Store) -> Iterator[None]:
    """Write the figures so far where something goes wrong; what went wrong is told, not what goes wrong with them."""
    from bephw.accuracy.findings import write_findings

    try:
        yield
    except BaseException:
        with suppress(BephwError):
            write_findings(folder, search, study, store)
        raise


def _check_same(folder: Path, search: Search) -> None:
    """A search is gone on with only as it was begun."""
    from bephw.accuracy.cells import first_change

    path, now = folder / "search.json", search.same_as()
    try:
        before = json.loads(path.read_bytes())
    except FileNotFoundError:
        write_json(path, now)
        return
    except (OSError, ValueError) as error:
        raise BephwError(f"{path}: damaged ({error}): delete this file if the search is the same") from None
    change = first_change(before, now)
    check(not change, f"{folder}: {change}: a search goes on as it was begun; give another --output")


def _tune(search: Search, study: Study, store: Store, jobs: int | None, scheduler: str | None) -> None:
    from bephw.accuracy.pool import open_pool
    from bephw.accuracy.tuning import tune as run

    def ended() -> int:
        return sum(trial.state != "running" for trial in study.trials())

    before, epochs, each = ended(), 0, _epochs_of_a_trial(search)
    if before >= search.trials:
        return
    with open_pool(jobs, scheduler) as pool, runs_bar(search.title, "trials", search.trials) as show:

        def tell(more: int = 0) -> None:
            nonlocal epochs
            epochs += more
            show(ended(), before + epochs / each if each else 0)

        run(search, study, store, pool, tell, tell)


def _epochs_of_a_trial(search: Search) -> int | None:
    """None where they are searched for, or trials may end early."""
    from bephw.accuracy.changes import paths

    tried = [name for space in search.search.values() for name, _ in paths(search.changes({"": space.first}))]
    if search.prune or "learning.epochs" in (*search.search, *tried):
        return None
    values = {name: space.first for name, space in search.search.items()}
    return len(search.seeds) * search.settings_of(values, search.seeds[0]).learning.epochs


def _print(figures: dict[str, Any]) -> None:
    from bephw.accuracy.findings import ranked

    lines = [
        (trial["trial"], _accuracy(trial), *(_shown(trial["values"][name]) for name in figures["names"]))
        for trial in ranked(figures["trials"])[:TOP]
    ]
    title = f"{figures['title']}: the best trials, by validation accuracy"
    print_table(("trial", "validation, %", *figures["names"]), lines, title=title)
    states = [trial["state"] for trial in figures["trials"]]
    click.echo(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)) + " trials")


def _accuracy(trial: dict[str, Any]) -> str:
    deviation = "" if trial["std"] is None else f" ± {100 * trial['std']:.2f}"
    return f"{100 * trial['value']:.2f}{deviation}"


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value)
