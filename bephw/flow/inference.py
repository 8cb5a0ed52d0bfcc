"""Held-out samples classified twice, by the golden model and by the emitted Verilog of inference alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bephw.data import Dataset
from bephw.errors import check
from bephw.flow.learning import describe_data
from bephw.golden.classifier import classifier
from bephw.rtl_gen.buses.names import NATIVE
from bephw.rtl_gen.designs import timing
from bephw.settings import Settings
from bephw.sim.inference import simulate_inference
from bephw.sim.plan import Engine
from bephw.states import AnyState

__all__ = ["cosimulate_inference"]

LINES = 10


def cosimulate_inference(
    settings: Settings,
    state: AnyState,
    dataset: Dataset,
    *,
    style: str,
    held_out: int | None = None,
    simulator: str = "verilator",
    workdir: Path | None = None,
    waves: Path | None = None,
    on_samples: Callable[[int], None] | None = None,
    engine: Engine = "cocotb",
    bus: str = NATIVE,
) -> dict[str, Any]:
    """Classify the first `held_out` held-out samples (all where None) and compare; the figures of `bephw sim`.

    The other arguments are those of `bephw.sim.inference.simulate_inference`. Raises `BephwError` as it does.
    """
    x, y = dataset.x_test[:held_out], dataset.y_test[:held_out]
    check(len(x) > 0, "held-out samples: at least 1 is needed to compare inference")
    expected, _ = classifier(settings, state).predict(x)
    result = simulate_inference(
        settings,
        state,
        x,
        style=style,
        simulator=simulator,
        workdir=workdir,
        waves=waves,
        on_samples=on_samples,
        engine=engine,
        bus=bus,
    )
    # Of series it is those of the samples' own length.
    timed = settings.replace({"data.steps": x.shape[1]}) if settings.recurrent else settings
    kept_time = timing(timed, state, style)
    wrong = np.flatnonzero(expected != result.prediction)
    what = "predictions of held-out samples"
    return {
        "command": "sim",
        "settings": settings.model_dump(mode="json"),
        "inference": style,
        "interval": kept_time.interval,
        "latency": kept_time.latency,
        "inference_samples": len(x),
        "inference_cycles_per_sample": result.cycles / len(x),
        "inference_accuracy": float((result.prediction == y).mean()),
        "mismatches": len(wrong),
        "compared": [{"what": what, "values": len(x), "mismatches": len(wrong)}],
        "mismatch_lines": [
            f"{what}[{at}]: must be {expected[at]}, not {result.prediction[at]}" for at in wrong[:LINES]
        ],
        "simulator": simulator,
        "engine": engine,
        "data": describe_data(dataset),
        "seconds": result.seconds,
        "warnings": [],
    }
