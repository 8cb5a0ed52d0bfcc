"""The choice of folding, memories and clock for a board."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bephw.boards.bitstream.fit import receive_blocks
from bephw.boards.bitstream.memories import count_rams
from bephw.boards.bitstream.top import clock_and_bit
from bephw.boards.definition import Board
from bephw.errors import BephwError
from bephw.plan.activity import Activity
from bephw.plan.area import Area, predict_area
from bephw.plan.cycles import Cycles, predict
from bephw.plan.folding import Folding, estimator, near, refine, slowest
from bephw.plan.supported import check_sized, is_sized
from bephw.settings import Settings

__all__ = ["Objective", "Plan", "evaluate", "figures", "fits", "make_plan"]

Objective = Literal["speed", "area"]

FULLEST = {"ecp5": 0.85, "ice40": 0.92}  # share of the LUTs that place and route still handles well
BOARD_LUTS = {"ecp5": 350, "ice40": 560}  # serial port, its buffer's logic, clock
MARGIN = 0.95  # of the predicted clock, that is asked for
STEP = 1.06  # between two intervals that are tried
RAM_PRICES = (0.0, 30.0, 150.0)  # LUTs that a block RAM is worth
FURTHER = 1.5  # how far beyond the first folding that fits to look for a better one
FINAL = 5
SURE = 1.02  # how much faster than asked for, by the quick estimate


@dataclass(frozen=True)
class Plan:
    """A trainer for a board.

    Attributes:
        settings: with folding, memories and clock.
        board: where.
        area: of the trainer, where it can be foreseen (see `is_sized`).
        luts, brams, sprams: the board's logic and receive buffer included; LUTs where they can be foreseen.
        clock_mhz: that the board makes.
        activities: what the samples do, by the name of the state.
        cycles: what they take, by the same names.
        inference: cycles a sample of classification only.
    """

    settings: Settings
    board: Board
    area: Area | None
    luts: int | None
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
    """What the settings as they are come to on a board: predicted, not built. A clock that they name is kept; where
    none can be foreseen, theirs or the board's is taken."""
    area = predict_area(settings, board.family) if is_sized(settings) else None
    named = settings.replace({"board.name": board.name})
    if area and not settings.board.clock_mhz:
        named = named.replace({"board.clock_mhz": _clock(settings, board, area.fmax_mhz)})
    counts = count_rams(settings, board.family)
    first = next(iter(activities.values()))
    return Plan(
        settings=named,
        board=board,
        area=area,
        luts=area.luts + BOARD_LUTS[board.family] if area else None,
        brams=counts["block"] + receive_blocks(settings, board.family),
        sprams=counts["single port"],
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
    """Choose rows, columns, update_columns, stream_width, slots, counter_memory and clock.

    Args:
        activities: what samples do, by the name of the network's state; a plan is as good as in its slowest state.
        samples_per_second: what is wanted, with the least area; then `objective` does not matter.
        objective: else the most samples a second that the board has room for, or the least area.

    Raises `BephwError` where nothing fits, or nothing that fits is fast enough; and as `check_sized`.
    """
    check_sized(settings)
    bare = settings.replace({"board.name": board.name, "board.clock_mhz": None})
    found = [
        candidate
        for variant in _memories(bare, board)
        for candidate in _candidates(variant, board, activities, samples_per_second, objective)
    ]
    if not found and samples_per_second is None:
        raise BephwError(_too_large(bare, board))
    if samples_per_second is None and objective == "speed":
        return _best(sorted(found, key=lambda candidate: -candidate.speed)[:FINAL], board, activities)
    if samples_per_second is None:
        return _best(sorted(found, key=lambda candidate: candidate.area.luts)[:1], board, activities)
    fast = [candidate for candidate in found if candidate.speed >= samples_per_second * SURE]
    for candidate in sorted(fast, key=lambda candidate: candidate.area.luts)[: 2 * FINAL]:
        made = _best([candidate], board, activities)
        if made.slowest >= samples_per_second:
            return made
    most = make_plan(settings, board, activities).slowest
    raise BephwError(
        f"samples-per-second: must be at most about {most:,.0f} for this network on {board.name}, "
        f"not {samples_per_second:,.0f}"
    )


@dataclass(frozen=True)
class _Candidate:
    settings: Settings
    folding: Folding
    area: Area
    speed: float


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
    estimate = estimator(settings, list(activities.values()), worst=True)
    summaries = [activity.summary() for activity in activities.values()]
    sparsity = max(summaries, key=lambda summary: summary.largest_share)
    whole = slowest(settings)
    seen: set[Folding] = set()
    first = None
    for interval in _intervals(settings, board, whole, samples_per_second, objective):
        if first is not None and samples_per_second is None and interval > FURTHER * first:
            return
        for price in RAM_PRICES:
            for folding in near(settings, interval, sparsity, ways=1, family=board.family, ram_price=price):
                if folding in seen:
                    continue
                seen.add(folding)
                folded = folding.apply(settings)
                area = predict_area(folded, board.family)
                if not fits(folded, board, area):
                    continue
                first = first or interval
                yield _Candidate(settings, folding, area, 1e6 * MARGIN * area.fmax_mhz / estimate(folding))


def _intervals(
    settings: Settings, board: Board, whole: int, samples_per_second: float | None, objective: Objective
) -> Iterator[int]:
    """Cycles between samples to try, the shortest first."""
    if objective == "area" and samples_per_second is None:
        start, end = whole / 2, float(whole)
    else:
        # No design has more lanes than the device has LUTs.
        start, end = max(1.0, settings.work / board.luts), float(whole)
    if samples_per_second is not None:
        # The slowest that may do, at a clock that no design exceeds; and, at a third of that clock, the fastest needed.
        wanted = 1e6 * _fastest_mhz(board) / samples_per_second
        end = min(end, wanted)
        start = max(start, min(wanted / 3, end / 2))
    value, last = start, 0
    while value <= end * STEP:
        if round(value) != last:
            last = max(1, round(value))
            yield last
        value *= STEP


def _fastest_mhz(board: Board) -> float:
    return {"ecp5": 200.0, "ice40": 50.0}[board.family]


def fits(settings: Settings, board: Board, area: Area) -> bool:
    """Whether a trainer has room on the board, with some spare."""
    return (
        area.luts + BOARD_LUTS[board.family] <= FULLEST[board.family] * board.luts
        and area.brams + receive_blocks(settings, board.family) <= board.brams
        and area.sprams <= board.sprams
    )


def _best(candidates: list[_Candidate], board: Board, activities: Mapping[str, Activity]) -> Plan:
    """Of a few candidates the fastest by the cycle model."""
    plans = []
    for candidate in candidates:
        folding, _ = refine([candidate.folding], candidate.settings, list(activities.values()))
        made = evaluate(folding.apply(candidate.settings), board, activities)
        if made.area and not fits(made.settings, board, made.area):
            made = evaluate(candidate.folding.apply(candidate.settings), board, activities)
        plans.append(made)
    return max(plans, key=lambda made: made.slowest)


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
        "luts_by_part": made.area and made.area.by_part,
        "brams": made.brams,
        "brams_available": made.board.brams,
        "sprams": made.sprams,
        "sprams_available": made.board.sprams,
        "fmax_mhz": made.area and made.area.fmax_mhz,
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
