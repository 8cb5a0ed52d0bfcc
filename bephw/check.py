"""Holding implementations against expectations: a reference vector, or the golden model on the same stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.average import WeightAverage
from bephw.errors import check
from bephw.golden.classifier import classifier
from bephw.golden.model import GoldenModel
from bephw.logic_vectors import LogicVector, load_logic_vector
from bephw.rtl_gen.supported import check_supported
from bephw.settings import Settings
from bephw.sim.inference import simulate_inference
from bephw.sim.job import Segment, Stalls
from bephw.sim.plan import Engine
from bephw.sim.runner import SimResult, simulate
from bephw.state import NetworkState
from bephw.vectors import Vector, compare, load_vector, replay

__all__ = ["CheckReport", "check_vector", "compare_training", "efficiency", "golden_run"]

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class CheckReport:
    """What a comparison came to.

    Attributes:
        mismatches: one line for every array that differs: who, which, how many values, the first of them.
        comparisons: values compared, over all implementations.
        compared: what was compared, as "who: array".
        result: the simulation, where there was one.
    """

    mismatches: list[str]
    comparisons: int
    compared: list[str]
    result: SimResult | None = None


def efficiency(settings: Settings, cycles_per_sample: float) -> float:
    """Share of the lanes' capacity that the forward passes use: 1 is every lane busy in every cycle."""
    return settings.work / (settings.lanes * cycles_per_sample)


def check_vector(
    path: str | Path,
    *,
    rtl: bool = False,
    rows: int | None = None,
    columns: int | None = None,
    samples: int | None = None,
    simulator: str = "verilator",
    engine: Engine = "cocotb",
    workdir: str | Path | None = None,
    load: bool = False,
    stalls: Stalls | None = None,
) -> CheckReport:
    """Replay a vector file through the golden model and, with `rtl`, through freshly generated Verilog.

    Of the golden model everything in the file is compared; of the Verilog everything but the logits, which it does not
    put out, and also the prototypes, which must stay as they are. Of a network of gates the Verilog is that of
    inference.

    Args:
        path: the vector file.
        rtl: simulate too.
        rows, columns, samples: folding of every layer, clipped to its size; None is the settings' default.
        simulator, engine, workdir, load, stalls: as in `bephw.sim.runner.simulate`.

    Raises `BephwError` where the file is not a vector, or the simulation cannot be done.
    """
    logic = load_logic_vector(path)
    if logic is not None:
        for name, value in (("rows", rows), ("columns", columns), ("samples", samples)):
            check(value is None, f"{name}: a network of gates has no folding: leave it out, not {value}")
        options = {"simulator": simulator, "engine": engine, "workdir": workdir, "stalls": stalls}
        return _check_logic(logic, options if rtl else None)
    vector = load_vector(path)
    if rtl:
        # What cannot be done is told before anything runs.
        check_supported(vector.settings)
        settings = vector.settings.with_folding(rows, columns, samples)
    report = _report("golden model", vector.expected, replay(vector))
    if not rtl:
        return report
    segments = [Segment(vector.x, vector.y, end_batch=True)]
    # Vectors are short: most of the time goes into compilation.
    result = simulate(
        settings,
        vector.state,
        segments,
        simulator=simulator,
        engine=engine,
        workdir=workdir,
        load=load,
        stalls=stalls,
        optimize=False,
    )
    verilog = _report("Verilog", _visible_to_hardware(vector), _arrays_of(result))
    return CheckReport(
        mismatches=report.mismatches + verilog.mismatches,
        comparisons=report.comparisons + verilog.comparisons,
        compared=report.compared + verilog.compared,
        result=result,
    )


def _check_logic(vector: LogicVector, simulated: dict[str, Any] | None) -> CheckReport:
    """Of a network of gates; `simulated` are options of `simulate_inference`, None where that is not asked for."""
    settings, state = vector.settings, vector.state
    prediction, logits = classifier(settings, state).predict(vector.x)
    report = _report("golden model", vector.expected, {"prediction": prediction, "logits": logits})
    if simulated is None:
        return report
    result = simulate_inference(settings, state, vector.x, style="unrolled", optimize=False, **simulated)
    visible = {"prediction": vector.expected["prediction"]}
    verilog = _report("Verilog", visible, {"prediction": result.prediction})
    return CheckReport(
        mismatches=report.mismatches + verilog.mismatches,
        comparisons=report.comparisons + verilog.comparisons,
        compared=report.compared + verilog.compared,
    )


def golden_run(settings: Settings, state: NetworkState, segments: Sequence[Segment]) -> Arrays:
    """What the golden model gives for `segments`, named as `compare_training` compares it."""
    model = GoldenModel(settings, state)
    average = WeightAverage(settings.learning.average or 1)
    shape = (settings.network.layers,) if settings.local else ()
    predictions, taught = [np.zeros(0, np.int64)], [np.zeros((0, *shape), np.bool_)]
    for segment in segments:
        if segment.rates is not None:
            model.rates = segment.rates
        if segment.learn:
            record = model.train(segment.x, segment.y)
            predictions.append(record.prediction)
            taught.append(record.taught)
        else:
            network = model
            if segment.average:
                averaged = average.add(model.state).network(model.state, settings.learning.bits)
                network = GoldenModel(settings, averaged)
            predictions.append(network.predict(segment.x)[0])
            taught.append(np.zeros((segment.samples, *shape), np.bool_))
        if segment.end_batch:
            model.end_batch()
    return _arrays(np.concatenate(predictions), np.concatenate(taught), model.state)


def compare_training(
    settings: Settings, state: NetworkState, segments: Sequence[Segment], **options: Any
) -> CheckReport:
    """Stream `segments` through the golden model and through the Verilog; compare everything that both have.

    `options` are those of `bephw.sim.runner.simulate`.
    """
    result = simulate(settings, state, segments, **options)
    report = _report("Verilog", golden_run(settings, state, segments), _arrays_of(result))
    return CheckReport(report.mismatches, report.comparisons, report.compared, result)


def _visible_to_hardware(vector: Vector) -> Arrays:
    visible = {name: array for name, array in vector.expected.items() if name != "logits"}
    return {**visible, **_prototypes(vector.state)}


def _arrays_of(result: SimResult) -> Arrays:
    return _arrays(result.prediction, result.taught, result.state)


def _arrays(prediction: NDArray[Any], taught: NDArray[Any], state: NetworkState) -> Arrays:
    return {
        "prediction": prediction,
        "taught": taught,
        **{f"final_{layer}": counters for layer, counters in enumerate(state.counters)},
        **_prototypes(state),
        "generator": state.generators,
        "accumulator": state.accumulators,
    }


def _prototypes(state: NetworkState) -> Arrays:
    return {name: array for name, array in state.to_arrays().items() if name.startswith("prototypes")}


def _report(who: str, expected: Arrays, got: Arrays) -> CheckReport:
    return CheckReport(
        mismatches=[f"{who}: {line}" for line in compare(expected, got)],
        comparisons=sum(array.size for array in expected.values()),
        compared=[f"{who}: {name}" for name in expected],
    )
