"""What samples did to a network: all that the cycles of a trainer depend on beside its settings."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import chain, pairwise
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.settings import Settings
from bephw.shape import LayerShape
from bephw.words import counted

__all__ = ["Activity", "Sparsity", "assumed"]

EVENT = 2**16


@dataclass(frozen=True, eq=False)
class Activity:
    """What each of n samples did, in stream order. Lists have one entry a layer, input side first.

    Attributes:
        taught: bool (n,); (n, layers) where the rule is local.
        winners: int32 (n, winner groups): the row that each group updates, -1 where none does.
        open: bool (n, K_out): the rows through which the error passes; None for a layer that passes none on.
        events: int64 (n,), reinforcement events.
        places: int64 (events of all samples, 2), output and input of the counter that each event draws.

    Where a sample does not teach there are neither winners nor open rows. Of a recurrent cell, the first layer, both
    have an axis more after the samples': the step. Its first step has no open rows, for it passes no error on.
    """

    taught: NDArray[np.bool_]
    winners: tuple[NDArray[np.int32], ...]
    open: tuple[NDArray[np.bool_] | None, ...]
    events: tuple[NDArray[np.int64], ...]
    places: tuple[NDArray[np.int64], ...]

    @property
    def samples(self) -> int:
        """Number of samples."""
        return len(self.taught)

    @property
    def steps(self) -> int:
        """Steps of a sample; 1 where it has none."""
        winners = self.winners[0]
        return winners.shape[1] if winners.ndim == 3 else 1

    def teaching(self, layer: int) -> NDArray[np.bool_]:
        """Whether each sample taught a layer."""
        return self.taught if self.taught.ndim == 1 else self.taught[:, layer]

    def longest_lists(self, layer: int, rows: int) -> NDArray[np.int64]:
        """Length (n,), of a cell (n, steps), of the longest list of open rows, where output j is in list j % rows."""
        opened = self.open[layer]
        if opened is None:
            return np.zeros(self.samples, np.int64)
        *samples, outputs = opened.shape
        groups = math.ceil(outputs / rows)
        padded = np.zeros((*samples, groups * rows), np.int64)
        padded[..., :outputs] = opened
        longest: NDArray[np.int64] = padded.reshape(*samples, groups, rows).sum(axis=-2).max(axis=-1, initial=0)
        return longest

    def event_words(self, shape: LayerShape) -> list[list[int]]:
        """For each sample, the counter words of its events; those of a burst one after the other."""
        rows, columns = self.places[shape.index].T
        chunks = [shape.burst_chunks(column) for column in columns.tolist()]
        words = [
            [row * shape.row_chunks + chunk for chunk in part] for row, part in zip(rows.tolist(), chunks, strict=True)
        ]
        ends = np.cumsum(self.events[shape.index]).tolist()
        return [list(chain(*words[start:end])) for start, end in pairwise([0, *ends])]

    def part(self, start: int, stop: int) -> Activity:
        """Samples `start` to `stop` - 1."""
        ends = [np.concatenate([[0], np.cumsum(events)]) for events in self.events]
        return Activity(
            taught=self.taught[start:stop],
            winners=tuple(winners[start:stop] for winners in self.winners),
            open=tuple(None if opened is None else opened[start:stop] for opened in self.open),
            events=tuple(events[start:stop] for events in self.events),
            places=tuple(
                places[end[start] : end[min(stop, self.samples)]] for places, end in zip(self.places, ends, strict=True)
            ),
        )

    def without_learning(self) -> Activity:
        """The same samples, classified only."""
        return Activity(
            taught=np.zeros_like(self.taught),
            winners=tuple(np.full_like(winners, -1) for winners in self.winners),
            open=tuple(None if opened is None else np.zeros_like(opened) for opened in self.open),
            events=tuple(np.zeros_like(events) for events in self.events),
            places=tuple(places[:0] for places in self.places),
        )

    def summary(self) -> Sparsity:
        """Averages."""
        layers = range(len(self.winners))
        teaching = [max(int(self.teaching(layer).sum()), 1) for layer in layers]
        shares = tuple(float(self.teaching(layer).mean()) if self.samples else 0.0 for layer in layers)
        return Sparsity(
            teaching=shares[0] if self.taught.ndim == 1 else shares,
            winners=tuple(float((self.winners[layer] >= 0).sum()) / teaching[layer] for layer in layers),
            open_rows=tuple(
                0.0 if opened is None else float(opened.sum()) / teaching[layer]
                for layer, opened in enumerate(self.open)
            ),
            events=tuple(float(events.mean()) if self.samples else 0.0 for events in self.events),
        )


@dataclass(frozen=True)
class Sparsity:
    """Averages of an `Activity`. Tuples have one entry a layer.

    Attributes:
        teaching: share of the samples that teach; one a layer where the rule is local.
        winners: winner rows of a sample that teaches, of all its steps.
        open_rows: rows of a sample that teaches through which the error passes, of all its steps; 0 for a layer that
            passes none on.
        events: reinforcement events of a sample.
    """

    teaching: float | tuple[float, ...]
    winners: tuple[float, ...]
    open_rows: tuple[float, ...]
    events: tuple[float, ...]

    def share(self, layer: int) -> float:
        """Share of the samples that teach a layer."""
        return self.teaching[layer] if isinstance(self.teaching, tuple) else self.teaching

    @property
    def largest_share(self) -> float:
        """Share of the samples that teach, in the layer that most of them teach."""
        return max(self.share(layer) for layer in range(len(self.winners)))

    @classmethod
    def from_dict(cls, content: dict[str, Any], source: str) -> Self:
        """From `to_dict`'s result. Raises `BephwError`."""
        names = {"teaching", "winners", "open_rows", "events"}
        check(set(content) == names, f"{source}: must have {', '.join(sorted(names))}, not {', '.join(content)}")
        try:
            lists = {name: tuple(float(value) for value in content[name]) for name in names - {"teaching"}}
            given = content["teaching"]
            teaching = tuple(map(float, given)) if isinstance(given, list) else float(given)
            return cls(teaching=teaching, **lists)
        except (TypeError, ValueError) as error:
            check(False, f"{source}: not numbers: {error}")
            raise

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def activity(self, settings: Settings, samples: int, seed: int = 0) -> Activity:
        """Samples with these averages, of as many steps as the settings have at most: rows and teaching samples are
        drawn, events come as evenly as in hardware.

        Raises `BephwError` where the averages do not fit the network.
        """
        self._check(settings)
        random = np.random.default_rng(seed)
        taught = [
            _evenly(share, samples, random)
            for share in (self.teaching if isinstance(self.teaching, tuple) else (self.teaching,))
        ]
        of_layer = taught if settings.local else taught * settings.network.layers
        winners: list[NDArray[np.int32]] = []
        opened: list[NDArray[np.bool_] | None] = []
        for shape, gamma in zip(settings.shapes, settings.gamma, strict=True):
            groups, steps = shape.outputs // gamma, shape.steps or 1
            teaching = of_layer[shape.index][:, None, None]
            rows = random.integers(0, gamma, (samples, steps, groups)) + gamma * np.arange(groups)
            wins = random.random(rows.shape) < self.winners[shape.index] / (steps * groups)
            won = np.where(wins & teaching, rows, -1).astype(np.int32)
            through = _draw_open(random, (samples, steps, shape.outputs), shape, self.open_rows[shape.index]) & teaching
            winners.append(won if shape.steps else won[:, 0])
            opened.append((through if shape.steps else through[:, 0]) if shape in settings.gated_shapes else None)
        events = tuple(_steps(rate, samples) for rate in self.events)
        places = tuple(
            random.integers(0, shape, (int(count.sum()), 2))
            for shape, count in zip(settings.matrices, events, strict=True)
        )
        drawn = np.stack(taught, axis=1) if settings.local else taught[0]
        return Activity(drawn, tuple(winners), tuple(opened), events, places)

    def _check(self, settings: Settings) -> None:
        layers = settings.network.layers
        several = isinstance(self.teaching, tuple)
        check(
            several == settings.local and (not several or len(self.teaching) == layers),  # type: ignore[arg-type]
            f"sparsity.teaching must be {f'a list of {layers}, one a layer' if settings.local else 'a number'}, "
            f"not {self.to_dict()['teaching']}",
        )
        for layer in range(layers):
            check(0 <= self.share(layer) <= 1, f"sparsity.teaching must be 0 to 1, not {self.share(layer)}")
        for name in ("winners", "open_rows", "events"):
            values = getattr(self, name)
            check(
                len(values) == layers,
                f"sparsity.{name} must have {counted(layers, 'entry', 'entries')}, one a layer, not {len(values)}",
            )
        shapes = settings.shapes
        bounds: dict[str, list[float]] = {
            "winners": [
                (shape.steps or 1) * shape.outputs / gamma for shape, gamma in zip(shapes, settings.gamma, strict=True)
            ],
            "open_rows": [_propagating_steps(shape) * shape.outputs for shape in shapes],
            "events": [math.inf] * layers,
        }
        for name, most in bounds.items():
            for layer, (value, bound) in enumerate(zip(getattr(self, name), most, strict=True)):
                check(
                    0 <= value <= bound, f"sparsity.{name}[{layer}] must be 0 to {bound:g} (the layer's), not {value:g}"
                )


