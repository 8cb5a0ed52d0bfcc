"""The golden model against the baseline in PyTorch, without and with batch norm: equal epochs, one run, one core.

    OMP_NUM_THREADS=1 python benchmarks/baseline_speed.py [SETTINGS] [--epochs 6] [--samples 50000] [--json OUT]

Of a settings file, network, learning and data; without one FashionMNIST, every pixel split at its median,
784-135-135-10, batches of 100. Data sets are read from the folder that `BEPHW_DATA` names. The three take turns, an
epoch at a time, so that whatever else the machine does meets all of them; times are those of training alone, accuracies
those of the held-out samples after the last epoch. Without PyTorch the golden model runs alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shlex
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from figures import write
from numpy.typing import NDArray

from bephw.cli.options import read_settings
from bephw.data import Dataset
from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.rates import rates
from bephw.golden.training import epoch_order
from bephw.settings import Settings

HAS_TORCH = find_spec("torch") is not None
PIECE = 2_000
WARM_UP = 1_000

SETTINGS = Settings.build(
    network={"sizes": [784, 135, 135], "classes": 10},
    learning={"bits": 8, "gamma": 45, "nu": 0.1, "batch": 100, "r": 0.25, "p_r": 0.5},
    data={"name": "fashion_mnist", "encoder": {"kind": "median"}},
)


@dataclass
class Contestant:
    """Learns an epoch of a data set, whose number it is given; predicts classes; and what it took."""

    name: str
    learn: Callable[[Dataset, int], object]
    predict: Callable[[NDArray[Any]], NDArray[Any]]
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def epoch(self, dataset: Dataset, number: int) -> None:
        """One epoch, timed by the clock and by the processor."""
        began, began_cpu = time.perf_counter(), time.process_time()
        self.learn(dataset, number)
        self.seconds.append(time.perf_counter() - began)
        self.cpu_seconds.append(time.process_time() - began_cpu)

    def figures(self, dataset: Dataset) -> dict[str, object]:
        """Rates of the training samples, and the held-out accuracy."""
        n = len(dataset.x_train)
        return {
            "samples_per_second": [round(n / seconds) for seconds in self.seconds],
            "median_samples_per_second": round(n / statistics.median(self.seconds)),
            # On a machine that others use too, the processor's seconds tell more than the clock's.
            "median_samples_per_cpu_second": round(n / statistics.median(self.cpu_seconds)),
            "held_out_accuracy": round(float((self.predict(dataset.x_test) == dataset.y_test).mean()), 4),
        }


def golden(settings: Settings) -> Contestant:
    """BEP with counters, in the golden model."""
    model = GoldenModel(settings, initial_state(settings))
    accuracy = 1 / settings.network.classes

    def learn(dataset: Dataset, number: int) -> None:
        nonlocal accuracy
        model.rates = rates(settings, accuracy)
        order = epoch_order(settings, number, len(dataset.x_train))
        hits = 0
        for start in range(0, len(order), PIECE):
            rows = order[start : start + PIECE]
            labels = dataset.y_train[rows]
            hits += int((model.train(dataset.x_train[rows], labels).prediction == labels).sum())
        model.end_batch()
        accuracy = hits / len(order)

    return Contestant("golden model", learn, lambda x: model.predict(x)[0])


def baseline(settings: Settings, batch_norm: bool) -> Contestant:
    """A straight-through estimator in PyTorch."""
    from bephw.baselines.trainer import Trainer

    trainer = Trainer(settings.replace({"learning.algorithm": "ste", "baseline.batch_norm": batch_norm}))

    def learn(dataset: Dataset, number: int) -> None:
        # Held-out samples are none of what is timed.
        trainer.epoch(number, dataclasses.replace(dataset, x_test=dataset.x_test[:0], y_test=dataset.y_test[:0]))

    return Contestant(f"PyTorch baseline {'with' if batch_norm else 'without'} batch norm", learn, trainer.predict)


def contestants(settings: Settings) -> list[Contestant]:
    """All three, untrained; the golden model alone where there is no PyTorch."""
    others = [baseline(settings, False), baseline(settings, True)] if HAS_TORCH else []
    return [golden(settings), *others]


def one_thread() -> Any:
    """A context in which PyTorch, where there is one, has one thread."""
    if not HAS_TORCH:
        return nullcontext()
    from bephw.pytorch import threads

    return threads.one_thread()


def measure(settings: Settings, epochs: int, samples: int) -> dict[str, Any]:
    """Figures of every contestant, and how many times faster than each baseline the golden model is."""
    settings, whole = prepare(settings)
    dataset = dataclasses.replace(
        whole, x_train=whole.x_train[:samples], y_train=whole.y_train[:samples], x_validation=None, y_validation=None
    )
    few = dataclasses.replace(dataset, x_train=dataset.x_train[:WARM_UP], y_train=dataset.y_train[:WARM_UP])
    with one_thread():
        for contestant in contestants(settings):  # Compiles, and fills caches.
            contestant.epoch(few, 1)
        running = contestants(settings)
        for number in range(1, epochs + 1):
            for contestant in running:
                contestant.epoch(dataset, number)
        figures = {contestant.name: contestant.figures(dataset) for contestant in running}
    ours, *theirs = running
    ratios = {
        other.name: round(statistics.median(np.divide(other.seconds, ours.seconds).tolist()), 2) for other in theirs
    }
    return {
        "data": dataset.name,
        "network": "-".join(map(str, (*settings.network.sizes, settings.network.classes))),
        "batch": settings.learning.batch,
        "samples": len(dataset.x_train),
        "held_out_samples": len(dataset.x_test),
        "epochs": epochs,
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "contestants": figures,
        "times_faster_than": ratios,
    }


def command(arguments: argparse.Namespace) -> str:
    """What measures the same again."""
    words = [] if arguments.settings is None else [str(arguments.settings)]
    words += [] if arguments.epochs == 6 else ["--epochs", str(arguments.epochs)]
    words += [] if arguments.samples == 50_000 else ["--samples", str(arguments.samples)]
    return f"OMP_NUM_THREADS=1 {shlex.join(['python', 'benchmarks/baseline_speed.py', *words])}"


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path, nargs="?")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--samples", type=int, default=50_000, help="training samples of an epoch, at most")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    arguments = parser.parse_args()
    if arguments.epochs < 1 or arguments.samples < 1:
        parser.error("--epochs and --samples must be at least 1")
    settings = SETTINGS if arguments.settings is None else read_settings(arguments.settings, ())
    result = {"command": command(arguments), **measure(settings, arguments.epochs, arguments.samples)}
    if not HAS_TORCH:
        print("PyTorch is not installed: the golden model alone")
    print(f"{result['data']}, {result['network']}: {result['samples']} samples, {result['epochs']} epochs")
    for name, figures in result["contestants"].items():
        print(
            f"{name:28} {figures['median_samples_per_second']:8,} samples/s "
            f"({figures['median_samples_per_cpu_second']:,} a processor second), "
            f"held out {figures['held_out_accuracy']:.1%}"
        )
    for name, ratio in result["times_faster_than"].items():
        print(f"golden model / {name}: {ratio} times as fast (median of the epochs)")
    if arguments.json:
        write(arguments.json, result)


if __name__ == "__main__":
    main()
