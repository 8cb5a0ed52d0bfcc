"""Which foldings are worth a look: for an interval between samples, the cheapest parts that keep it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bephw.boards.bitstream.memories import Family, Memory, counters, rams
from bephw.errors import check
from bephw.plan.activity import Activity, Sparsity
from bephw.plan.cycles import predict
from bephw.plan.search import FETCHED
from bephw.rtl_gen.backward.credit import BEYOND, OUTSTANDING, CreditUnit
from bephw.rtl_gen.backward.dense_credit import DenseCredit
from bephw.rtl_gen.programs.parts import overlaps
from bephw.rtl_gen.recurrent.lesson_turns import lessons_together
from bephw.rtl_gen.registers.map import per_classifier
from bephw.rtl_gen.weights.lagging_plane import PLANES
from bephw.settings import Settings
from bephw.shape import LayerShape, ceil_div

__all__ = [
    "Folding",
    "arrays",
    "estimator",
    "exact",
    "fold",
    "foldings",
    "near",
    "needs",
    "refine",
    "run_dry",
    "slot_choices",
    "slowest",
]

SPARE = 0.85  # share of the interval that updates may take on average: they come in bursts
MORE_LANES = 1.25  # arrays are compared up to so many lanes, against the cheapest
MORE_COLUMNS = 4  # a few more columns may have better divisors
KEPT = 3  # ways to build a layer that are compared
FINAL = 6  # foldings that are compared sample by sample
MOST_TRIED = 600
WIDEST_STREAM = 64
SLOTS, MOST_SLOTS = (8, 12, 16, 24), 64  # samples in flight, for each that pass together; as many as settings may have
HURRY, CLASSIFY = (1.0, 0.85, 0.7, 0.5), (1.0, 0.6, 0.35)

# LUTs, roughly: these only rank ways to build the same layer (area.py predicts).
LANE, SUM_BIT, COUNTER_BIT = 4, 4, 5
LATE = 3  # how much dearer a layer is whose updates or error propagation take twice the interval
TIE = 1e-3
WAITING = 0.5  # of a pass of error propagation, until the one before it ends
RETURNED = 6  # cycles from a step's last list to the search of the step before, beside the error propagation


@dataclass(frozen=True)
class Folding:
    """What is chosen of `Hardware`; lists as there."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    update_columns: tuple[int, ...]
    stream_width: int
    slots: int = 8

    @property
    def lanes(self) -> int:
        """XNOR-popcount lanes of one sample at a time, without those of hidden layers' classifiers."""
        return sum(rows * columns for rows, columns in zip(self.rows, self.columns, strict=True))

    def apply(self, settings: Settings) -> Settings:
        """The settings with this folding."""
        names = ("rows", "columns", "update_columns", "stream_width", "slots")
        return settings.replace({f"hardware.{name}": getattr(self, name) for name in names})


@lru_cache(maxsize=4096)
def arrays(outputs: int, inputs: int, interval: int) -> tuple[tuple[int, int], ...]:
    """(rows, columns) that take a sample in at most `interval` cycles, the fewest lanes first; where no array is fast
    enough, the one that is the fastest."""
    found = set()
    for rows in {ceil_div(outputs, groups) for groups in range(1, outputs + 1)}:
        words = interval // ceil_div(outputs, rows)
        if words:
            columns = ceil_div(inputs, min(words, inputs))
            found.add((rows * columns, rows, columns))
    if not found:
        return ((outputs, inputs),)
    return tuple((rows, columns) for _, rows, columns in sorted(found))


@dataclass(frozen=True)
class _Layer:
    """What the ways to build one layer depend on. They are ranked by their lanes or, for a `family`, by area: there a
    block RAM is worth `ram_price` LUTs."""

    index: int
    outputs: int
    inputs: int
    steps: int | None
    slots: int
    burst: int
    samples: int
    planes: int
    gamma: int
    classifier: bool
    propagates: bool
    bits: int
    single_port: bool
    teaching: float
    winners: float
    open_rows: float
    events: float
    family: Family | None
    ram_price: float

    def shape(self, rows: int, columns: int, update: int) -> LayerShape:
        """With a folding."""
        return LayerShape(
            *(self.index, self.inputs, self.outputs, rows, columns, update, self.steps),
            slots=self.slots,
            burst=self.burst,
            samples=self.samples,
        )