def assumed(settings: Settings, state: Literal["fresh", "trained"]) -> Sparsity:
    """What to expect without data, on the safe side.

    Fresh: every sample teaches, in every winner group a row is updated, and sums of random signs (deviation sqrt(K_in))
    pass the gate. Trained: the same, but 4 samples in 10 teach, and reinforcement is that of 90 % accuracy.
    """
    teaching = 1.0 if state == "fresh" else 0.4
    accuracy = 1 / settings.network.classes if state == "fresh" else 0.9
    through = [
        _propagating_steps(shape) * shape.outputs * math.erf(gate / math.sqrt(2 * shape.inputs))
        for shape, gate in zip(settings.shapes, settings.G, strict=True)
    ]
    gated = {shape.index for shape in settings.gated_shapes}
    from bephw.golden.rates import rates

    gated = {shape.index for shape in settings.gated_shapes}
    return Sparsity(
        teaching=(teaching,) * settings.network.layers if settings.local else teaching,
        winners=tuple(
            float((shape.steps or 1) * (shape.outputs // gamma))
            for shape, gamma in zip(settings.shapes, settings.gamma, strict=True)
        ),
        open_rows=tuple(rows if layer in gated else 0.0 for layer, rows in enumerate(through)),
        events=tuple(rate / EVENT for rate in rates(settings, accuracy)),
    )


def _propagating_steps(shape: LayerShape) -> int:
    """Steps of a sample whose error goes on: of a cell all but the first."""
    return 1 if shape.steps is None else shape.steps - 1


def _draw_open(
    random: np.random.Generator, size: tuple[int, int, int], shape: LayerShape, rows: float
) -> NDArray[np.bool_]:
    """So many rows a sample, on average, of the steps whose error goes on."""
    propagating = _propagating_steps(shape)
    through = random.random(size) < rows / (max(propagating, 1) * shape.outputs)
    through[:, : size[1] - propagating] = False
    return through


def _evenly(share: float, samples: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """So many of the samples, at random places."""
    chosen = np.zeros(samples, np.bool_)
    chosen[random.permutation(samples)[: round(share * samples)]] = True
    return chosen


def _steps(rate: float, samples: int) -> NDArray[np.int64]:
    """Whole events of every sample, as the hardware's accumulator gives them."""
    return np.diff(np.floor(rate * np.arange(samples + 1))).astype(np.int64)
