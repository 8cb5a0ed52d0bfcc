"""Whether a network can fit a board at all: counted before any tool runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bephw.boards.definition import Board
from bephw.boards.protocol import receive_bytes
from bephw.errors import BephwError
from bephw.rtl_gen.storage import piece_widths
from bephw.rtl_gen.thresholds import threshold_width
from bephw.settings import Settings
from bephw.shape import ceil_div

__all__ = ["Needs", "blocks", "check_fit", "least_needs"]

# XNOR and popcount, the best that was measured with open tools; control and update logic come on top.
LUTS_PER_LANE = 2.5
SPRAM_WIDTH, SPRAM_DEPTH = 16, 2**14


@dataclass(frozen=True)
class Needs:
    """What a trainer surely needs: a lower bound, not an estimate."""

    luts: int
    brams: int
    sprams: int


def blocks(board: Board, width: int, depth: int) -> int:
    """Block RAMs for a memory with one write and one read port; 0 where it is so shallow that it takes none.

    Yosys uses one shape throughout, or mixes them where that saves some; each block gives a part of every word.
    """
    if depth < board.shallowest_bram:
        return 0
    widest = max(wide for wide, _ in board.bram_shapes)
    smallest = min(wide * deep for wide, deep in board.bram_shapes)
    mixed = max(ceil_div(width * depth, smallest), ceil_div(width, widest))
    return min(mixed, *(ceil_div(width, wide) * ceil_div(depth, deep) for wide, deep in board.bram_shapes))


def _fixed_blocks(board: Board, width: int, depth: int) -> int:
    """The same for a memory that is only read: Yosys takes LUTs where it is small for the blocks it would fill, under
    1,024 bits a block on iCE40, 2,048 on ECP5.
    """
    count = blocks(board, width, depth)
    return count if width * depth > 2048 * count else 0


def least_needs(board: Board, settings: Settings) -> Needs:
    """Counters, both copies of the visible weights (once more where errors pass back through them), receive buffer;
    thresholds of neurons, where there are any.
    """
    brams = sum(blocks(board, width, depth) for width, depth in _planes(settings))
    brams += blocks(board, 8, receive_bytes(settings))
    if settings.network.thresholds:
        brams += sum(
            _fixed_blocks(board, shape.rows * threshold_width(shape), shape.groups) for shape in settings.shapes
        )
    sprams = 0
    for shape, single_port in zip(settings.shapes, settings.single_ports, strict=True):
        width, depth = shape.update_columns * settings.learning.bits, shape.counter_words
        if single_port:
            sprams += ceil_div(width, SPRAM_WIDTH) * ceil_div(depth, SPRAM_DEPTH)
        else:
            brams += sum(blocks(board, piece, depth) for piece in piece_widths(width, depth, board.family))
    return Needs(luts=int(LUTS_PER_LANE * settings.lanes), brams=brams, sprams=sprams)


def check_fit(board: Board, settings: Settings) -> None:
    """Raise `BephwError` where the trainer cannot fit, naming what is needed and what there is."""
    needs = least_needs(board, settings)
    where = f"{board.name} ({board.device})"
    if needs.sprams and not board.sprams:
        raise BephwError(f"hardware.counter_memory: {where} has no single-port RAM: it must be 'bram', not 'spram'")
    if needs.sprams > board.sprams:
        raise BephwError(
            f"network.sizes: the counters need {needs.sprams} single-port RAMs and {where} has {board.sprams}: "
            "make layers smaller or lower learning.bits or hardware.update_columns"
        )
    if needs.brams > board.brams:
        hint = ", or set hardware.counter_memory to 'spram'" if board.sprams and not needs.sprams else ""
        raise BephwError(
            f"network.sizes: the trainer needs at least {needs.brams} block RAMs and {where} has {board.brams}: "
            f"make layers smaller or lower learning.bits{hint}"
        )
    if needs.luts > board.luts:
        raise BephwError(
            f"hardware.rows and hardware.columns: {settings.lanes} lanes need at least {needs.luts} LUTs and {where} "
            f"has {board.luts}: fold more"
        )


def _planes(settings: Settings) -> Iterator[tuple[int, int]]:
    """Width and depth of every memory of visible weights."""
    for shape in settings.shapes:
        readers = 2 if shape.index > 0 else 1
        for _ in range(shape.rows * readers):
            yield shape.columns, 2 * shape.groups * shape.words
