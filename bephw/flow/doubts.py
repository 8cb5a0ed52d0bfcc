"""Settings that are legal, and perhaps not what was meant: lines for the user, none where all is well."""

from __future__ import annotations

from collections.abc import Iterator

from bephw.data import Dataset
from bephw.data.doubts import feature_doubts, label_doubts
from bephw.golden.gamma import next_divisor
from bephw.golden.initial import default_sigma
from bephw.golden.rates import probability, rates
from bephw.limits import LARGEST_RATE
from bephw.settings import Settings
from bephw.words import counted

__all__ = ["data_setting_doubts", "hardware_doubts", "learning_doubts", "simulation_doubts", "training_doubts"]

# Settings of the data that only some sources or encoders take.
ONLY_FOR = {
    "path": ("name", ("npz", "ucr", "csv")),
    "series": ("name", ("ucr", "sklearn")),
    "test_fraction": ("name", ("digits", "csv", "npz", "sklearn")),
    "levels": ("encoder.kind", ("thermometer",)),
    "spacing": ("encoder.kind", ("thermometer",)),
    "threshold": ("encoder.kind", ("threshold",)),
}
WIDE, NARROW = 4, 0.2  # Spreads of the initial counters, in units of their reach, and of one step.


def training_doubts(settings: Settings, dataset: Dataset, epochs: int | None = None) -> list[str]:
    """All that there is to say before training for `epochs` (`learning.epochs` where None)."""
    return [
        *(dataset.source.warnings if dataset.source else ()),
        *label_doubts(dataset, settings.network.classes),
        *feature_doubts(dataset, settings.data.encoder),
        *data_setting_doubts(settings),
        *learning_doubts(settings, len(dataset.y_train), settings.learning.epochs if epochs is None else epochs),
    ]


def simulation_doubts(
    settings: Settings, dataset: Dataset, *, epochs: int, samples: int | None = None, held_out: int | None = None
) -> list[str]:
    """All that there is to say before a simulation, whose samples are bounded as those of `cosimulate`."""
    wanted = (("training", samples, dataset.y_train), ("held-out", held_out, dataset.y_test))
    return [
        *training_doubts(settings, dataset, epochs),
        *hardware_doubts(settings, len(dataset.y_train)),
        *(
            f"{asked} {kind} samples were asked for, {dataset.name} has {len(there)}"
            for kind, asked, there in wanted
            if asked is not None and asked > len(there)
        ),
    ]


def data_setting_doubts(settings: Settings) -> list[str]:
    """Settings of the data that were given and are not used."""
    data = settings.data
    given = dict.fromkeys(data.model_fields_set, data) | dict.fromkeys(data.encoder.model_fields_set, data.encoder)
    lines = []
    for name, (decided_by, users) in ONLY_FOR.items():
        if name not in given or getattr(given[name], name) is None:
            continue
        value = data.encoder.kind if decided_by == "encoder.kind" else data.name
        if value not in users:
            place = "data.encoder" if given[name] is data.encoder else "data"
            asked = getattr(given[name], name)
            lines.append(f"{place}.{name} = {asked} has no effect with data.{decided_by} = {value}")
    return lines


def learning_doubts(settings: Settings, samples: int, epochs: int) -> list[str]:
    """Hyperparameters that change nothing, or keep the network from learning, with so many samples an epoch."""
    learning = settings.learning
    lines = []
    if learning.batch > samples:
        lines.append(
            f"learning.batch = {learning.batch} is more than the {counted(samples, 'training sample')}: "
            "a batch ends with its epoch at the latest"
        )
    if learning.algorithm == "ste":
        lines += _estimator(settings)
    elif not settings.in_pytorch:
        lines += [
            *_schedule(settings, epochs),
            *_margins(settings),
            *_gates(settings),
            *_reinforcement(settings),
            *_spread(settings),
        ]
    return lines


def _estimator(settings: Settings) -> Iterator[str]:
    baseline = settings.baseline
    for name, user in (("noise", "fda"), ("mu", "bnn++")):
        if name in baseline.model_fields_set and baseline.estimator != user:
            yield f"baseline.{name} has no effect with baseline.estimator = {baseline.estimator}"


