"""The choice of folding, memories and clock for a board."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bephw.boards.bitstream.fit import link_blocks
from bephw.boards.bitstream.memories import Family, count_rams
from bephw.boards.bitstream.top import clock_and_bit
from bephw.boards.definition import Board
from bephw.boards.store.needs import StoreNeeds, least_store_needs
from bephw.errors import BephwError
from bephw.plan.activity import Activity
from bephw.plan.area import Area, predict_area
from bephw.plan.cycles import Cycles, predict
from bephw.plan.folding import Folding, estimator, near, refine, slot_choices, slowest
from bephw.plan.neighbours import neighbours
from bephw.settings import Settings

__all__ = ["Objective", "Plan", "evaluate", "figures", "fits", "fullest", "make_plan", "unchosen"]

Objective = Literal["speed", "area"]

SAMPLES = (1, 2, 3, 4, 6, 8, 12, 16)  # at a time, that are tried
PATIENCE = 2  # numbers of samples in a row that do not pay, after which no more are tried
# Share of the LUTs that place and route still handles well; of GateMate nothing nearly so full was tried.
FULLEST = {"ecp5": 0.85, "ice40": 0.96, "gowin": 0.85, "gatemate": 0.7}
# Shares of the LUTs and of the block RAMs, added up, that can still be routed on ECP5, whose RAMs are spread over the
# chip, and many lanes drink from each: examples/fashion_fast.toml, at 1.16, routes at 116 MHz, and
# examples/fashion_samples.toml, at 1.53, at 79 MHz in half an hour (docs/benchmarks.md); nothing fuller was tried.
# iCE40UP5K routes as full as it gets.
ROUTABLE = {"ecp5": 1.56, "ice40": 2.0, "gowin": 1.8, "gatemate": 1.55}
# Registers on wires of candidates, which cost few LUTs on ECP5; of the best, both are compared.
WIRES = {"ecp5": 1, "ice40": 0, "gowin": 0, "gatemate": 0}
BOARD_LUTS = {"ecp5": 710, "ice40": 680, "gowin": 1050, "gatemate": 1550}  # the link to the host, clock, lights
MARGIN = 0.95  # of the predicted clock, that is asked for
STEP, COARSE = 1.06, 1.08  # between two intervals that are tried; where as yet nothing fits, for ranges may be narrow
RAM_PRICES = (0.0, 30.0, 150.0)  # LUTs that a block RAM is worth
FURTHER = 1.5  # how far beyond the first folding that fits to look for a better one
FINAL, REFINED = 5, 2  # candidates that are compared sample by sample; the best of them, that are refined
SURE = 1.02  # how much faster than asked for, by the quick estimate
CLIMBED, WORTH = 8, 1.002  # neighbours that are compared sample by sample; how much faster the next step must be


@dataclass(frozen=True)
class Plan:
    """A trainer for a board.

    Attributes:
        settings: with folding, memories and clock.
        board: where.
        area: of the trainer.
        luts, brams, sprams: the board's logic and the least of the link's and the store's memories included.
        clock_mhz: that the board makes.
        activities: what the samples do, by the name of the state.
        cycles: what they take, by the same names.
        inference: cycles a sample of classification only.
    """

    settings: Settings
    board: Board
    area: Area
    luts: int
    brams: int
    sprams: int
    clock_mhz: float
    activities: Mapping[str, Activity]
    cycles: Mapping[str, Cycles]
    inference: float

    def samples_per_second(self, state: str) -> float:
        """At the planned clock, ends of batches included."""
        return 1e6 * self.clock_mhz / self.cycles[state].per_sample

    def efficiency(self, state: str) -> float:
        """Share of the lanes' capacity that the forward passes use."""
        return self.settings.work / (self.settings.lanes * self.cycles[state].per_sample)

    @property
    def slowest(self) -> float:
        """Samples a second in the slowest of the states."""
        return min(map(self.samples_per_second, self.cycles))


