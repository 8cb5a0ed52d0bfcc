"""What a store takes of the FPGA."""

from __future__ import annotations

from dataclasses import dataclass

from bephw.boards.bitstream.memories import Family
from bephw.boards.definition import Board
from bephw.boards.store.layout import record_layout
from bephw.boards.store.plan import KINDS, StorePlan, has_memory, word_width
from bephw.settings import Settings

__all__ = ["StoreNeeds", "least_store_needs", "store_blocks"]

# Two stores that were built alone (docs/benchmarks.md) come out within 6 %: what all have, and each bit that the
# unpacker keeps, which is shifted and filled. An SDRAM has a controller and queues besides.
LUTS, LUTS_PER_BIT, SDRAM_LUTS = 420, 10, 530


@dataclass(frozen=True)
class StoreNeeds:
    """Of the FPGA: RAMs exactly, of LUTs an estimate."""

    luts: int = 0
    brams: int = 0
    sprams: int = 0


def store_blocks(plan: StorePlan | None, settings: Settings, family: Family) -> int:
    """Block RAMs of a store, if there is one."""
    return 0 if plan is None else _count(plan, settings, family).brams


def least_store_needs(board: Board, settings: Settings) -> StoreNeeds:
    """With the memory that takes the fewest RAMs of those that `board.store` admits, whatever else is on the FPGA; for
    a sample, or as many as `board.store_samples` says."""
    asked, wanted = settings.board.store, settings.board.store_samples or 1
    choices = []
    for kind in KINDS:
        if asked == kind or (asked == "auto" and has_memory(board, kind)):
            layout = record_layout(settings, word_width(kind, settings))
            plan = StorePlan(kind, layout, wanted * layout.words)
            choices.append(_count(plan, settings, board.family))
    return min(choices, key=lambda needs: (needs.brams, needs.sprams), default=StoreNeeds())


def _count(plan: StorePlan, settings: Settings, family: Family) -> StoreNeeds:
    found, layout = plan.rams(settings, family), plan.layout
    return StoreNeeds(
        luts=LUTS
        + LUTS_PER_BIT * (layout.word + layout.stream_width + min(layout.word, layout.stream_width))
        + SDRAM_LUTS * (plan.kind == "sdram"),
        brams=sum(ram.number for ram in found if ram.kind == "block"),
        sprams=sum(ram.number for ram in found if ram.kind == "single port"),
    )