def _schedule(settings: Settings, epochs: int) -> Iterator[str]:
    learning = settings.learning
    patience, average = learning.gamma_patience, learning.average
    if patience is not None and patience >= epochs:
        yield f"learning.gamma_patience = {patience} has no effect: gamma cannot grow in {counted(epochs, 'epoch')}"
    elif patience is not None and all(map(_cannot_grow, settings.gamma, settings.network.sizes[1:])):
        yield f"learning.gamma_patience = {patience} has no effect: gamma is that of a whole layer already"
    if average is not None and average > epochs:
        yield f"learning.average = {average} is more than the {counted(epochs, 'epoch')}: the same as {epochs}"


def _cannot_grow(gamma: int, outputs: int) -> bool:
    return next_divisor(gamma, outputs) == gamma


def _margins(settings: Settings) -> Iterator[str]:
    """A margin is the difference of two logits, each between plus and minus the outputs of its layer."""
    widths = settings.network.sizes[1:] if settings.local else settings.network.sizes[-1:]
    for index, (margin, width) in enumerate(zip(settings.margins, widths, strict=True)):
        name = f"learning.R[{index}] = {margin}" if settings.local else f"learning.R = {margin}"
        if margin <= -2 * width:
            yield f"{name}: no sample ever teaches (its margin is {-2 * width} or more)"
        elif margin > 2 * width:
            yield f"{name}: every sample always teaches (its margin is {2 * width} or less)"


def _gates(settings: Settings) -> Iterator[str]:
    """|z| is odd where the number of inputs is."""
    if settings.local:
        return
    first = 0 if settings.recurrent else 1
    for index, (gate, (_, inputs)) in enumerate(zip(settings.G, settings.matrices, strict=True)):
        if index >= first and gate == 0 and inputs % 2:
            yield (
                f"learning.G[{index}] = 0 opens nothing: |z| of a layer with {counted(inputs, 'input')} is at least 1; "
                "what lies below it learns nothing"
            )


def _reinforcement(settings: Settings) -> Iterator[str]:
    learning = settings.learning
    first = rates(settings, 1 / settings.network.classes)
    said = "learning.rates" if settings.fixed_rates is not None else f"learning.p_r = {learning.p_r}"
    if settings.fixed_rates is None and not learning.p_r:
        return
    if not any(first):
        if settings.fixed_rates is None:
            yield f"{said} has no effect: every layer's rate is below 2^-16 events a sample"
        return
    always = [
        rate >= LARGEST_RATE or probability(rate, learning.batch, shape, learning.burst) >= 1
        for rate, shape in zip(first, settings.matrices, strict=True)
    ]
    if all(always):
        yield f"{said} reinforces every weight in every batch: counters run to their ends and hardly change"


def _spread(settings: Settings) -> Iterator[str]:
    sigma, bits = settings.learning.sigma, settings.learning.bits
    if sigma is None:
        return
    if sigma > WIDE * 2 ** (bits - 1):
        yield (
            f"learning.sigma = {sigma:g}: nearly all counters of {bits} bits begin at their ends "
            f"({default_sigma(bits):g} is usual)"
        )
    elif sigma < NARROW:
        yield f"learning.sigma = {sigma:g}: nearly all counters begin at 0 or -1 ({default_sigma(bits):g} is usual)"


def hardware_doubts(settings: Settings, samples: int | None = None) -> list[str]:
    """Hardware that does nothing in a stream of `samples` (None: of any number)."""
    hardware, inputs = settings.hardware, settings.network.sizes[0]
    what, lines = "step" if settings.recurrent else "sample", []
    if inputs and hardware.stream_width > inputs:
        lines.append(
            f"hardware.stream_width = {hardware.stream_width} is more than the {counted(inputs, 'bit')} of a {what}"
        )
    if samples is not None and hardware.slots > samples:
        lines.append(f"hardware.slots = {hardware.slots} is more than the {counted(samples, 'training sample')}")
    return lines