def evaluate(settings: Settings, board: Board, activities: Mapping[str, Activity]) -> Plan:
    """What the settings as they are come to on a board: predicted, not built. A clock that they name is kept."""
    area = predict_area(settings, board.family, chip=board.chip)
    named = settings.replace({"board.name": board.name})
    if not settings.board.clock_mhz:
        named = named.replace({"board.clock_mhz": _clock(settings, board, area.fmax_mhz)})
    counts, beside = count_rams(settings, board.family), _beside(settings, board)
    first = next(iter(activities.values()))
    return Plan(
        settings=named,
        board=board,
        area=area,
        luts=area.luts + beside.luts,
        brams=counts["block"] + beside.brams,
        sprams=counts["single port"] + beside.sprams,
        clock_mhz=clock_and_bit(board, named)[0],
        activities=activities,
        cycles={name: predict(settings, activity) for name, activity in activities.items()},
        inference=predict(settings, first.without_learning(), learn=False).per_sample,
    )


def make_plan(
    settings: Settings,
    board: Board,
    activities: Mapping[str, Activity],
    *,
    samples_per_second: float | None = None,
    objective: Objective = "speed",
) -> Plan:
    """Choose all of `Hardware` but `profile`, and the clock; as many samples at a time in every layer.

    Args:
        activities: what samples do, by the name of the network's state; a plan is as good as in its slowest state.
        samples_per_second: what is wanted, with the least area; then `objective` does not matter.
        objective: else the most samples a second that the board has room for, or the least area.

    Raises `BephwError` where nothing fits, or nothing that fits is fast enough.
    """
    bare = settings.replace({"board.name": board.name, "board.clock_mhz": None})
    found = _search(bare, board, activities, samples_per_second, objective)
    if not found and samples_per_second is None:
        raise BephwError(_too_large(bare, board))
    if samples_per_second is None and objective == "speed":
        return _best(_fastest(found), board, activities, climbs=True)
    if samples_per_second is None:
        return _best(sorted(found, key=lambda candidate: candidate.area.luts)[:1], board, activities, wires=(0,))
    fast = [candidate for candidate in found if candidate.speed >= samples_per_second * SURE]
    for candidate in sorted(fast, key=lambda candidate: candidate.area.luts)[: 2 * FINAL]:
        made = _best([candidate], board, activities)
        if made.slowest >= samples_per_second:
            return made
    fastest = make_plan(settings, board, activities)
    if fastest.slowest >= samples_per_second:
        return fastest
    raise BephwError(
        f"samples-per-second: must be at most about {fastest.slowest:,.0f} for this network on {board.name}, "
        f"not {samples_per_second:,.0f}"
    )


@dataclass(frozen=True)
class _Candidate:
    """A folding that fits; its `speed` is a quick estimate of samples a second."""

    settings: Settings
    folding: Folding
    area: Area
    speed: float = 0.0


def _search(
    settings: Settings,
    board: Board,
    activities: Mapping[str, Activity],
    samples_per_second: float | None,
    objective: Objective,
) -> list[_Candidate]:
    """Foldings that fit, with one sample at a time and with more of them as long as that pays. Where counters lie is
    chosen with one sample at a time."""
    # The least area has no lanes of further samples.
    smallest = objective == "area" and samples_per_second is None
    numbers = SAMPLES[:1] if smallest else SAMPLES
    variants = list(_memories(settings, board))
    found: list[_Candidate] = []
    misses = 0
    for samples in numbers:
        candidates = [
            candidate
            for variant in variants
            for candidate in _candidates(
                _together(variant, samples, 0 if smallest else WIRES[board.family]),
                board,
                activities,
                samples_per_second,
                objective,
            )
        ]
        best = _cheapest(found, samples_per_second)
        found += candidates
        cheapest = _cheapest(found, samples_per_second)
        if cheapest is None and samples_per_second is not None:
            continue  # only what may be fast enough was looked at
        misses = 0 if cheapest is not best else misses + 1
        if cheapest is None or misses == PATIENCE:
            break
        variants = [settings.replace({"hardware.counter_memory": cheapest.settings.hardware.counter_memory})]
    return found


