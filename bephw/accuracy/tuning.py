"""The search: trials side by side, each a run with every seed; kept as they finish."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from bephw.accuracy.cells import key_of
from bephw.accuracy.pool import Outcome, Pool, results
from bephw.accuracy.record import Record
from bephw.accuracy.search import Search
from bephw.accuracy.store import Store
from bephw.accuracy.study import Study, Trial
from bephw.errors import BephwError, check
from bephw.settings import Settings

__all__ = ["tune", "validation_accuracy"]


@dataclass(eq=False)
class _Active:
    """A trial that runs, and what its seeds gave so far."""

    trial: Trial
    settings: dict[int, Settings]
    submitted: set[int] = field(default_factory=set)
    found: dict[int, float] = field(default_factory=dict)


def tune(
    search: Search,
    study: Study,
    store: Store,
    pool: Pool,
    on_epochs: Callable[[int], object] | None = None,
    on_trials: Callable[[], object] | None = None,
) -> None:
    """Go on with `study` until `search.trials` trials have ended; pruned and invalid ones count.

    Trials that a killed process left running come first; runs that are in `store` are not done again. Test samples are
    taken away before a run begins. `on_epochs` is called with the number of epochs finished since the last call,
    `on_trials` when trials may have ended. Raises `BephwError` for the first run that fails.
    """
    loop = _Loop(search, study, store, pool)
    loop.fill()
    try:
        for future in results(pool, loop.running, on_epochs):
            loop.done(future)
            loop.fill()
            if on_trials is not None:
                on_trials()
    finally:
        loop.keep_finished()


def validation_accuracy(search: Search, record: Record) -> tuple[float, int]:
    """The validation accuracy that counts, and its epoch. Raises `BephwError` without validation samples."""
    epoch = record.epochs[-1] if search.metric == "last" else record.best_epoch()
    accuracy = epoch.validation_accuracy if epoch else None
    check(accuracy is not None, "data: no validation samples: give data.validation_fraction")
    assert epoch is not None and accuracy is not None
    return accuracy, epoch.epoch


class _Loop:
    """Which trials run, and what is to be done when one of their runs ends."""

    def __init__(self, search: Search, study: Study, store: Store, pool: Pool) -> None:
        self.running: dict[Future[Outcome], tuple[_Active, int]] = {}
        self._search, self._study, self._store, self._pool = search, study, store, pool
        trials = study.trials()
        self._interrupted = [trial for trial in trials if trial.state == "running"]
        self._left = search.trials - (len(trials) - len(self._interrupted))
        self._busy = 0  # Runs that are submitted and not done.

    def fill(self) -> None:
        """Begin trials while there are trials to begin and processes with nothing to do."""
        while self._left > 0 and self._busy < self._pool.jobs:
            self._left -= 1
            self._begin(self._interrupted.pop(0) if self._interrupted else self._study.ask())

    def done(self, future: Future[Outcome]) -> None:
        """Keep what a run gave, and go on with its trial. Raises what the run raised."""
        active, seed = self.running[future]
        self._busy -= 1
        error = future.exception()
        if isinstance(error, MemoryError):
            raise BephwError(f"trial {active.trial.number}, seed {seed}: not enough memory: try fewer --jobs") from None
        if isinstance(error, BephwError):
            raise BephwError(f"trial {active.trial.number}, seed {seed}: {error}") from None
        record = self._keep(future)
        active.found[seed] = validation_accuracy(self._search, record)[0]
        self._go_on(active)

    def keep_finished(self) -> None:
        """Keep runs that ended while something else went wrong."""
        for future in self.running:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._keep(future)

    def _keep(self, future: Future[Outcome]) -> Record:
        active, seed = self.running[future]
        settings = active.settings[seed]
        return self._store.save(key_of(settings), settings, future.result())

    def _begin(self, trial: Trial) -> None:
        try:
            settings = {seed: self._search.settings_of(trial.values, seed) for seed in self._search.seeds}
        except BephwError as error:
            self._study.invalid(trial, str(error))
            return
        self._go_on(_Active(trial, settings))

    def _go_on(self, active: _Active) -> None:
        """Submit the runs that are to be done now; end the trial where there are none."""
        search = self._search
        for number, seed in enumerate(search.seeds, 1):
            if seed not in active.found:
                record = self._store.load(key_of(active.settings[seed]))
                if record is None:
                    self._submit(active, seed)
                    if search.prune:  # The next seed depends on what this one gives.
                        return
                    continue
                active.found[seed] = validation_accuracy(search, record)[0]
            if search.prune and number < len(search.seeds):
                mean = statistics.fmean(active.found[other] for other in search.seeds[:number])
                if self._study.pruned(active.trial, number, mean):
                    return
        if len(active.found) == len(search.seeds):
            self._study.complete(active.trial, statistics.fmean(active.found[seed] for seed in search.seeds))

    def _submit(self, active: _Active, seed: int) -> None:
        if seed in active.submitted:
            return
        active.submitted.add(seed)
        self._busy += 1
        self.running[self._pool.submit(active.settings[seed], without_test=True)] = (active, seed)
