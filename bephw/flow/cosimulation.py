"""Learning on a data set twice, in the golden model and in the emitted Verilog, and comparing everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.check import efficiency
from bephw.data import Dataset
from bephw.flow.doubts import simulation_doubts
from bephw.flow.hardware import check_hardware
from bephw.flow.learning import describe_data
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.rates import rates
from bephw.golden.training import sample_stream
from bephw.settings import Settings
from bephw.sim.job import Segment
from bephw.sim.runner import SimResult, simulate
from bephw.state import NetworkState

__all__ = ["Expected", "compare", "cosimulate", "expected", "figures"]

LINES_A_KIND = 10


@dataclass(frozen=True, eq=False)
class Expected:
    """A run of the golden model, cut into the segments that the simulation is given.

    Attributes:
        start, end: states before and after.
        segments: one an epoch, then the held-out samples with learning off (if any).
        prediction: int64 (n,), of every sample of every segment.
        taught: bool (n,), or (n, layers) where the rule is local; False for held-out samples.
    """

    start: NetworkState
    end: NetworkState
    segments: list[Segment]
    prediction: NDArray[np.int64]
    taught: NDArray[np.bool_]

    @property
    def training_samples(self) -> int:
        """Samples of the segments that learn."""
        return sum(segment.samples for segment in self.segments if segment.learn)


def expected(
    settings: Settings, dataset: Dataset, *, epochs: int, samples: int | None = None, held_out: int | None = None
) -> Expected:
    """Train the golden model as `fit` does, `epochs` epochs from `initial_state`, then classify the held-out samples.

    `samples` and `held_out` bound the samples of an epoch, and of the classification; None is all.
    """
    start = initial_state(settings)
    model = GoldenModel(settings, start)
    segments, predictions, taught = [], [], []
    accuracy = 1 / settings.network.classes
    for epoch in range(1, epochs + 1):
        x, y = (part[:samples] for part in sample_stream(settings, dataset, epoch))
        model.rates = rates(settings, accuracy)
        segments.append(Segment(x, y, rates=model.rates, end_batch=True))
        record = model.train(x, y)
        model.end_batch()
        predictions.append(record.prediction)
        taught.append(record.taught)
        accuracy = float((record.prediction == y).mean())
    x, y = dataset.x_test[:held_out], dataset.y_test[:held_out]
    if len(x):
        segments.append(Segment(x, y, learn=False))
        predictions.append(model.predict(x)[0])
        taught.append(np.zeros((len(x), *taught[0].shape[1:]), bool))
    return Expected(start, model.state, segments, np.concatenate(predictions), np.concatenate(taught))


def cosimulate(
    settings: Settings,
    dataset: Dataset,
    *,
    epochs: int,
    samples: int | None = None,
    held_out: int | None = None,
    simulator: str = "verilator",
    workdir: Path | None = None,
    verilog: str | None = None,
    waves: Path | None = None,
    on_samples: Callable[[int], None] | None = None,
    on_warnings: Callable[[Sequence[str]], None] | None = None,
) -> dict[str, Any]:
    """`expected`, simulated and compared; the figures of `bephw sim`.

    Args:
        settings, dataset, epochs, samples, held_out: as in `expected`.
        simulator, workdir, waves, on_samples: as in `bephw.sim.runner.simulate`.
        verilog: text emitted with the initial state in its memories; None emits it.
        on_warnings: called, before anything runs, with what may not be meant; it is in the figures too.
    """
    check_hardware(settings)
    warnings = simulation_doubts(settings, dataset, epochs=epochs, samples=samples, held_out=held_out)
    if on_warnings is not None:
        on_warnings(warnings)
    golden = expected(settings, dataset, epochs=epochs, samples=samples, held_out=held_out)
    result = simulate(
        settings,
        golden.start,
        golden.segments,
        simulator=simulator,
        workdir=workdir,
        verilog=verilog,
        load=any(settings.single_ports),
        waves=waves,
        on_samples=on_samples,
    )
    return {
        **figures(settings, golden, result),
        "epochs": epochs,
        "simulator": simulator,
        "data": describe_data(dataset),
        "seconds": result.seconds,
        "warnings": warnings,
    }


def figures(settings: Settings, golden: Expected, result: SimResult) -> dict[str, Any]:
    """What was measured and what was compared; `cycles` are those in which the trainer was busy learning."""
    learning = [index for index, segment in enumerate(golden.segments) if segment.learn]
    totals = {
        name: sum(result.statistics[index][name] for index in learning) for name in result.statistics[learning[0]]
    }
    count = golden.training_samples
    compared, lines = compare(golden, result)
    per_sample = totals["cycles"] / count
    return {
        "command": "sim",
        "settings": settings.model_dump(mode="json"),
        "samples": count,
        "mismatches": sum(row["mismatches"] for row in compared),
        "cycles": totals["cycles"],
        "cycles_per_sample": per_sample,
        "lanes": settings.lanes,
        "efficiency": efficiency(settings, per_sample),
        "taught": int(result.taught[:count].reshape(count, -1).any(axis=1).sum()),
        **(
            {"taught_by_layer": [totals[name] for name in totals if name.startswith("taught_")]}
            if settings.local
            else {}
        ),
        "updates": totals["updates"],
        "phases": {
            name.removeprefix("cycles_").replace("_", " "): cycles / count
            for name, cycles in totals.items()
            if name.startswith("cycles_")
        },
        "compared": compared,
        "mismatch_lines": lines,
        **_inference(golden, result),
    }


def compare(golden: Expected, result: SimResult) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows `what values mismatches`, and a line for each of the first mismatches of every row."""
    cut = golden.training_samples
    pairs: dict[str, tuple[NDArray, NDArray]] = {
        "predictions while learning": (golden.prediction[:cut], result.prediction[:cut]),
        "samples that taught": (golden.taught, result.taught),
        "predictions of held-out samples": (golden.prediction[cut:], result.prediction[cut:]),
    }
    ours, theirs = golden.end.to_arrays(), result.state.to_arrays()
    pairs |= {name.replace("_", " "): (ours[name], theirs[name]) for name in ours}
    rows, lines = [], []
    for what, (want, got) in pairs.items():
        wrong = np.argwhere(want != got)
        rows.append({"what": what, "values": int(want.size), "mismatches": len(wrong)})
        lines += [
            f"{what}[{', '.join(map(str, at))}]: must be {want[tuple(at)]}, not {got[tuple(at)]}"
            for at in wrong[:LINES_A_KIND]
        ]
    return rows, lines


def _inference(golden: Expected, result: SimResult) -> dict[str, Any]:
    """Figures of the last segment, if it is one of held-out samples."""
    last = golden.segments[-1]
    if last.learn:
        return {}
    got = result.prediction[golden.training_samples :]
    return {
        "inference_samples": last.samples,
        "inference_cycles_per_sample": result.statistics[-1]["cycles"] / last.samples,
        "inference_accuracy": float((got == last.y).mean()),
    }
