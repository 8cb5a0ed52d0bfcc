"""What a worker process does: one run from its settings to its record. Also how a worker starts and ends.

Nothing heavy is imported at the top: a worker sets its signals before NumPy and Numba come in.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from bephw import __version__

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized

    from bephw.data import Dataset

__all__ = ["run", "start_worker"]

# Of this worker process: the number of epochs that all workers of the pool have finished. A pool hands it to the
# workers once, as they start; it cannot travel with the tasks.
_epochs: Synchronized[int] | None = None


def start_worker(epochs: Synchronized[int], lifeline: Connection) -> None:
    """Initialise a worker of a local pool.

    Ctrl-C is the parent's business. The worker ends at once, whatever it is doing, when the other end of `lifeline` is
    closed: by a parent that stops, or because the parent was killed.
    """
    global _epochs
    _epochs = epochs
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(1)


def run(text: str, without_test: bool = False) -> dict[str, Any]:
    """Learn with the settings of the JSON `text`; gives the content of a `Record`, its settings aside.

    `without_test`: the test samples are taken away before learning starts, so that nothing can look at them; there must
    be validation samples instead. Raises `BephwError`.
    """
    from bephw.flow.learning import learn, prepare
    from bephw.settings import Settings

    start = time.perf_counter()
    settings, dataset = prepare(Settings.build(**json.loads(text)))
    if without_test:
        dataset = _without_test(dataset)
    result, figures = learn(settings, dataset, on_epoch=_count)
    return {
        "version": __version__,
        "data": figures["data"],
        "warnings": figures["warnings"],
        "epochs": [
            {
                "epoch": epoch.epoch,
                "train_accuracy": epoch.train_accuracy,
                "validation_accuracy": epoch.validation_accuracy,
                "test_accuracy": epoch.test_accuracy,
            }
            for epoch in result.history
        ],
        "seconds": time.perf_counter() - start,
    }


def _without_test(dataset: Dataset) -> Dataset:
    from dataclasses import replace

    from bephw.errors import check

    there = dataset.y_validation is not None and len(dataset.y_validation) > 0
    check(there, f"{dataset.name}: no validation samples to choose by: set data.validation_fraction")
    return replace(dataset, x_test=dataset.x_test[:0], y_test=dataset.y_test[:0])


def _count(_: object) -> None:
    if _epochs is not None:
        with _epochs.get_lock():
            _epochs.value += 1
