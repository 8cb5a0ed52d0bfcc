"""What a simulation is asked to do: plain data that the golden model and the bench replay alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.rates import first_rates
from bephw.rtl_gen.registers.map import reset_margins
from bephw.settings import Settings
from bephw.words import counted

__all__ = ["MidBatchReset", "Segment", "Stalls", "check_segments", "runtime_registers"]


@dataclass(frozen=True)
class Segment:
    """Samples that are streamed under one setting of the registers.

    Attributes:
        x: uint8 bits (n, K_0), or (n, steps, K_0) for a recurrent network; n may be 0.
        y: labels (n,).
        learn: whether samples may teach and count towards a batch; else they are classified only.
        rates: reinforcement rates to set before it, one a layer; None leaves them.
        end_batch: whether the batch is ended after the last sample, full or not.
        average: whether it is classified with the average of the weights: first the counters, which are those at the
            end of an epoch, are read and added to it, and those that show it are loaded; afterwards the former are
            loaded again. Then `learn` is false, and the settings have `learning.average`.
    """

    x: NDArray[np.uint8]
    y: NDArray[np.integer]
    learn: bool = True
    rates: tuple[int, ...] | None = None
    end_batch: bool = False
    average: bool = False

    @property
    def samples(self) -> int:
        return len(self.x)

    @property
    def steps(self) -> int | None:
        """Steps of every sample, where samples have steps."""
        return self.x.shape[1] if np.ndim(self.x) == 3 else None


@dataclass(frozen=True)
class Stalls:
    """Chance, in each cycle, that the bench keeps a stream waiting; 0 is never, and 1 would be for ever.

    Attributes:
        samples: a word of the sample stream is held back.
        predictions: no prediction is taken.
        transfers: a state element is neither offered nor taken.
        seed: of the pattern; the same seed stalls in the same cycles.
    """

    samples: float = 0.0
    predictions: float = 0.0
    transfers: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("samples", "predictions", "transfers"):
            value = getattr(self, name)
            check(0 <= value < 1, f"stalls.{name} must be 0 or more and below 1, not {value}")


@dataclass(frozen=True)
class MidBatchReset:
    """Before the real work: stream up to `samples` random samples and pull the reset in the middle of them.

    The state is loaded again afterwards, so nothing of this may be seen in the result.
    """

    samples: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        check(self.samples >= 1, f"reset.samples must be at least 1, not {self.samples}")


def check_segments(settings: Settings, segments: Sequence[Segment]) -> None:
    """Raise `BephwError` unless every segment fits the trainer that `settings` describe."""
    for index, segment in enumerate(segments):
        check(
            not (segment.learn and settings.network.thresholds),
            f"segment {index}: learn must be false with network.thresholds, which are for inference",
        )
        check(
            not (segment.average and (segment.learn or settings.learning.average is None)),
            f"segment {index}: average is for classification, and needs learning.average",
        )
        _check_samples(f"segment {index}", segment, settings)
        _check_rates(f"segment {index}", segment.rates, settings.network.layers)


def _check_samples(name: str, segment: Segment, settings: Settings) -> None:
    x, y, inputs = np.asarray(segment.x), np.asarray(segment.y), settings.network.sizes[0]
    if settings.recurrent:
        fits = x.ndim == 3 and x.shape[2] == inputs
        check(fits, f"{name}: x must have shape (samples, steps, {inputs}), not {x.shape}")
        most = settings.data.steps
        check(
            most is not None and 1 <= x.shape[1] <= most,
            f"{name}: samples must have 1 to {most} steps (data.steps, what the hardware has), not {x.shape[1]}",
        )
    else:
        check(x.ndim == 2 and x.shape[1] == inputs, f"{name}: x must have shape (samples, {inputs}), not {x.shape}")
    check(y.shape == (len(x),), f"{name}: y must have shape ({len(x)},), not {y.shape}")
    labels = 2 ** (settings.network.classes - 1).bit_length()
    for what, values, bound in (("x", x, 2), ("y", y, labels)):
        for value in (values.min(), values.max()) if values.size else ():
            check(0 <= value < bound, f"{name}: {what} must be 0 to {bound - 1} (its port's range), not {value}")


def _check_rates(name: str, rates: tuple[int, ...] | None, layers: int) -> None:
    if rates is None:
        return
    check(
        len(rates) == layers,
        f"{name}: rates must have {counted(layers, 'entry', 'entries')}, one a layer, not {len(rates)}",
    )
    for rate in rates:
        check(0 <= rate < 2**32, f"{name}: rates must be 0 to {2**32 - 1}, not {rate}")


def runtime_registers(settings: Settings) -> dict[str, int]:
    """Registers that carry what `settings` say, with their values after reset: thresholds clipped to where they change
    nothing, rates of a first epoch."""
    values = {"batch": settings.learning.batch, **reset_margins(settings)}
    for shape in settings.gated_shapes:
        values[f"gate_{shape.index}"] = min(settings.G[shape.index], shape.inputs)
    if settings.data.steps is not None:
        values["steps"] = settings.data.steps
    for index, rate in enumerate(first_rates(settings)):
        values[f"rate_{index}"] = rate
    return values
