"""What must come out of the emitted Verilog for a stimulus, by the golden model; and its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from bephw.flow.emitted.stimulus import Stimulus
from bephw.golden.classifier import classifier
from bephw.golden.model import GoldenModel
from bephw.golden.rates import rates
from bephw.logic_state import LogicState
from bephw.logic_vectors import logic_vector_arrays
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.states import AnyState
from bephw.vectors import meta_options

BEFORE = ("counters", "prototypes")  # how the names of what a vector file starts from begin

__all__ = ["Vectors", "expect", "expect_inference"]


State = TypeVar("State", bound=AnyState)


@dataclass(frozen=True, eq=False)
class Vectors(Generic[State]):
    """A run from `before`: `learning` samples with learning on, the end of the batch, the rest with learning off.

    Attributes:
        x, y: bits (n, K_0), or (n, steps, K_0), and labels (n,) of all samples.
        learning: number of samples that may teach; they come first.
        rates: reinforcement rates during the run.
        prediction, logits, taught: what comes out for every sample: (n,), (n, classes), (n,); `taught` is (n, layers)
            where the rule is local.
        updates: winner rows that are updated, all layers (and steps).
        before, after: states at both ends of the run.
        source: where the samples are from, in words.
    """

    x: NDArray[np.uint8]
    y: NDArray[np.int64]
    learning: int
    rates: tuple[int, ...]
    prediction: NDArray[np.int64]
    logits: NDArray[np.int32]
    taught: NDArray[np.bool_]
    updates: int
    before: State
    after: State
    source: str

    def to_json(self) -> str:
        """All of it, but for the states of networks that do not learn: a key a line, samples and rows on one each."""
        samples = [
            {
                "bits": _bits(bits),
                "label": int(label),
                "learn": number < self.learning,
                "prediction": int(prediction),
                "logits": logits.tolist(),
                "taught": taught.tolist(),
            }
            for number, (bits, label, prediction, logits, taught) in enumerate(
                zip(self.x, self.y, self.prediction, self.logits, self.taught, strict=True)
            )
        ]
        content: dict[str, Any] = {"source": self.source, "samples": samples}
        if self.learning:
            content |= {
                "rates": list(self.rates),
                "taught": self.taught.sum(axis=0).tolist(),
                "updates": self.updates,
                **{f"{name}_before": array.tolist() for name, array in self.before.to_arrays().items()},
                **{f"{name}_after": array.tolist() for name, array in self.after.to_arrays().items()},
            }
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {_lines(value)}" for key, value in content.items()) + "\n}\n"

    def to_arrays(self, settings: Settings) -> dict[str, NDArray[Any]] | None:
        """The training part as a vector file (numerics.md), which `bephw check` replays; of a network of gates, which
        does not learn so, everything.

        None where there is none, or where the state is not one that such a file can start from: accumulators at 0.
        """
        if isinstance(self.before, LogicState):
            return logic_vector_arrays(settings, self.before, self.x, self.y, self.prediction, self.logits)
        before, after = self.before, self.after
        assert isinstance(before, NetworkState) and isinstance(after, NetworkState), "both ends of a run are alike"
        if not self.learning or before.accumulators.any():
            return None
        learning = settings.learning
        meta = {
            # "cp+r" is "bep", too, with its one layer.
            "algorithm": "lbes" if settings.local else "bep-tt" if settings.recurrent else "bep",
            "sizes": list(settings.network.sizes),
            "classes": settings.network.classes,
            "bits": learning.bits,
            "tie": learning.tie,
            "batch": learning.batch,
            "R": list(settings.margins),
            "G": list(settings.G),
            "gamma": list(settings.gamma),
            "reinforce": list(self.rates),
            "seed": before.generators.tolist(),
            **meta_options(settings),
        }
        part = slice(self.learning)
        return {
            "meta": np.array(json.dumps(meta)),
            **{name: array for name, array in before.to_arrays().items() if name.startswith(BEFORE)},
            "x": self.x[part],
            "y": self.y[part],
            "prediction": self.prediction[part],
            "logits": self.logits[part],
            "taught": self.taught[part],
            **{f"final_{index}": counters for index, counters in enumerate(after.counters)},
            "generator": after.generators,
            "accumulator": after.accumulators,
        }


def expect(settings: Settings, state: NetworkState, stimulus: Stimulus) -> Vectors[NetworkState]:
    """A trainer's run from `state`, with the rates of a first epoch. Networks with thresholds classify only."""
    # The reference engine: for so few samples, compiling the other one takes far longer.
    model = GoldenModel(settings, state, "numpy")
    model.rates = rates(settings, 1 / settings.network.classes)
    learning = 0 if settings.network.thresholds else len(stimulus.y)
    x, y = stimulus.x[:learning], stimulus.y[:learning]
    record = model.train(x, y) if learning else None
    model.end_batch()
    prediction, logits = model.predict(stimulus.x_held_out)
    if record is not None:
        prediction = np.concatenate([record.prediction, prediction])
        logits = np.concatenate([record.logits, logits])
    taught = np.zeros((len(prediction), settings.network.layers) if settings.local else len(prediction), np.bool_)
    taught[:learning] = False if record is None else record.taught
    return Vectors(
        x=np.concatenate([x, stimulus.x_held_out]),
        y=np.concatenate([y, stimulus.y_held_out]),
        learning=learning,
        rates=model.rates,
        prediction=prediction,
        logits=logits,
        taught=taught,
        updates=model.updates or 0,
        before=state,
        after=model.state,
        source=stimulus.source,
    )


def expect_inference(settings: Settings, state: AnyState, stimulus: Stimulus) -> Vectors[AnyState]:
    """The held-out samples, classified; then those to learn from, classified too."""
    x = np.concatenate([stimulus.x_held_out, stimulus.x])
    y = np.concatenate([stimulus.y_held_out, stimulus.y])
    prediction, logits = classifier(settings, state, "numpy").predict(x)
    taught = np.zeros(len(y), np.bool_)
    return Vectors(x, y, 0, (), prediction, logits, taught, 0, state, state, stimulus.source)


def _bits(bits: NDArray[np.uint8]) -> str | list[str]:
    """A sample's bits as a string, a string a step where it has steps."""
    return "".join(map(str, bits.tolist())) if bits.ndim == 1 else ["".join(map(str, step)) for step in bits.tolist()]


def _lines(value: Any) -> str:
    """A list of lists or objects with one of them a line."""
    if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
        return "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"
    return json.dumps(value)
