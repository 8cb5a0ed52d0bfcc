"""Which memory keeps a board's samples, and how many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bephw.boards.bitstream.link_blocks import link_blocks
from bephw.boards.bitstream.memories import Family, Memory, Rams, count_rams, rams
from bephw.boards.definition import Board
from bephw.boards.link.sizes import LARGEST_SIZES, LEAST_SIZES
from bephw.boards.store.layout import RecordLayout, record_layout
from bephw.boards.store.memories import SPRAM_WIDTH, SPRAM_WORDS, sdram_resource
from bephw.boards.store.score import Score
from bephw.boards.store.sdram.crossing import MemoryCrossing
from bephw.errors import BephwError
from bephw.rtl_gen.programs.parts import capacity
from bephw.settings import Settings

__all__ = ["KINDS", "StorePlan", "has_memory", "plan_store", "word_width"]

Kind = Literal["bram", "spram", "sdram"]
KINDS: tuple[Kind, ...] = ("bram", "spram", "sdram")
NAMES = {"bram": "block RAMs that are left over", "spram": "single-port RAMs that are left over", "sdram": "SDRAM"}
SDRAM_WORD = 32
BRAM_WORDS = (16, 32, 64)


@dataclass(frozen=True)
class StorePlan:
    """A memory for samples.

    Attributes:
        kind: which memory.
        layout: of a record in it.
        depth: its words.
    """

    kind: Kind
    layout: RecordLayout
    depth: int

    @property
    def samples(self) -> int:
        """That it holds."""
        return self.depth // self.layout.words

    @property
    def description(self) -> list[str | int]:
        """For the identity block: kind, bits in a word, words."""
        return [self.kind, self.layout.word, self.depth]

    def rams(self, settings: Settings, family: Family) -> list[Rams]:
        """The RAMs of the FPGA that it takes: the queue of labels, and the memory itself, or the queues before it."""
        labels = Memory.of("labels", Score.ram(self.layout.label, capacity(settings)))
        if self.kind == "sdram":
            queues = MemoryCrossing.queues(self.layout.word, self.depth)
            others = [Memory.of(name, form) for name, form in queues.items()]
        else:
            others = [Memory("samples", self.layout.word, self.depth, single_port=self.kind == "spram")]
        return [rams(memory, family) for memory in (labels, *others)]


def plan_store(board: Board, settings: Settings) -> StorePlan | None:
    """The store that the settings ask for; None where they ask for none.

    Raises `BephwError` where the board has no such memory, or none that is large enough.
    """
    asked, wanted = settings.board.store, settings.board.store_samples
    if asked == "none":
        return None
    found = [plan for plan in _largest(board, settings) if asked in ("auto", plan.kind)]
    where = f"{board.name} ({board.device})"
    if not found:
        memory = "memory for a store" if asked == "auto" else NAMES[asked]
        raise BephwError(f"board.store: {where} has no {memory} for this network: it must not be {asked!r}")
    if wanted is None:
        return max(found, key=lambda plan: plan.samples)
    for plan in found:
        if plan.samples >= wanted:
            depth = plan.depth if plan.kind == "sdram" else wanted * plan.layout.words
            return StorePlan(plan.kind, plan.layout, depth)
    most = max(plan.samples for plan in found)
    raise BephwError(f"board.store_samples must be at most {most} on {where} for this network, not {wanted}")


def has_memory(board: Board, kind: Kind) -> bool:
    """Whether the board has such a memory at all."""
    if kind == "sdram":
        return sdram_resource(board) is not None
    return board.sprams > 0 if kind == "spram" else board.brams > 0


def word_width(kind: Kind, settings: Settings) -> int:
    """Bits in a word of the memory: block RAM is as wide as the sample stream, so that it never holds that up."""
    if kind == "bram":
        wide = (width for width in BRAM_WORDS if width >= settings.hardware.stream_width)
        return next(wide, BRAM_WORDS[-1])
    return SPRAM_WIDTH if kind == "spram" else SDRAM_WORD


def _largest(board: Board, settings: Settings) -> Iterator[StorePlan]:
    """With all that each kind of memory has to give; those that hold no sample are left out."""
    for kind in KINDS:
        layout = record_layout(settings, word_width(kind, settings))
        depth = WORDS[kind](board, settings, layout) if has_memory(board, kind) else 0
        if depth >= layout.words:
            yield StorePlan(kind, layout, depth)


def _block_words(board: Board, settings: Settings, layout: RecordLayout) -> int:
    """Whole block RAMs; where nobody says how many samples there are, a large link comes first."""
    smallest = StorePlan("bram", layout, layout.words)
    labels, _ = smallest.rams(settings, board.family)
    free = board.brams - count_rams(settings, board.family)["block"] - (labels.number if labels.kind == "block" else 0)
    least, largest = (
        link_blocks(settings, board.family, sizes, smallest.description) for sizes in (LEAST_SIZES, LARGEST_SIZES)
    )
    keeps = largest if settings.board.store_samples is None and largest < free else least
    shallowest = min(depth for width, depth in board.bram_shapes)
    for number in range(free - keeps, 0, -1):
        for depth in (number * board.bram_bits // layout.word, number * shallowest):
            found = rams(Memory("samples", layout.word, depth), board.family)
            if found.kind == "block" and found.number <= free - keeps:
                return depth
    return 0


def _single_port_words(board: Board, settings: Settings, layout: RecordLayout) -> int:
    return (board.sprams - count_rams(settings, board.family)["single port"]) * SPRAM_WORDS


def _sdram_words(board: Board, settings: Settings, layout: RecordLayout) -> int:
    chip = settings.board.sdram
    return (4 << chip.row_bits + chip.column_bits) * 16 // layout.word


WORDS = {"bram": _block_words, "spram": _single_port_words, "sdram": _sdram_words}
"""Of the memory that there is of each kind."""
