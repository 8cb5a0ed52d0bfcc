"""Doing what is not done yet: kept as it finishes, whatever becomes of the rest."""

import json
from concurrent.futures import Future

import pytest

from bephw.accuracy.cells import cells
from bephw.accuracy.measuring import measure, unfinished, write_figures
from bephw.accuracy.pool import WorkerDied
from bephw.accuracy.store import Store
from bephw.errors import BephwError


class FakePool:
    """Gives `outcome`, or raises what `errors` says for a number of a submission (from 0)."""

    jobs = 1
    death, advice = "it died", ""

    def __init__(self, outcome, errors=None):
        self.outcome, self.errors, self.submitted = outcome, errors or {}, []

    def submit(self, settings, *, without_test=False):
        future = Future()
        error = self.errors.get(len(self.submitted))
        self.submitted.append(settings)
        if error is None:
            future.set_result(self.outcome(0.01 * settings.learning.seed, validation=None))
        else:
            future.set_exception(error)
        return future

    def epochs_done(self):
        return None


@pytest.fixture
def work(table, tmp_path):
    """Table, its runs, no records yet, a folder."""
    content = table()
    return content, cells(content), {}, Store(tmp_path / "out")


def test_every_run_once(work, outcome):
    table, found, records, store = work
    pool, epochs = FakePool(outcome), []
    measure(table, found, records, store, pool, epochs.append)
    assert pool.submitted == [cell.settings for cell in found]
    assert set(records) == {cell.key for cell in found}
    assert sum(epochs) == len(found)
    again = FakePool(outcome)
    measure(table, found, store.finished(found)[0], store, again)
    assert again.submitted == []


def test_equal_settings_are_one_run(table):
    found = cells(table('{ "learning.nu" = 0.1 }', '{ "learning.nu" = 1.0 }'))
    assert [cell.name for cell in unfinished(found, {})] == [
        "6, wide, seed 1",
        "9, wide, seed 1",
        "6, wide, seed 2",
        "9, wide, seed 2",
    ]


def test_a_run_that_fails_does_not_stop_the_others(work, outcome):
    table, found, records, store = work
    pool = FakePool(outcome, {2: BephwError("no data"), 3: BephwError("other")})
    with pytest.raises(BephwError, match=r"^9, wide, seed 1: no data \(2 of 8 runs failed; the others are kept\)$"):
        measure(table, found, records, store, pool)
    assert len(store.finished(found)[0]) == 6
    pool = FakePool(outcome, {0: MemoryError()})
    with pytest.raises(BephwError, match=r"^9, wide, seed 1: not enough memory: try fewer --jobs \(1 of 2 runs failed"):
        measure(table, found, records, store, pool)


def test_defects_keep_their_traceback(work, outcome):
    table, found, records, store = work
    with pytest.raises(ZeroDivisionError) as caught:
        measure(table, found, records, store, FakePool(outcome, {1: BephwError("x"), 2: ZeroDivisionError()}))
    assert caught.value.__notes__ == ["in the run 9, wide, seed 1"]
    assert len(records) == 6


def test_a_dead_worker_costs_its_own_runs_only(work, outcome):
    from concurrent.futures.process import BrokenProcessPool

    table, found, records, store = work
    errors = {number: BrokenProcessPool() for number in (0, 5, 6)}
    with pytest.raises(WorkerDied, match=r"^it died: what was finished is kept; run the same command again$"):
        measure(table, found, records, store, FakePool(outcome, errors))
    assert len(store.finished(found)[0]) == 5


def test_stopped_from_the_keyboard_nothing_finished_is_lost(work, outcome):
    table, found, records, store = work

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(table, found, records, store, FakePool(outcome), stop)
    assert len(store.finished(found)[0]) == 8


def test_a_metric_without_its_samples_is_told_after_the_first_run(table, outcome, tmp_path):
    content = table("seeds = [1, 2]", 'seeds = [1, 2]\nmetric = "best_validation"')
    store = Store(tmp_path / "out")
    with pytest.raises(BephwError, match=r"^metric best_validation: .*: its data have no validation samples$"):
        measure(content, cells(content), {}, store, FakePool(outcome))


def test_figures_do_not_depend_on_time(work, outcome, tmp_path):
    table, found, records, store = work
    measure(table, found, records, store, FakePool(outcome))
    first, second = tmp_path / "first", tmp_path / "second"
    figures = write_figures(first, table, found, records, "bephw accuracy x")
    slower = {key: record.model_copy(update={"seconds": 99.0}) for key, record in reversed(records.items())}
    write_figures(second, table, found, slower, "bephw accuracy x")
    assert json.loads((first / "table.json").read_text()) == figures
    for name in ("table.json", "table.md", "table.svg", "table.png"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert (first / "timings.json").read_bytes() != (second / "timings.json").read_bytes()
