"""Where runs are done: local processes, or a Dask cluster; behind one small interface."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Protocol, Self

from bephw import __version__
from bephw.accuracy.work import run, start_worker
from bephw.errors import BephwError, check
from bephw.settings import Settings

__all__ = ["ClusterPool", "LocalPool", "Pool", "WorkerDied", "open_pool", "results"]

POLL = 0.25  # Seconds between two looks at the progress.
CONNECT = "10s"
# Runs are parallel, not what is in them: libraries that start threads of their own would fight for the cores.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)

Outcome = dict[str, Any]


class WorkerDied(BephwError):
    """A worker process ended in the middle of a run; the pool is of no further use."""


class Pool(AbstractContextManager["Pool"], Protocol):
    """Runs `work.run` elsewhere. On leaving the context, what still runs is stopped."""

    jobs: int
    death: str  # How a run gets lost, in words, and what may help then.
    advice: str

    def submit(self, settings: Settings, *, without_test: bool = False) -> Future[Outcome]:
        """Start a run."""
        ...

    def epochs_done(self) -> int | None:
        """Epochs finished so far by all runs together; None where the pool cannot tell before a run ends."""
        ...


class LocalPool:
    """`jobs` processes on this machine, each with one thread.

    They are started afresh ("spawn"): threads of Numba and PyTorch do not survive a fork.
    """

    death = "a worker process died (killed, or out of memory?)"
    advice = ", perhaps with fewer --jobs"

    def __init__(self, jobs: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.jobs = jobs
        self._epochs = context.Value("q", 0)
        # The one end goes to the workers, the other is closed when this process stops, or dies: see `start_worker`.
        self._workers_end, self._lifeline = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=start_worker, initargs=(self._epochs, self._workers_end)
        )

    def submit(self, settings: Settings, *, without_test: bool = False) -> Future[Outcome]:
        # A worker starts inside `submit`, and takes its environment from here.
        with _environment(ONE_THREAD):
            return self._executor.submit(run, _text(settings), without_test)

    def epochs_done(self) -> int | None:
        return int(self._epochs.value)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._lifeline.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._lifeline.close()
        self._workers_end.close()


class ClusterPool:
    """Workers of the Dask cluster at `address`, which need this version of bephw and the same data.

    Raises `BephwError` where the scheduler cannot be reached, or a worker has another version.
    """

    death = "the cluster lost a run (its scheduler gone, or a worker killed again and again?)"
    advice = ""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise BephwError(f"--scheduler needs Dask: pip install 'bephw[search]' ({error})") from error
        # What goes wrong is told in one line; Dask's own log of a lost connection is pages.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        try:
            self._client = Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:  # Time-outs are OSErrors.
            raise BephwError(f"--scheduler {address}: cannot be reached: {error}") from error
        try:
            self.jobs = max(1, sum(self._client.nthreads().values()))
            self._check_versions(address)
        except BaseException:
            self._client.close()
            raise
        self._executor = self._client.get_executor(pure=False)

    def _check_versions(self, address: str) -> None:
        answers = self._client.run(_version, on_error="return")
        for worker, answer in answers.items():
            problem = f"has {answer}" if isinstance(answer, str) else f"cannot import bephw ({answer})"
            check(
                answer == __version__, f"--scheduler {address}: worker {worker} {problem}: it needs bephw {__version__}"
            )

    def submit(self, settings: Settings, *, without_test: bool = False) -> Future[Outcome]:
        future: Future[Outcome] = self._executor.submit(run, _text(settings), without_test)
        return future

    def epochs_done(self) -> int | None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=kind is None)
        self._client.close()


def open_pool(jobs: int | None, scheduler: str | None) -> LocalPool | ClusterPool:
    """Local processes (as many as there are cores where `jobs` is None), or the cluster at `scheduler`."""
    return ClusterPool(scheduler) if scheduler else LocalPool(jobs or os.cpu_count() or 1)


def results(
    pool: Pool, running: Mapping[Future[Outcome], Any], on_epochs: Callable[[int], object] | None = None
) -> Iterator[Future[Outcome]]:
    """Every future of `running` as it ends; futures added to it meanwhile are waited for, too.

    on_epochs: called with the number of epochs finished since the last call.
    Raises `WorkerDied` after every run that did end was given.
    """
    given: set[Future[Outcome]] = set()
    seen = pool.epochs_done() or 0
    dead: Future[Outcome] | None = None
    while waiting := set(running) - given:
        ended, _ = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
        epochs = pool.epochs_done()
        if on_epochs is not None and epochs is not None and epochs > seen:
            on_epochs(epochs - seen)
            seen = epochs
        for future in ended:
            given.add(future)
            if _died(future):
                dead = future
                continue
            if on_epochs is not None and epochs is None and future.exception() is None:
                on_epochs(len(future.result()["epochs"]))
            yield future
    if dead is not None:
        raise WorkerDied(f"{pool.death}: what was finished is kept; run the same command again{pool.advice}")


def _died(future: Future[Outcome]) -> bool:
    if future.cancelled():
        return True
    error = future.exception()
    return isinstance(error, BrokenProcessPool) or type(error).__name__ == "KilledWorker"  # The latter is Dask's.


def _text(settings: Settings) -> str:
    return json.dumps(settings.model_dump(mode="json", exclude_unset=True))


def _version() -> str:
    return __version__


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
