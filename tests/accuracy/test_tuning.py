"""The search on a pool that answers at once: every run once, in whatever order, whatever happens."""

import tomllib
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from bephw.accuracy.findings import best_settings, findings, ranked, write_findings
from bephw.accuracy.pool import WorkerDied
from bephw.accuracy.store import Store
from bephw.errors import BephwError
from bephw.settings import Settings

pytest.importorskip("optuna")

from bephw.accuracy.study import Study
from bephw.accuracy.tuning import tune


class FakePool:
    """Validation accuracy is nu and a little of the seed; errors by the number of a submission."""

    death, advice = "it died", ""

    def __init__(self, outcome, jobs=1, errors=None, validation=True):
        self.outcome, self.jobs, self.errors, self.validation = outcome, jobs, errors or {}, validation
        self.submitted = []

    def submit(self, settings, *, without_test=False):
        assert without_test, "a search never sees test samples"
        future = Future()
        error = self.errors.get(len(self.submitted))
        self.submitted.append(settings)
        if error is not None:
            future.set_exception(error)
            return future
        accuracy = 0.9 * settings.learning.nu + 0.01 * settings.learning.seed
        values = [accuracy + 0.05, accuracy] if self.validation else [None, None]
        future.set_result(self.outcome(None, None, validation=values))
        return future

    def epochs_done(self):
        return None


@pytest.fixture
def place(tmp_path):
    """`place(search, name)`: search, study and store in a folder."""

    def make(search, name="out"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return search, Study(folder / "study.journal", search), Store(folder)

    return make


def test_every_trial_with_every_seed(search, place, outcome):
    where, pool, epochs = place(search()), FakePool(outcome), []
    tune(*where, pool, epochs.append)
    figures = findings(*where)
    assert figures["complete"]
    assert len(figures["trials"]) == 6
    assert len(pool.submitted) == 12
    assert sum(epochs) == 24
    for trial in figures["trials"]:
        assert trial["value"] == pytest.approx(0.9 * trial["values"]["learning.nu"] + 0.015)
        assert [run["seed"] for run in trial["runs"]] == [1, 2]
        assert trial["std"] == pytest.approx(0.01 * 0.5**0.5)
    best = max(figures["trials"], key=lambda trial: trial["value"])
    assert figures["best"] == best["trial"] == ranked(figures["trials"])[0]["trial"]


def test_the_best_epoch_or_the_last(search, place, outcome):
    where = place(search("trials = 6", "trials = 1\nmetric = 'best_validation'"))
    tune(*where, FakePool(outcome))
    (trial,) = findings(*where)["trials"]
    assert trial["value"] == pytest.approx(0.9 * trial["values"]["learning.nu"] + 0.065)
    assert [run["epoch"] for run in trial["runs"]] == [1, 1]


def test_many_jobs_do_all_trials_too(search, place, outcome):
    where, pool = place(search()), FakePool(outcome, jobs=5)
    tune(*where, pool)
    assert findings(*where)["complete"]
    assert len(pool.submitted) == 12


def test_a_dead_worker_and_a_later_resumption_end_as_without(search, place, outcome):
    whole, broken = place(search(), "whole"), place(search(), "broken")
    tune(*whole, FakePool(outcome))
    with pytest.raises(WorkerDied, match=r"^it died: what was finished is kept; run the same command again$"):
        tune(*broken, FakePool(outcome, errors={5: BrokenProcessPool()}))
    assert [trial["state"] for trial in findings(*broken)["trials"]] == ["complete"] * 2
    pool = FakePool(outcome)
    broken = place(search(), "broken")
    tune(*broken, pool)
    assert findings(*broken) == findings(*whole)
    assert len(pool.submitted) == 12 - 5, "the finished seed of the broken trial is not done again"


def test_more_trials_later(search, place, outcome):
    whole, parts = place(search(), "whole"), place(search("trials = 6", "trials = 2"), "parts")
    tune(*whole, FakePool(outcome))
    tune(*parts, FakePool(outcome))
    assert findings(*parts)["complete"]
    parts = place(search(), "parts")
    assert not findings(*parts)["complete"]
    tune(*parts, FakePool(outcome))
    assert findings(*parts) == findings(*whole)


def test_a_lost_study_costs_no_run(search, place, outcome, tmp_path):
    where = place(search())
    tune(*where, FakePool(outcome))
    before = findings(*where)
    (tmp_path / "out" / "study.journal").unlink()
    where, pool = place(search()), FakePool(outcome)
    tune(*where, pool)
    assert (findings(*where), pool.submitted) == (before, [])


def test_values_that_make_no_valid_settings(search, place, outcome):
    where = place(search("trials = 6", "trials = 12", "choices = [1, 2, 3]", "choices = [3, 5]"))
    tune(*where, FakePool(outcome))
    trials = findings(*where)["trials"]
    assert len(trials) == 12
    for trial in trials:
        if trial["values"]["learning.gamma"] == 5:
            assert (trial["state"], trial["value"], trial["runs"]) == ("invalid", None, [])
            assert "must divide the layer's" in trial["reason"]
        else:
            assert trial["state"] == "complete"


def test_pruned_trials_save_their_later_seeds(search, place, outcome):
    where, pool = place(search("trials = 6", "trials = 12\nprune = true")), FakePool(outcome)
    tune(*where, pool)
    states = [trial["state"] for trial in findings(*where)["trials"]]
    assert len(states) == 12
    assert states.count("pruned") > 0
    assert len(pool.submitted) == 24 - states.count("pruned")


def test_a_run_that_fails_ends_the_search(search, place, outcome):
    where = place(search())
    with pytest.raises(BephwError, match=r"^trial 1, seed 1: no data$"):
        tune(*where, FakePool(outcome, errors={2: BephwError("no data")}))
    with pytest.raises(BephwError, match=r"^trial 1, seed 1: not enough memory: try fewer --jobs$"):
        tune(*where, FakePool(outcome, errors={0: MemoryError()}))
    with pytest.raises(ZeroDivisionError):
        tune(*where, FakePool(outcome, errors={0: ZeroDivisionError()}))
    with pytest.raises(BephwError, match=r"^data: no validation samples"):
        tune(*where, FakePool(outcome, validation=False))


def test_best_settings_are_a_file_to_train_with(search, place, outcome, tmp_path):
    where = place(search())
    figures = findings(*where)
    with pytest.raises(BephwError, match=r"^no trial is complete$"):
        best_settings(where[0], figures)
    write_findings(tmp_path / "none", *where)
    assert not (tmp_path / "none" / "best.toml").exists()
    tune(*where, FakePool(outcome))
    figures = write_findings(tmp_path / "written", *where)
    path = tmp_path / "written" / "best.toml"
    best = figures["trials"][figures["best"]]
    assert Settings.from_toml(path) == where[0].settings_of(best["values"], 1)
    assert path.read_text().startswith("# Two ways: the best of 6 trials, by validation accuracy (")
    assert tomllib.loads(path.read_text())["data"] == {"name": "npz", "path": "x.npz"}