def _fastest(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The fastest few by the quick estimate, and the fastest with every number of samples at a time, between which it
    is least sure."""
    ranked = sorted(candidates, key=lambda candidate: -candidate.speed)
    of_number = {candidate.settings.samples: candidate for candidate in reversed(ranked)}
    return [*ranked[:FINAL], *(candidate for candidate in of_number.values() if candidate not in ranked[:FINAL])]


def _cheapest(candidates: Sequence[_Candidate], samples_per_second: float | None) -> _Candidate | None:
    """Of what is fast enough the smallest; else the fastest."""

    def price(candidate: _Candidate) -> tuple[float, float]:
        fast = samples_per_second is not None and candidate.speed >= samples_per_second * SURE
        return (candidate.area.luts if fast else math.inf, 1 / candidate.speed)

    return min(candidates, key=price, default=None)


def unchosen(settings: Settings) -> Settings:
    """Without what the planner chooses and what may not go with the rest of the settings."""
    return _together(settings, 1)


def _together(settings: Settings, samples: int, wires: int = 0) -> Settings:
    """So many samples at a time, in every layer, and registers on wires; nothing yet of what is chosen for each
    folding."""
    return settings.replace(
        {
            "hardware.samples": samples,
            "hardware.slots": slot_choices(samples)[0],
            "hardware.sample_memory": "block",
            "hardware.renewal": "copy",
            "hardware.wire_registers": wires,
        }
    )


def _memories(settings: Settings, board: Board) -> Iterator[Settings]:
    """Every way to share counters between block RAM and single-port RAM, if the board has any."""
    layers = settings.network.layers
    kinds = ("bram", "spram") if board.sprams else ("bram",)
    choices = itertools.product(kinds, repeat=layers) if layers <= 3 else ((kind,) * layers for kind in kinds)
    for choice in choices:
        yield settings.replace({"hardware.counter_memory": choice[0] if len(set(choice)) == 1 else choice})


def _candidates(
    settings: Settings,
    board: Board,
    activities: Mapping[str, Activity],
    samples_per_second: float | None,
    objective: Objective,
) -> Iterator[_Candidate]:
    """Foldings that fit, over a range of intervals that depends on what is wanted."""
    fastest = objective == "speed" and samples_per_second is None
    variants = [
        (variant, estimator(variant, list(activities.values()), worst=True)) for variant in _renewals(settings, fastest)
    ]
    summaries = [activity.summary() for activity in activities.values()]
    sparsity = max(summaries, key=lambda summary: summary.largest_share)
    seen: set[Folding] = set()
    least = _least(settings, board)

    def at(interval: int) -> Iterator[_Candidate]:
        for price in RAM_PRICES:
            for folding in near(settings, interval, sparsity, ways=1, family=board.family, ram_price=price):
                if folding in seen:
                    continue
                seen.add(folding)
                if least(folding) > FULLEST[board.family] * board.luts:
                    continue
                for variant, estimate in variants:
                    fitting = _candidate(folding, variant, board)
                    if fitting is None:
                        continue
                    yield replace(fitting, speed=1e6 * MARGIN * fitting.area.fmax_mhz / estimate(folding))
                    if fastest:
                        break

    start, end = _range(settings, board, samples_per_second, objective)
    # What is too large is passed in larger steps, and the last of them is then looked at in small ones.
    for interval in _steps(start, end, COARSE):
        found = list(at(interval))
        yield from found
        if found:
            start = max(start, interval / COARSE)
            break
    first = None
    for interval in _steps(start, end, STEP):
        if first is not None and samples_per_second is None and interval > FURTHER * first:
            return
        for candidate in at(interval):
            first = first or interval
            yield candidate


def _least(settings: Settings, board: Board) -> Callable[[Folding], float]:
    """How many LUTs a folding takes at least: those of the smallest, without what may be less in a larger one, and
    those of its lanes."""
    layers, gated = settings.network.layers, [shape.index for shape in settings.gated_shapes]
    ones = (1,) * (layers + 1)
    smallest = Folding(ones, ones, ones[1:], 1, slots=settings.hardware.slots).apply(settings)
    parts = predict_area(smallest, board.family, chip=board.chip).by_part
    fixed = BOARD_LUTS[board.family] + sum(parts.values())
    fixed -= sum(parts[name] for name in ("lane", "credit lane", "copied lane", "vector bit", "lut ram", "bank bit"))
    lane = parts["lane"] / smallest.lanes
    credit_lane = parts["credit lane"] / max(sum(settings.samples[index] for index in gated), 1)

    def luts(folding: Folding) -> float:
        lanes = [rows * columns for rows, columns in zip(folding.rows, folding.columns, strict=True)]
        lanes = [*(each * samples for each, samples in zip(lanes, settings.samples, strict=False)), lanes[-1]]
        return fixed + lane * sum(lanes) + credit_lane * sum(lanes[index] for index in gated)

    return luts


def _renewals(settings: Settings, fastest: bool) -> list[Settings]:
    """Ways to renew the visible weights: copies, which take no cycle, or a sweep, which takes fewer LUTs; the better
    one first. A lag knows copies only."""
    ways = [settings.replace({"hardware.renewal": "copy"})]
    if not settings.learning.lag:
        ways.append(settings.replace({"hardware.renewal": "sweep"}))
    return ways if fastest else ways[::-1]


def _candidate(folding: Folding, settings: Settings, board: Board) -> _Candidate | None:
    """A folding, if it fits: what is kept of samples lies in block RAM where there is enough of it, else in what takes
    less of it."""
    folded = folding.apply(settings)
    for memory in ("block", "auto"):
        kept = folded.replace({"hardware.sample_memory": memory})
        counts = count_rams(kept, board.family)
        if counts["block"] + _beside(settings, board).brams <= board.brams:
            area = predict_area(kept, board.family, counts, board.chip)
            return _Candidate(kept, folding, area) if fits(kept, board, area) else None
    return None


def _range(
    settings: Settings, board: Board, samples_per_second: float | None, objective: Objective
) -> tuple[float, float]:
    """Cycles between samples to try, from and to."""
    whole = slowest(settings)
    if objective == "area" and samples_per_second is None:
        return whole / 2, float(whole)
    # No design has more lanes than the device has LUTs.
    start, end = max(1.0, settings.work / board.luts), float(whole)
    if samples_per_second is not None:
        # The slowest that may do, at a clock that no design exceeds; and, at a third of that clock, the fastest needed.
        wanted = 1e6 * _fastest_mhz(board) / samples_per_second
        end = min(end, wanted)
        start = max(start, min(wanted / 3, end / 2))
    return start, end


def _steps(start: float, end: float, step: float) -> Iterator[int]:
    """Whole numbers from one to the other, each so many times as large as the one before."""
    value, last = start, 0
    while value <= end * step:
        if round(value) != last:
            last = max(1, round(value))
            yield last
        value *= step


def _fastest_mhz(board: Board) -> float:
    return {"ecp5": 200.0, "ice40": 50.0, "gowin": 50.0, "gatemate": 50.0}[board.family] * max(1.0, board.chip.speed)


def fullest(family: Family, brams: float) -> float:
    """Share of the LUTs that a design may take which takes such a share of the block RAMs."""
    return min(FULLEST[family], ROUTABLE[family] - brams)


def fits(settings: Settings, board: Board, area: Area) -> bool:
    """Whether a trainer has room on the board, with some spare."""
    beside = _beside(settings, board)
    brams = area.brams + beside.brams
    return (
        brams <= board.brams
        and area.sprams + beside.sprams <= board.sprams
        and area.luts + beside.luts <= fullest(board.family, brams / board.brams) * board.luts
    )


def _beside(settings: Settings, board: Board) -> StoreNeeds:
    """What is on a board beside the trainer: the link, clock and lights, and the least that a store takes."""
    store = least_store_needs(board, settings)
    return StoreNeeds(
        luts=BOARD_LUTS[board.family] + store.luts,
        brams=link_blocks(settings, board.family) + store.brams,
        sprams=store.sprams,
    )


def _has_room(settings: Settings, board: Board) -> bool:
    return fits(settings, board, predict_area(settings, board.family, chip=board.chip))


def _best(
    candidates: list[_Candidate],
    board: Board,
    activities: Mapping[str, Activity],
    *,
    wires: Sequence[int] = (0, 1),
    climbs: bool = False,
) -> Plan:
    """Of a few candidates the fastest by the cycle model; of the best two also with more slots, with so many registers
    on their wires and, if it `climbs`, with what small steps gain."""
    ranked = sorted(candidates, key=lambda candidate: _time(candidate, activities))
    plans = []
    for candidate in ranked[:REFINED]:
        folding, _ = refine([candidate.folding], candidate.settings, list(activities.values()))
        refined = _candidate(folding, candidate.settings, board) or candidate
        if climbs:
            refined = _climbed(refined, board, activities)
        for registers in wires:
            wired = refined.settings.replace({"hardware.wire_registers": registers})
            if not registers or _has_room(wired, board):
                plans.append(evaluate(wired, board, activities))
    return max(plans, key=lambda made: made.slowest)


def _climbed(candidate: _Candidate, board: Board, activities: Mapping[str, Activity]) -> _Candidate:
    """From neighbour to faster neighbour, until none that fits is faster: a search over intervals sees only layers in
    balance, and what is full to the last block RAM is not."""
    estimate = estimator(candidate.settings, list(activities.values()), worst=True)
    while True:
        around = [
            (estimate(folding) / found.area.fmax_mhz, number, found)
            for number, folding in enumerate(neighbours(candidate.folding, candidate.settings))
            if (found := _candidate(folding, candidate.settings, board))
        ]
        promising = [found for *_, found in sorted(around)[:CLIMBED]]
        best = min(promising, key=lambda found: _time(found, activities), default=candidate)
        if _time(best, activities) * WORTH > _time(candidate, activities):
            return candidate
        candidate = best


def _time(candidate: _Candidate, activities: Mapping[str, Activity]) -> float:
    """Of a sample, in the slowest of the states."""
    cycles = (predict(candidate.settings, activity).per_sample for activity in activities.values())
    return max(cycles) / candidate.area.fmax_mhz


def _clock(settings: Settings, board: Board, fmax_mhz: float) -> float:
    """The highest clock in whole MHz that leaves a margin and that the board can make. Raises `BephwError`."""
    error = BephwError(f"board.clock_mhz: {board.name} cannot make a clock of {fmax_mhz:g} MHz or less")
    for clock in range(int(fmax_mhz * MARGIN), 0, -1):
        try:
            clock_and_bit(board, settings.replace({"board.name": board.name, "board.clock_mhz": float(clock)}))
        except BephwError as problem:
            error = problem
        else:
            return float(clock)
    raise error


def _too_large(settings: Settings, board: Board) -> str:
    bits = settings.learning.bits * sum(outputs * inputs for outputs, inputs in settings.matrices)
    return (
        f"network.sizes: no folding was found that fits {board.name}: the counters alone are {bits // 1024} kbit, "
        f"and it has {board.memory_kbit} kbit and {board.luts} LUTs: make layers smaller or lower learning.bits"
    )


def figures(made: Plan) -> dict[str, Any]:
    """A plan as JSON has it."""
    return {
        "command": "plan",
        "settings": made.settings.model_dump(mode="json"),
        "board": made.board.name,
        "lanes": made.settings.lanes,
        "luts": made.luts,
        "luts_available": made.board.luts,
        "luts_by_part": made.area.by_part,
        "brams": made.brams,
        "brams_available": made.board.brams,
        "sprams": made.sprams,
        "sprams_available": made.board.sprams,
        "fmax_mhz": made.area.fmax_mhz,
        "clock_mhz": made.clock_mhz,
        "inference_cycles_per_sample": made.inference,
        "states": {
            name: {
                "sparsity": made.activities[name].summary().to_dict(),
                "cycles_per_sample": cycles.per_sample,
                "samples_per_second": made.samples_per_second(name),
                "efficiency": made.efficiency(name),
                "busy": {part: count / cycles.samples for part, count in cycles.busy.items()},
            }
            for name, cycles in made.cycles.items()
        },
    }
