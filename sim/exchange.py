"""The two files that pass between `simulate` and the simulator's process: the job, and what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.buses.names import NATIVE
from bephw.settings import Settings
from bephw.sim.job import MidBatchReset, Segment, Stalls
from bephw.state import NetworkState, load_arrays, prototype_names, save_arrays

__all__ = ["Job", "Outcome", "beats_file", "outcome_file"]


@dataclass(frozen=True)
class Job:
    """What the bench does, in this order: reset, load, segments, dump.

    Attributes:
        settings: of the design under test; registers that hold run-time values are set to these when state is loaded.
        segments: what to stream.
        stalls: of the streams.
        load: state to load at run time, or None where the memories are initialised with it.
        reset: disturbance before that, if any; then `load` is given.
        bus: of the registers.
    """

    settings: Settings
    segments: tuple[Segment, ...]
    stalls: Stalls
    load: NetworkState | None
    reset: MidBatchReset | None
    bus: str = NATIVE

    def save(self, folder: Path) -> None:
        arrays: dict[str, NDArray] = dict(self.load.to_arrays()) if self.load else {}
        for index, segment in enumerate(self.segments):
            arrays[f"x_{index}"] = np.packbits(np.asarray(segment.x, np.uint8), axis=-1)
            arrays[f"y_{index}"] = np.asarray(segment.y, np.int64)
        plain = {
            "settings": self.settings.to_json(),
            "bus": self.bus,
            "stalls": asdict(self.stalls),
            "reset": asdict(self.reset) if self.reset else None,
            "segments": [
                [segment.learn, segment.rates, segment.end_batch, segment.average] for segment in self.segments
            ],
        }
        save_arrays(folder / "job.npz", {**arrays, "plain": np.array(json.dumps(plain))})

    @classmethod
    def load_from(cls, folder: Path) -> Job:
        arrays = load_arrays(folder / "job.npz")
        plain = json.loads(str(arrays["plain"]))
        settings = Settings.build(**json.loads(plain["settings"]))
        inputs = settings.network.sizes[0]
        segments = tuple(
            Segment(
                x=np.unpackbits(arrays[f"x_{index}"], axis=-1, count=inputs),
                y=arrays[f"y_{index}"],
                learn=learn,
                rates=None if rates is None else tuple(rates),
                end_batch=end_batch,
                average=average,
            )
            for index, (learn, rates, end_batch, average) in enumerate(plain["segments"])
        )
        return cls(
            settings=settings,
            segments=segments,
            stalls=Stalls(**plain["stalls"]),
            load=NetworkState.from_arrays(arrays, settings) if "counters_0" in arrays else None,
            reset=MidBatchReset(**plain["reset"]) if plain["reset"] else None,
            bus=plain["bus"],
        )


@dataclass(frozen=True)
class Outcome:
    """What the bench saw.

    Attributes:
        predictions: payloads of the prediction stream, one a sample, all segments.
        statistics: for each segment, how far each statistics register advanced.
        state: dumped at the end.
        registers: all of them at the end.
        clocks: clock cycles simulated, everything included.
        average: of the weights, a matrix a layer, as the host kept it; none where it kept none.
    """

    predictions: NDArray[np.int64]
    statistics: list[dict[str, int]]
    state: NetworkState
    registers: dict[str, int]
    clocks: int
    average: tuple[NDArray[np.int32], ...] = ()

    def save(self, folder: Path) -> None:
        plain = {"statistics": self.statistics, "registers": self.registers, "clocks": self.clocks}
        arrays = {
            **self.state.to_arrays(),
            **{f"average_{layer}": weights for layer, weights in enumerate(self.average)},
            "predictions": self.predictions,
            "plain": np.array(json.dumps(plain)),
        }
        save_arrays(outcome_file(folder), arrays)

    @classmethod
    def load_from(cls, folder: Path, settings: Settings) -> Outcome:
        arrays = load_arrays(outcome_file(folder))
        plain = json.loads(str(arrays["plain"]))
        # Not validated: what a faulty design dumps is to be compared, not refused.
        layers = range(settings.network.layers)
        *hidden, prototypes = (arrays[name] for name in prototype_names(settings))
        state = NetworkState(
            counters=tuple(arrays[f"counters_{layer}"] for layer in layers),
            prototypes=prototypes,
            generators=arrays["generator"],
            accumulators=arrays["accumulator"],
            hidden_prototypes=tuple(hidden),
        )
        average = tuple(arrays[f"average_{layer}"] for layer in layers if f"average_{layer}" in arrays)
        return cls(arrays["predictions"], plain["statistics"], state, plain["registers"], plain["clocks"], average)


def outcome_file(folder: Path) -> Path:
    """Exists once the bench has come to its end."""
    return folder / "outcome.npz"


def beats_file(folder: Path) -> Path:
    """Holds the number of predictions so far, in decimal; rewritten now and then while the bench runs."""
    return folder / "progress"
