"""What a search found: figures, and the best settings as a file to train with."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bephw.accuracy.cells import key_of
from bephw.accuracy.changes import changed
from bephw.accuracy.doubts import gathered, search_doubts
from bephw.accuracy.search import Search
from bephw.accuracy.store import Store
from bephw.accuracy.study import Study, Trial
from bephw.accuracy.tuning import validation_accuracy
from bephw.errors import BephwError
from bephw.files import write_bytes, write_json, write_text
from bephw.words import counted

__all__ = ["best_settings", "findings", "ranked", "write_findings"]


def findings(search: Search, study: Study, store: Store) -> dict[str, Any]:
    """The figures of all trials that have ended; accuracies are those of the validation samples, 0 to 1.

    `epoch` is that whose accuracy counted; a deviation is that of a sample, None for fewer than two runs.
    """
    trials = [
        _trial(number, trial, search, store) for number, trial in enumerate(study.trials()) if trial.state != "running"
    ]
    best = next(iter(ranked(trials)), None)
    return {
        "command": "tune",
        "title": search.title,
        "metric": search.metric,
        "seeds": list(search.seeds),
        "complete": len(trials) >= search.trials,
        "names": list(search.search),
        "best": best and best["trial"],
        "trials": trials,
        "warnings": search_doubts(search) + _warnings(study, search, store),
    }


def ranked(trials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Complete trials, the best first; the earlier first among equals."""
    complete = [trial for trial in trials if trial["state"] == "complete"]
    return sorted(complete, key=lambda trial: -trial["value"])


def best_settings(search: Search, figures: Mapping[str, Any]) -> str:
    """A settings file (TOML) of the best trial, with the first seed. Raises `BephwError` where there is none."""
    try:
        import tomli_w
    except ImportError as error:
        raise BephwError(f"bephw tune needs tomli-w: pip install 'bephw[search]' ({error})") from error

    if figures["best"] is None:
        raise BephwError("no trial is complete")
    best = next(trial for trial in figures["trials"] if trial["trial"] == figures["best"])
    content = changed(search.settings, search.changes(best["values"]), {"learning.seed": search.seeds[0]})
    runs = counted(len(best["runs"]), "seed")
    trials = counted(len(figures["trials"]), "trial")
    comment = (
        f"# {' '.join(search.title.split())}: the best of {trials}, by validation accuracy "
        f"({100 * best['value']:.2f} %, {runs}).\n\n"
    )
    return comment + tomli_w.dumps(content)


def write_findings(folder: Path, search: Search, study: Study, store: Store) -> dict[str, Any]:
    """Write trials.json, trials.svg, trials.png and, where a trial is complete, best.toml; gives the figures."""
    from bephw.report.accuracy_pictures import search_picture
    from bephw.report.pictures import picture_bytes

    figures = findings(search, study, store)
    write_json(folder / "trials.json", figures)
    picture = search_picture(figures)
    for suffix in (".svg", ".png"):
        write_bytes(folder / f"trials{suffix}", picture_bytes(picture, suffix))
    if figures["best"] is not None:
        write_text(folder / "best.toml", best_settings(search, figures))
    return figures


def _warnings(study: Study, search: Search, store: Store) -> list[str]:
    """Those of the runs of all trials."""
    runs = (
        (f"trial {trial.number}", record.warnings)
        for trial in study.trials()
        if trial.state not in ("running", "invalid")
        for seed in search.seeds
        if (record := store.load(key_of(search.settings_of(trial.values, seed)))) is not None
    )
    return gathered(runs)


def _trial(number: int, trial: Trial, search: Search, store: Store) -> dict[str, Any]:
    runs = [] if trial.state == "invalid" else _runs(trial, search, store)
    accuracies = [run["accuracy"] for run in runs]
    return {
        "trial": number,
        "state": trial.state,
        "value": trial.value,
        "std": statistics.stdev(accuracies) if len(accuracies) > 1 else None,
        "values": json.loads(json.dumps(trial.values)),
        "runs": runs,
        **({"reason": trial.reason} if trial.reason else {}),
    }


def _runs(trial: Trial, search: Search, store: Store) -> list[dict[str, Any]]:
    runs = []
    for seed in search.seeds:
        record = store.load(key_of(search.settings_of(trial.values, seed)))
        if record is not None:
            accuracy, epoch = validation_accuracy(search, record)
            runs.append({"seed": seed, "accuracy": accuracy, "epoch": epoch})
    return runs