@lru_cache(maxsize=65536)
def _ways(layer: _Layer, interval: int) -> tuple[tuple[int, int, int], ...]:
    """(rows, columns, update_columns), the cheapest first. A pass takes as many intervals as samples pass together."""
    passing = max(1, interval * layer.samples // (layer.steps or 1))
    options = arrays(layer.outputs, layer.inputs, passing)
    most = options[0][0] * options[0][1] * MORE_LANES
    ranked = []
    for rows, fewest in options:
        if rows * fewest > most:
            break
        for columns in range(fewest, min(fewest + MORE_COLUMNS, layer.inputs) + 1):
            update = 1 if layer.classifier else _update_columns(layer, columns, interval)
            ranked.append((_cost(layer, rows, columns, update, interval), rows, columns, update))
    return tuple(way for _, *way in sorted(ranked))  # type: ignore[misc]


def _cost(layer: _Layer, rows: int, columns: int, update: int, interval: int) -> float:
    shape = layer.shape(rows, columns, update)
    lanes = float(shape.lanes)
    late = 0.0
    if not layer.classifier:
        ports = 2 if layer.single_port else 1
        busiest = ports * (layer.teaching * layer.winners * shape.row_chunks + layer.events * _event_words(shape))
        if layer.propagates:
            busiest = max(busiest, _propagation(shape, layer.teaching, layer.open_rows))
        if layer.steps:
            busiest = max(busiest, _through_time(shape, layer.gamma, layer.teaching, layer.open_rows))
        late = max(busiest / interval - 1, 0)
    if layer.family is None:
        return lanes * (1 + late) + TIE * update
    cost = LANE * lanes + SUM_BIT * layer.samples * rows * shape.z_bits
    memories = [Memory("", columns, layer.planes * shape.forward_cycles, 2 if layer.propagates else 1, rows)]
    if not layer.classifier:
        cost += COUNTER_BIT * update * layer.bits
        if not layer.single_port:
            memories += counters(shape, layer.bits, layer.family, single_port=False)
    if layer.ram_price:
        built = [(memory.count, rams(memory, layer.family)) for memory in memories]
        cost += layer.ram_price * sum(count * ram.number for count, ram in built if ram.kind == "block")
    return cost * (1 + LATE * late)


def fold(
    settings: Settings,
    intervals: Sequence[int],
    sparsity: Sparsity,
    *,
    choice: Sequence[int] = (),
    family: Family | None = None,
    ram_price: float = 0.0,
) -> Folding:
    """For an interval a layer (the classifier's last) the cheapest way to build each, or the `choice`-th: the one with
    the fewest lanes or, for a `family`, the smallest area, where a block RAM is worth `ram_price` LUTs."""
    last, gated = len(intervals) - 1, {shape.index for shape in settings.gated_shapes}
    shapes, chosen = (*settings.shapes, settings.classifier_shape), []
    planes = PLANES if settings.learning.lag else 2
    for index, (shape, interval) in enumerate(zip(shapes, intervals, strict=True)):
        learning = index < last
        layer = _Layer(
            index=index,
            outputs=shape.outputs,
            inputs=shape.inputs,
            steps=shape.steps,
            slots=shape.slots,
            burst=shape.burst,
            samples=shape.samples,
            planes=planes if learning else 1,
            gamma=settings.gamma[index] if learning else 1,
            classifier=not learning,
            propagates=index in gated,
            bits=settings.learning.bits,
            single_port=learning and settings.single_ports[index],
            teaching=sparsity.share(index) if learning else 0.0,
            winners=sparsity.winners[index] if learning else 0.0,
            open_rows=sparsity.open_rows[index] if learning else 0.0,
            events=sparsity.events[index] if learning else 0.0,
            family=family,
            ram_price=ram_price,
        )
        ways = _ways(layer, interval)
        chosen.append(ways[min(choice[index] if choice else 0, len(ways) - 1)])
    rows, columns, update = zip(*chosen, strict=True)
    width = _stream_width(settings.network.sizes[0], columns[0], intervals[0] // (shapes[0].steps or 1))
    return Folding(rows, columns, update[:-1], width, slot_choices(math.lcm(*settings.samples))[0])


def slot_choices(together: int) -> list[int]:
    """How many samples may be in flight where so many pass together, from what every design has on."""
    choices = [together * slots for slots in SLOTS if together * slots <= MOST_SLOTS]
    return choices or [MOST_SLOTS // together * together]


def needs(settings: Settings, sparsity: Sparsity) -> dict[str, float]:
    """Cycles a sample that each part needs on average, where as many samples as may pass together; the largest sets the
    pace.

    Named as in `Cycles.busy`, but the counters' one port or two, of updates and reinforcement, is `counters_0`; and
    `time_0` is the way of a cell's lessons back through time, which wait for one another. A sample has as many steps as
    the settings have at most.
    """
    steps = settings.shapes[0].steps or 1
    found: dict[str, float] = {"stream": steps * ceil_div(settings.network.sizes[0], settings.hardware.stream_width)}
    for shape in settings.shapes:
        layer, times = shape.index, shape.steps or 1
        teaching = sparsity.share(layer)
        slices = shape.scan_beats * shape.parts(settings.gamma[layer])
        found[f"forward_{layer}"] = times * shape.forward_cycles / shape.samples
        found[f"winner_{layer}"] = (teaching * times * slices + 1 - teaching) / shape.samples
        operations = teaching * sparsity.winners[layer] * shape.row_chunks
        operations += sparsity.events[layer] * _event_words(shape)
        found[f"counters_{layer}"] = operations * (2 if settings.single_ports[layer] else 1)
        if shape in settings.gated_shapes:
            found[f"credit_{layer}"] = _propagation(shape, teaching, sparsity.open_rows[layer])
        if shape.steps:
            found[f"time_{layer}"] = _through_time(shape, settings.gamma[layer], teaching, sparsity.open_rows[layer])
    *hidden, last = settings.classifier_shapes
    found[f"forward_{settings.network.layers}"] = last.forward_cycles
    for shape in hidden:
        found[f"classifier_{shape.index}"] = shape.forward_cycles
    names = per_classifier("lessons", 1 + len(hidden))
    for layer, (name, shape) in enumerate(zip(names, (*hidden, last), strict=True)):
        teaching = sparsity.share(layer)
        found[name] = teaching * shape.words + 1 - teaching
    return found


def slowest(settings: Settings) -> int:
    """Cycles a sample of the layer with the most work, where it has a single lane."""
    return max((shape.steps or 1) * shape.outputs * shape.inputs for shape in settings.shapes)


def _through_time(shape: LayerShape, gamma: int, teaching: float, open_rows: float) -> float:
    """Cycles a sample of a cell's lessons, each of which waits for that of the step after it: the winner search, the
    error propagation, and the ways between them."""
    steps = shape.steps or 1
    slices = shape.scan_beats * shape.parts(gamma)
    way = FETCHED + (shape.parts(gamma) > 1) + RETURNED
    if shape.samples == 1:
        way += CreditUnit.latency(shape)
        credit = _credit(shape, 1.0, open_rows)
    else:
        way += DenseCredit.latency(shape)
        # Others may be passing when a list is there.
        credit = (steps - 1) * ((1 + WAITING) * DenseCredit.pass_cycles(shape) + DenseCredit.between(shape))
    through = steps * slices + (steps - 1) * way + credit
    return (teaching * through + 1 - teaching) / (shape.samples * lessons_together(shape, gamma))


def _propagation(shape: LayerShape, teaching: float, open_rows: float) -> float:
    """Cycles a sample of error propagation."""
    return _credit(shape, teaching, open_rows) if shape.samples == 1 else _dense_credit(shape, teaching)


def _credit(shape: LayerShape, teaching: float, open_rows: float) -> float:
    """Cycles a sample of error propagation: few words are under way at a time, so short lists leave cycles unused."""
    lists = 1 if shape.steps is None else shape.steps - 1  # of a sample
    mean = open_rows / (shape.rows * max(lists, 1))
    # The longest list is longer than the average one, but no longer than the groups are many.
    longest = max(1.0, min(shape.groups, mean + mean**0.5))
    word = max(longest, (longest + CreditUnit.latency(shape) + 2) / OUTSTANDING)
    words = len(shape.passed_on_words)
    return teaching * lists * (words * word + BEYOND + 2) + 2 * (1 - teaching)


def _dense_credit(shape: LayerShape, teaching: float) -> float:
    """Cycles a sample of error propagation where samples, or steps of a cell, pass together, and between passes."""
    if shape.steps is not None:
        cycles = DenseCredit.pass_cycles(shape) + DenseCredit.between(shape)
        return teaching * (shape.steps - 1) * cycles / shape.samples
    nobody = (1 - teaching) ** shape.samples
    passing = (1 - nobody) * (shape.forward_cycles + DenseCredit.between(shape))
    return (passing + nobody * (1 + DenseCredit.between(shape, teach=False))) / shape.samples


def run_dry(activities: Sequence[Activity]) -> list[Activity]:
    """One sample of each activity, one that teaches if any does: how long a batch takes to run dry."""
    firsts = [int(activity.taught.reshape(activity.samples, -1).sum(axis=1).argmax()) for activity in activities]
    return [activity.part(first, first + 1) for activity, first in zip(activities, firsts, strict=True)]


def estimator(settings: Settings, activities: Sequence[Activity], *, worst: bool = False) -> Callable[[Folding], float]:
    """A quick estimate of a folding's cycles a sample, on average over the activities or of the slowest: the pace, and
    batch ends."""
    sparsities, singles = [activity.summary() for activity in activities], run_dry(activities)
    found: dict[Folding, float] = {}

    def estimate(folding: Folding) -> float:
        if folding not in found:
            folded = folding.apply(settings)
            cycles = [
                _with_batch_ends(folded, needs(folded, sparsity), predict(folded, single).cycles)
                for sparsity, single in zip(sparsities, singles, strict=True)
            ]
            found[folding] = max(cycles) if worst else sum(cycles) / len(cycles)
        return found[folding]

    return estimate


def _with_batch_ends(settings: Settings, needed: dict[str, float], alone: float) -> float:
    """Cycles a sample, of a design whose parts need so many, and where a sample alone takes so long all the way.

    A batch's last samples, which pass together, have their updates one after the other. Where batches overlap the next
    one comes in meanwhile, so that two batches share the way; but updates pause for a pass of each layer, once a batch.
    """
    batch, pace = settings.learning.batch, max(needed.values())
    counters = [needed[f"counters_{shape.index}"] for shape in settings.shapes]
    dry = alone + (max(settings.samples) - 1) * max(counters)
    if overlaps(settings):
        passes = [shape.forward_cycles / batch for shape in settings.shapes]
        paused = max(update + pause for update, pause in zip(counters, passes, strict=True))
        return max(pace, paused, (pace + dry / batch) / 2)
    if settings.hardware.renewal == "sweep":
        sweeps = [shape.counter_words / batch for shape in settings.shapes]
        pace = max(pace, *(update + sweep for update, sweep in zip(counters, sweeps, strict=True)))
    return pace + max(dry - pace, 0) / batch


def exact(folding: Folding, settings: Settings, activities: Sequence[Activity]) -> float:
    """A folding's cycles a sample by the cycle model, averaged over the activities."""
    folded = folding.apply(settings)
    return sum(predict(folded, activity).per_sample for activity in activities) / len(activities)


def near(
    settings: Settings,
    interval: int,
    sparsity: Sparsity,
    *,
    ways: int = KEPT,
    family: Family | None = None,
    ram_price: float = 0.0,
) -> Iterator[Folding]:
    """Foldings for an interval: all layers in balance; later ones faster, so that batches run dry sooner; and for each
    layer so many ways to build it."""
    layers = settings.network.layers
    for hurry in HURRY if layers > 1 else HURRY[:1]:
        for classify in CLASSIFY:
            targets = [interval, *(max(1, int(interval * hurry)) for _ in range(layers - 1))]
            targets.append(max(1, int(interval * classify)))
            for layer in range(layers + 1):
                for other in range(ways):
                    if other or not layer:
                        choice = [0] * (layers + 1)
                        choice[layer] = other
                        yield fold(settings, targets, sparsity, choice=choice, family=family, ram_price=ram_price)


def foldings(settings: Settings, lanes: int, activities: Sequence[Activity]) -> tuple[Folding, float]:
    """The folding of at most `lanes` lanes that takes the fewest cycles a sample, on average over the activities; and
    these cycles. Raises `BephwError` where there are fewer lanes than layers."""
    least = sum(settings.samples) + len(settings.classifier_shapes)
    several = " of every sample that passes" if max(settings.samples) > 1 else ""
    check(lanes >= least, f"lanes must be at least {least}, one for every layer{several} and classifier, not {lanes}")
    estimate = estimator(settings, activities)
    sparsity = max((activity.summary() for activity in activities), key=lambda summary: summary.largest_share)
    tried: dict[Folding, float] = {}
    ideal = max(1, settings.work // lanes)
    longest = slowest(settings)
    for interval in [*range(ideal, longest, max(1, ideal // 30)), longest]:
        for folding in near(settings, interval, sparsity):
            alone = not settings.local and max(settings.samples) == 1
            if (folding.lanes if alone else folding.apply(settings).lanes) <= lanes:
                tried[folding] = estimate(folding)
        if len(tried) > MOST_TRIED or (tried and interval > 1.2 * min(tried.values())):
            break
    return refine(sorted(tried, key=lambda folding: tried[folding])[:FINAL], settings, activities)


def refine(candidates: Sequence[Folding], settings: Settings, activities: Sequence[Activity]) -> tuple[Folding, float]:
    """Of candidates the one with the fewest cycles a sample by the cycle model, with as many slots as pay; and
    these cycles."""
    cycles, best = min(
        ((exact(folding, settings, activities), folding) for folding in candidates), key=lambda pair: pair[0]
    )
    for slots in slot_choices(math.lcm(*settings.samples))[1:]:
        more = replace(best, slots=slots)
        faster = exact(more, settings, activities)
        if faster > cycles * 0.995:
            break
        best, cycles = more, faster
    return best, cycles


def _event_words(shape: LayerShape) -> float:
    """Counter words that a reinforcement event steps, on average; ends of rows that cut bursts short do not count."""
    every = 1 + (shape.burst - shape.burst_step) / shape.update_columns
    return min(every, ceil_div(shape.inputs, shape.update_columns))


def _update_columns(layer: _Layer, columns: int, interval: int) -> int:
    """The narrowest counter word with which updates and reinforcement leave spare cycles in an interval; all columns if
    none is wide enough."""
    ports, updates = 2 if layer.single_port else 1, layer.teaching * layer.winners
    for width in range(1, columns):
        if columns % width == 0:
            shape = layer.shape(1, columns, width)
            free = interval * SPARE / ports - layer.events * _event_words(shape)
            if shape.row_chunks <= (free / updates if updates else interval):
                return width
    return columns


def _stream_width(inputs: int, columns: int, interval: int) -> int:
    """Wide enough for half the interval, and best a divisor of the columns, so that words are made of whole beats."""
    least = min(ceil_div(2 * inputs, max(interval, 1)), inputs, WIDEST_STREAM)
    divisors = [width for width in range(1, columns + 1) if columns % width == 0 and width >= least]
    return min(divisors) if divisors and min(divisors) <= 3 * least else least
