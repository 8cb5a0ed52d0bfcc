"""Optuna behind a small interface: which settings to try next, and what was found.

The study lies in a journal file, to which every event is added as one line. Only the parent process writes it, and
only while it holds the folder's lock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bephw.accuracy.search import Choices, Search, Space
from bephw.errors import BephwError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

__all__ = ["Study", "Trial"]

NAME = "bephw"
WARM_UP = 5  # Trials that are never pruned.


@dataclass(frozen=True)
class Trial:
    """One choice of settings.

    Attributes:
        number: the study's.
        values: by the names of the search.
        state: "running" (perhaps by a process that died), "complete", "pruned", or "invalid" where these values
            do not make valid settings.
        value: mean validation accuracy; None while it runs, and where it is invalid.
        reason: why it is invalid.
    """

    number: int
    values: Mapping[str, Any]
    state: Literal["running", "complete", "pruned", "invalid"]
    value: float | None
    reason: str = ""


class Study:
    """The study of `search` in the file `path`. Raises `BephwError` where Optuna or a whole file is missing."""

    def __init__(self, path: Path, search: Search) -> None:
        try:
            import optuna
            from optuna.storages import JournalStorage
            from optuna.storages.journal import JournalFileBackend
        except ImportError as error:
            raise BephwError(f"bephw tune needs Optuna: pip install 'bephw[search]' ({error})") from error
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._search = search
        self._distributions = {name: _distribution(space) for name, space in search.search.items()}
        _repair(path)
        try:
            self._study = optuna.create_study(
                storage=JournalStorage(JournalFileBackend(str(path))),
                study_name=NAME,
                direction="maximize",
                load_if_exists=True,
                pruner=optuna.pruners.MedianPruner(n_startup_trials=WARM_UP) if search.prune else None,
            )
        except (ValueError, KeyError, TypeError, AssertionError) as error:
            raise BephwError(
                f"{path}: damaged ({error}): delete this file; runs that are finished are not done again"
            ) from error
        self._fail_half_chosen()

    def trials(self) -> list[Trial]:
        """All trials in the order in which they were chosen."""
        return [self._trial(frozen) for frozen in self._frozen()]

    def ask(self) -> Trial:
        """A new trial, running. Depends on the search and on the trials before it only, in whatever process."""
        self._study.sampler = self._sampler(len(self._frozen()))
        trial = self._study.ask(self._distributions)
        return Trial(trial.number, self._values(trial.params), "running", None)

    def complete(self, trial: Trial, value: float) -> None:
        """The trial ended with this mean validation accuracy."""
        self._study.tell(trial.number, value)

    def invalid(self, trial: Trial, reason: str) -> None:
        """The trial's values do not make valid settings."""
        from optuna.trial import TrialState

        self._optuna_trial(trial).set_user_attr("invalid", reason)
        self._study.tell(trial.number, state=TrialState.PRUNED)

    def pruned(self, trial: Trial, seeds_done: int, value: float) -> bool:
        """Report the mean over the first seeds. Whether the trial is not worth going on with, and was ended so."""
        from optuna.trial import TrialState

        handle = self._optuna_trial(trial)
        if seeds_done not in self._study.trials[trial.number].intermediate_values:  # There after a resumption.
            handle.report(value, seeds_done)
        if not handle.should_prune():
            return False
        self._study.tell(trial.number, state=TrialState.PRUNED)
        return True

    def _sampler(self, number: int) -> BaseSampler:
        """A sampler afresh for every trial: one that goes on would begin anew after a resumption, and repeat itself."""
        import optuna

        digest = hashlib.sha256(f"{self._search.sampler_seed}/{number}".encode()).digest()
        seed = int.from_bytes(digest[:4], "little")
        if self._search.sampler == "random":
            return optuna.samplers.RandomSampler(seed)
        return optuna.samplers.TPESampler(seed=seed)

    def _frozen(self) -> list[FrozenTrial]:
        from optuna.trial import TrialState

        return [trial for trial in self._study.get_trials(deepcopy=False) if trial.state != TrialState.FAIL]

    def _trial(self, frozen: FrozenTrial) -> Trial:
        from optuna.trial import TrialState

        values = self._values(frozen.params)
        if frozen.state == TrialState.COMPLETE:
            return Trial(frozen.number, values, "complete", frozen.value)
        if frozen.state != TrialState.PRUNED:
            return Trial(frozen.number, values, "running", None)
        if "invalid" in frozen.user_attrs:
            return Trial(frozen.number, values, "invalid", None, frozen.user_attrs["invalid"])
        last = max(frozen.intermediate_values)
        return Trial(frozen.number, values, "pruned", frozen.intermediate_values[last])

    def _values(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        return {name: space.value(drawn[name]) for name, space in self._search.search.items() if name in drawn}

    def _fail_half_chosen(self) -> None:
        """A process that was killed while it chose leaves a trial without all its values."""
        from optuna.trial import TrialState

        for frozen in self._frozen():
            if frozen.state == TrialState.RUNNING and set(frozen.params) != set(self._distributions):
                self._study.tell(frozen.number, state=TrialState.FAIL)

    def _optuna_trial(self, trial: Trial) -> Any:
        import optuna

        return optuna.trial.Trial(self._study, self._study.trials[trial.number]._trial_id)


def _distribution(space: Space) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(space, Choices):
        return CategoricalDistribution([json.dumps(choice) for choice in space.choices])
    if space.integers:
        return IntDistribution(space.low, space.high, log=space.log, step=space.step or 1)
    return FloatDistribution(space.low, space.high, log=space.log, step=space.step)


def _repair(path: Path) -> None:
    """Undo what a killed process left: half a line at the end, and the journal's own lock. No other process is here."""
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    if path.exists():
        content = path.read_bytes()
        if not content.endswith(b"\n"):
            with open(path, "r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)
