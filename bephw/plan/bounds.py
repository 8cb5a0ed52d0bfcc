"""What keeps a design from being faster, in words."""

from __future__ import annotations

from dataclasses import dataclass

from bephw.plan.activity import Activity
from bephw.plan.cycles import Cycles
from bephw.plan.folding import needs
from bephw.settings import Settings

__all__ = ["Bound", "bounds", "describe"]

NEARLY = 0.97  # of the pace: parts that need as much bound the design together


@dataclass(frozen=True)
class Bound:
    """A part, or what happens at the ends of batches.

    Attributes:
        part: named as in `needs`; or `batch ends`.
        words: what it is.
        cycles: that it needs a sample, on average; for the batch ends, by how much a sample takes longer than the pace.
        share: of all cycles.
    """

    part: str
    words: str
    cycles: float
    share: float


def describe(settings: Settings, part: str) -> str:
    """What a part of `needs` is, and which limit of the design it stands for."""
    kind, _, number = part.partition("_")
    layers = settings.network.layers
    if kind == "forward":
        return f"lanes of layer {number}" if int(number) < layers else "lanes of the classifier"
    if kind == "classifier":
        return f"lanes of layer {number}'s classifier"
    if kind == "counters":
        single = settings.single_ports[int(number)]
        return f"winner rows of layer {number} ({'the single' if single else 'one write'} port of its counters)"
    return {
        "stream": "sample stream",
        "winner": f"winner search of layer {number}",
        "time": f"lessons of layer {number}, step after step",
        "credit": f"error propagation through layer {number}",
        "lessons": f"words of layer {number}'s prototypes" if number else "words of prototypes",
    }[kind]


def bounds(settings: Settings, activity: Activity, cycles: Cycles) -> list[Bound]:
    """All parts by what they need, the largest first, and the ends of batches where they belong by what they cost.

    The first sets the pace; the next is what would, if the first were faster.
    """
    found = needs(settings, activity.summary())
    # Where the cycle model counted a part, its count is exact.
    for part in found:
        if part in cycles.busy:
            found[part] = max(found[part], cycles.busy[part] / cycles.samples)
    pace = max(found.values())
    rows = [Bound(part, describe(settings, part), need, need / cycles.per_sample) for part, need in found.items()]
    lost = cycles.per_sample - pace
    rows.append(Bound("batch ends", "ends of batches, waiting", lost, lost / cycles.per_sample))
    return sorted(rows, key=lambda row: -row.cycles)
