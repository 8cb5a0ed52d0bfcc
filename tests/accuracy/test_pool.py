"""Runs elsewhere: processes of this machine, a Dask cluster; what comes back, and what dies."""

import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from bephw import __version__
from bephw.accuracy import pool as pools
from bephw.accuracy.pool import ClusterPool, LocalPool, WorkerDied, open_pool, results
from bephw.accuracy.work import run
from bephw.errors import BephwError
from bephw.settings import Settings


@pytest.fixture
def settings():
    return Settings.build(
        network={"sizes": [64, 6], "classes": 10}, learning={"epochs": 2, "batch": 100}, data={"name": "digits"}
    )


def text(settings):
    return settings.model_dump_json(exclude_unset=True)


def test_a_run_gives_its_epochs(settings):
    outcome = run(text(settings))
    assert [epoch["epoch"] for epoch in outcome["epochs"]] == [1, 2]
    assert 0 < outcome["epochs"][-1]["test_accuracy"] < 1
    assert outcome["version"] == __version__
    assert outcome["data"]["name"] == "digits"


def test_without_test_samples_nothing_can_look_at_them(settings, monkeypatch):
    from bephw.flow import learning

    seen = []
    learn = learning.learn
    monkeypatch.setattr(
        learning, "learn", lambda settings, data, **rest: (seen.append(data), learn(settings, data, **rest))[1]
    )
    with pytest.raises(
        BephwError, match=r"^digits: no validation samples to choose by: set data\.validation_fraction$"
    ):
        run(text(settings), without_test=True)
    outcome = run(text(settings.replace({"data.validation_fraction": 0.2})), without_test=True)
    assert [epoch["test_accuracy"] for epoch in outcome["epochs"]] == [None, None]
    assert all(0 < epoch["validation_accuracy"] < 1 for epoch in outcome["epochs"])
    assert (len(seen[0].x_test), len(seen[0].y_test), len(seen[0].y_train) > 0) == (0, 0, True)


def test_processes(settings, monkeypatch):
    """Results, progress, an error of one run, and the death of a worker, in one pool: workers take a while to start."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    epochs = []
    with LocalPool(1) as pool:
        good, bad = pool.submit(settings), pool.submit(settings.replace({"network.classes": 5}))
        for future in results(pool, {good: 1, bad: 2}, epochs.append):
            assert future.done()
        assert good.result()["epochs"] == run(text(settings))["epochs"]
        with pytest.raises(BephwError, match=r"^digits: y_train: label of sample \d+ must be 0 to 4"):
            bad.result()
        assert sum(epochs) == 2
        assert "OMP_NUM_THREADS" not in os.environ, "workers have one thread each, this process is as it was"
        (worker,) = multiprocessing.active_children()
        long = {pool.submit(settings.replace({"learning.epochs": 100_000})): 3}
        until = time.monotonic() + 20
        while pool.epochs_done() == 2 and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(
            WorkerDied, match=r"^a worker process died \(killed, or out of memory\?\): what was finished"
        ):
            list(results(pool, long))


def test_leaving_a_pool_by_an_exception_stops_its_runs(settings):
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), LocalPool(1) as pool:
        pool.submit(settings.replace({"learning.epochs": 1_000_000}))
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()
    assert time.monotonic() - start < 15


def test_results_that_are_there_come_before_the_news_of_a_death():
    class Done:
        jobs, death, advice = 1, "it died", ""

        def epochs_done(self):
            return None

    futures = [Future(), Future(), Future()]
    futures[0].set_exception(BrokenProcessPool())
    futures[1].set_result({"epochs": [1, 2]})
    futures[2].cancel()
    futures[2].set_running_or_notify_cancel()
    given, epochs = [], []
    with pytest.raises(WorkerDied):
        for future in results(Done(), dict.fromkeys(futures), epochs.append):
            given.append(future)
    assert (given, epochs) == ([futures[1]], [2])


def test_jobs_are_the_cores_where_nothing_else_is_said():
    with open_pool(None, None) as pool:
        assert pool.jobs == os.cpu_count()


def test_no_scheduler_there(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(pools, "CONNECT", "1s")
    with pytest.raises(BephwError, match=r"^--scheduler tcp://127\.0\.0\.1:9: cannot be reached: "):
        open_pool(None, "tcp://127.0.0.1:9")
    with pytest.raises(BephwError, match=r"^--scheduler nonsense://x: cannot be reached: "):
        open_pool(None, "nonsense://x")


def test_dask_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BephwError, match=r"^--scheduler needs Dask: pip install 'bephw\[search\]'"):
        open_pool(None, "tcp://127.0.0.1:9")


@pytest.fixture(scope="module")
def cluster():
    """A cluster of one worker with one thread, in this process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="tcp://127.0.0.1"
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster(cluster, settings):
    epochs = []
    with ClusterPool(cluster) as pool:
        assert (pool.jobs, pool.epochs_done()) == (1, None)
        good, bad = pool.submit(settings), pool.submit(settings.replace({"network.classes": 5}))
        assert set(results(pool, {good: 1, bad: 2}, epochs.append)) == {good, bad}
        assert good.result()["epochs"] == run(text(settings))["epochs"]
        assert epochs == [2]
        with pytest.raises(BephwError, match="must be 0 to 4"):
            bad.result()


def test_a_cluster_with_another_version(cluster, monkeypatch):
    monkeypatch.setattr(pools, "_version", lambda: "0.0.1")
    with pytest.raises(BephwError, match=rf"^--scheduler {cluster}: worker .* has 0\.0\.1: it needs bephw "):
        ClusterPool(cluster)
    monkeypatch.setattr(pools, "_version", lambda: 1 / 0)
    with pytest.raises(BephwError, match=r"worker .* cannot import bephw \(division by zero\): it needs bephw "):
        ClusterPool(cluster)
