"""Learning on a data set twice, in the golden model and in the emitted Verilog, and comparing everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.average import WeightAverage
from bephw.check import efficiency
from bephw.data import Dataset
from bephw.errors import check
from bephw.flow.doubts import simulation_doubts
from bephw.flow.hardware import check_hardware
from bephw.flow.learning import describe_data
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.rates import rates
from bephw.golden.training import sample_stream
from bephw.rtl_gen.buses.names import NATIVE
from bephw.settings import Settings
from bephw.sim.job import Segment
from bephw.sim.plan import Engine
from bephw.sim.runner import SimResult, simulate
from bephw.state import NetworkState

__all__ = ["Expected", "compare", "cosimulate", "expected", "figures"]

LINES_A_KIND = 10


@dataclass(frozen=True, eq=False)
class Expected:
    """A run of the golden model, cut into the segments that the simulation is given.

    Attributes:
        start, end: states before and after.
        segments: one an epoch, each followed by the held-out samples for the average of the weights where that is asked
            for; then the held-out samples with learning off (if any).
        prediction: int64 (n,), of every sample of every segment.
        taught: bool (n,), or (n, layers) where the rule is local; False for held-out samples.
        average: of the weights, a matrix a layer, after the last epoch, where it is asked for.
    """

    start: NetworkState
    end: NetworkState
    segments: list[Segment]
    prediction: NDArray[np.int64]
    taught: NDArray[np.bool_]
    average: tuple[NDArray[np.int32], ...] = ()

    @property
    def training_samples(self) -> int:
        """Samples of the segments that learn."""
        return sum(segment.samples for segment in self.segments if segment.learn)

    def samples_of(self, *, learn: bool, average: bool = False) -> NDArray[np.bool_]:
        """Which of all samples are those of segments of that kind."""
        kinds = [(segment.learn, segment.average) == (learn, average) for segment in self.segments]
        return np.repeat(kinds, [segment.samples for segment in self.segments])


def expected(
    settings: Settings,
    dataset: Dataset,
    *,
    epochs: int,
    samples: int | None = None,
    held_out: int | None = None,
    average: bool = False,
) -> Expected:
    """Train the golden model as `fit` does, `epochs` epochs from `initial_state`, then classify the held-out samples.

    `samples` and `held_out` bound the samples of an epoch, and of the classification; None is all. `average`: they are
    also classified after every epoch, with the average of the weights.
    """
    start = initial_state(settings)
    model, averaged = GoldenModel(settings, start), WeightAverage(settings.learning.average or 1)
    segments, predictions, taught = [], [], []
    flags = (settings.network.layers,) if settings.local else ()
    accuracy = 1 / settings.network.classes
    x_held_out, y_held_out = dataset.x_test[:held_out], dataset.y_test[:held_out]

    def classify(network: GoldenModel, average: bool) -> None:
        segments.append(Segment(x_held_out, y_held_out, learn=False, average=average))
        predictions.append(network.predict(x_held_out)[0])
        taught.append(np.zeros((len(x_held_out), *flags), bool))

    for epoch in range(1, epochs + 1):
        x, y = (part[:samples] for part in sample_stream(settings, dataset, epoch))
        model.rates = rates(settings, accuracy)
        segments.append(Segment(x, y, rates=model.rates, end_batch=True))
        record = model.train(x, y)
        model.end_batch()
        predictions.append(record.prediction)
        taught.append(record.taught)
        accuracy = float((record.prediction == y).mean())
        if average:
            shown = averaged.add(model.state).network(model.state, settings.learning.bits)
            classify(GoldenModel(settings, shown), average=True)
    if len(x_held_out):
        if settings.learning.lag:
            # What classifies is what has been learnt: a batch without a sample makes all of it visible.
            segments.append(Segment(x_held_out[:0], y_held_out[:0], learn=False, end_batch=True))
            model.end_batch()
        classify(model, average=False)
    return Expected(start, model.state, segments, np.concatenate(predictions), np.concatenate(taught), averaged.weights)


def cosimulate(
    settings: Settings,
    dataset: Dataset,
    *,
    epochs: int,
    samples: int | None = None,
    held_out: int | None = None,
    average: bool = False,
    simulator: str = "verilator",
    workdir: Path | None = None,
    verilog: str | None = None,
    waves: Path | None = None,
    on_samples: Callable[[int], None] | None = None,
    on_warnings: Callable[[Sequence[str]], None] | None = None,
    engine: Engine = "cocotb",
    bus: str = NATIVE,
) -> dict[str, Any]:
    """`expected`, simulated and compared; the figures of `bephw sim`.

    Args:
        settings, dataset, epochs, samples, held_out, average: as in `expected`.
        simulator, workdir, waves, on_samples, engine, bus: as in `bephw.sim.runner.simulate`.
        verilog: text emitted with the initial state in its memories, on `bus`; None emits it.
        on_warnings: called, before anything runs, with what may not be meant; it is in the figures too.

    Raises `BephwError` where hardware cannot do it, or there is no average to classify with, or nothing to classify.
    """
    check_hardware(settings)
    check(
        not average or settings.learning.average is not None,
        "learning.average must be given for the average of the weights (--average): a memory of so many epochs",
    )
    check(
        not average or not settings.learning.lag,
        "learning.lag must be 0 for the average of the weights (--average), not 1: the board would forget its planes",
    )
    check(
        not average or len(dataset.y_test[:held_out]) > 0,
        "held-out samples: at least 1 is needed for the average of the weights (--average)",
    )
    warnings = simulation_doubts(settings, dataset, epochs=epochs, samples=samples, held_out=held_out)
    if on_warnings is not None:
        on_warnings(warnings)
    golden = expected(settings, dataset, epochs=epochs, samples=samples, held_out=held_out, average=average)
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
        engine=engine,
        bus=bus,
    )
    return {
        **figures(settings, golden, result),
        "epochs": epochs,
        "simulator": simulator,
        "engine": engine,
        "bus": bus,
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
        "efficiency": efficiency(_of_the_samples(settings, golden), per_sample),
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


def _of_the_samples(settings: Settings, golden: Expected) -> Settings:
    """`settings` with as many steps as the samples have, where the hardware is made for more."""
    steps = golden.segments[0].steps
    return settings if steps is None else settings.replace({"data.steps": steps})


def compare(golden: Expected, result: SimResult) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows `what values mismatches`, and a line for each of the first mismatches of every row."""
    learning, held_out = golden.samples_of(learn=True), golden.samples_of(learn=False)
    pairs: dict[str, tuple[NDArray, NDArray]] = {
        "predictions while learning": (golden.prediction[learning], result.prediction[learning]),
        "samples that taught": (golden.taught, result.taught),
        "predictions of held-out samples": (golden.prediction[held_out], result.prediction[held_out]),
    }
    if golden.average:
        averaged = golden.samples_of(learn=False, average=True)
        pairs["predictions with the average"] = (golden.prediction[averaged], result.prediction[averaged])
        for layer, (weights, kept) in enumerate(zip(golden.average, result.average, strict=True)):
            pairs[f"average of weights {layer}"] = (weights, kept)
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
    got = result.prediction[golden.samples_of(learn=False)]
    return {
        "inference_samples": last.samples,
        "inference_cycles_per_sample": result.statistics[-1]["cycles"] / last.samples,
        "inference_accuracy": float((got == last.y).mean()),
        **_average(golden, result),
    }


def _average(golden: Expected, result: SimResult) -> dict[str, Any]:
    """Accuracy of the average of the weights after every epoch, and after the last one, where that was asked for."""
    averaged = [segment for segment in golden.segments if segment.average]
    if not averaged:
        return {}
    got = result.prediction[golden.samples_of(learn=False, average=True)].reshape(len(averaged), -1)
    accuracies = [float((prediction == segment.y).mean()) for prediction, segment in zip(got, averaged, strict=True)]
    return {"average_accuracies": accuracies, "average_accuracy": accuracies[-1]}
