"""Training speed of the golden model: 784-135-135-10, batches of 100, on one core.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/golden_speed.py [--engine numpy] [--json OUT]

Where the time goes is found by leaving parts out, on the trained state: inference only; learning with a margin that no
sample falls short of; the same without reinforcement; everything. Samples are FashionMNIST, every pixel split at its
median, where `BEPHW_DATA` (or ../shared/data) has fashion_mnist.npz; else random bits.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path

import numpy as np
from figures import write
from numpy.typing import NDArray

from bephw.golden.initial import initial_state
from bephw.golden.model import EngineName, GoldenModel
from bephw.golden.rates import rates
from bephw.settings import Settings

SAMPLES = 50_000
PIECE = 2_000

SETTINGS = Settings.build(
    network={"sizes": [784, 135, 135], "classes": 10},
    learning={"bits": 8, "gamma": 45, "nu": 0.1, "batch": 100, "r": 0.25, "p_r": 0.5},
)


def samples() -> tuple[str, NDArray[np.uint8], NDArray[np.int64]]:
    """Name, bits (n, 784) and labels (n,)."""
    default = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    path = Path(os.environ.get("BEPHW_DATA", default)) / "fashion_mnist.npz"
    if not path.is_file():
        random = np.random.default_rng(0)
        bits = random.integers(0, 2, (SAMPLES, 784), dtype=np.uint8)
        return "random bits", bits, random.integers(0, 10, SAMPLES)
    with np.load(path) as file:
        images = file["x"][:SAMPLES].reshape(-1, 784)
        labels = file["y"][:SAMPLES]
    medians = np.median(images, axis=0)
    return "FashionMNIST", (images > medians).astype(np.uint8), labels.astype(np.int64)


def epoch(model: GoldenModel, x: NDArray[np.uint8], y: NDArray[np.int64]) -> tuple[float, float, float]:
    """Seconds of one epoch by the clock and of the processor, and its training accuracy."""
    began, began_cpu = time.perf_counter(), time.process_time()
    hits = 0
    for start in range(0, len(x), PIECE):
        labels = y[start : start + PIECE]
        hits += int((model.train(x[start : start + PIECE], labels).prediction == labels).sum())
    return time.perf_counter() - began, time.process_time() - began_cpu, hits / len(x)


def measure(epochs: int, engine: EngineName) -> dict[str, object]:
    """Samples a second of every epoch and their median, with rates that follow the accuracy; and the parts."""
    name, x, y = samples()
    model = GoldenModel(SETTINGS, initial_state(SETTINGS), engine)
    model.train(x[:1], y[:1])  # Compiled code is loaded, or made, before the clock runs.
    model = GoldenModel(SETTINGS, initial_state(SETTINGS), engine)
    speeds, cpu_speeds, accuracy = [], [], 0.1
    for _ in range(epochs):
        model.rates = rates(SETTINGS, accuracy)
        seconds, cpu_seconds, accuracy = epoch(model, x, y)
        speeds.append(round(len(x) / seconds))
        cpu_speeds.append(round(len(x) / cpu_seconds))
    return {
        "engine": engine,
        "data": name,
        "network": "784-135-135-10",
        "samples": len(x),
        "samples_per_second": speeds,
        "median_samples_per_second": round(statistics.median(speeds)),
        # On a machine that others use too, the processor's seconds tell more than the clock's.
        "median_samples_per_cpu_second": round(statistics.median(cpu_speeds)),
        "microseconds_per_sample": parts(model, engine, x, y),
        "train_accuracy": round(accuracy, 4),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS", "all"),
    }


def parts(model: GoldenModel, engine: EngineName, x: NDArray[np.uint8], y: NDArray[np.int64]) -> dict[str, float]:
    """Microseconds of the processor that the parts of a training sample take, by difference."""
    began = time.process_time()
    model.predict(x)
    forward = time.process_time() - began
    nobody = SETTINGS.replace({"learning.r": None, "learning.R": -(2**31)})
    totals = []
    for settings, reinforcement in ((nobody, (0, 0)), (nobody, model.rates), (SETTINGS, model.rates)):
        run = GoldenModel(settings, model.state, engine)
        run.rates = reinforcement
        totals.append(epoch(run, x, y)[1])
    idle, reinforced, everything = totals
    seconds = {
        "forward pass": forward,
        "batches and records": idle - forward,
        "reinforcement": reinforced - idle,
        "credit, winners and updates": everything - reinforced,
        "all": everything,
    }
    return {part: round(1e6 * value / len(x), 3) for part, value in seconds.items()}


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    parser.add_argument("--engine", choices=["compiled", "numpy"], default="compiled")
    arguments = parser.parse_args()
    result = measure(arguments.epochs, arguments.engine)
    for name, value in result.items():
        print(f"{name}: {value}")
    if arguments.json:
        write(arguments.json, result)


if __name__ == "__main__":
    main()
