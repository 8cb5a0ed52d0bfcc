"""Whether a network can fit a board at all: counted before any tool runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bephw.boards.bitstream.link_blocks import link_blocks
from bephw.boards.bitstream.memories import count_rams
from bephw.boards.definition import Board
from bephw.boards.link.sizes import LARGEST_SIZES, LEAST_SIZES, LinkSizes
from bephw.boards.store.needs import least_store_needs, store_blocks
from bephw.boards.store.plan import plan_store
from bephw.errors import BephwError
from bephw.settings import Settings

__all__ = ["Needs", "check_fit", "identity_in_luts", "least_needs", "link_blocks", "link_sizes"]

# XNOR and popcount alone; control and update logic come on top.
LUTS_PER_LANE = 1.0


@dataclass(frozen=True)
class Needs:
    """What a trainer and its board surely need: block RAMs exactly, of LUTs a lower bound."""

    luts: int
    brams: int
    sprams: int


def least_needs(board: Board, settings: Settings) -> Needs:
    """All memories as synthesis builds them (boards/bitstream/memories.py), and the least that link and store take."""
    counts = count_rams(settings, board.family)
    store = least_store_needs(board, settings)
    return Needs(
        luts=int(LUTS_PER_LANE * settings.lanes) + store.luts // 2,  # an estimate, which a bound must not be above
        brams=counts["block"] + _least_link(board, settings, counts["block"] + store.brams) + store.brams,
        sprams=counts["single port"] + store.sprams,
    )


def link_sizes(board: Board, settings: Settings) -> LinkSizes:
    """As large as block RAMs are left for: first what is kept of the replies, then the window.

    Raises `BephwError` where the board has no store as the settings ask for.
    """
    description, free = _store_and_rest(board, settings)
    in_luts = identity_in_luts(board, settings)
    found = LEAST_SIZES
    for name in ("replies", "window"):
        while (size := getattr(found, name)) < getattr(LARGEST_SIZES, name):
            larger = replace(found, **{name: 2 * size})
            if link_blocks(settings, board.family, larger, description, identity_in_luts=in_luts) > free:
                break
            found = larger
    return found


def identity_in_luts(board: Board, settings: Settings) -> bool:
    """Whether no block RAM is left for the link's identity block, of which it is easily spared.

    Raises `BephwError` where the board has no store as the settings ask for.
    """
    description, free = _store_and_rest(board, settings)
    return link_blocks(settings, board.family, store=description) > free


def _store_and_rest(board: Board, settings: Settings) -> tuple[list[str | int] | None, int]:
    """How the store describes itself, if there is one, and how many block RAMs it and the trainer leave."""
    store = plan_store(board, settings)
    blocks = count_rams(settings, board.family)["block"] + store_blocks(store, settings, board.family)
    return None if store is None else store.description, board.brams - blocks


def _least_link(board: Board, settings: Settings, others: int) -> int:
    """Block RAMs that the link takes where so many are taken."""
    try:
        store = plan_store(board, settings)
    except BephwError:  # Without a store there is nothing to describe; that it is missing is told where it is built.
        store = None
    described = link_blocks(settings, board.family, store=None if store is None else store.description)
    if others + described <= board.brams:
        return described
    return link_blocks(settings, board.family, identity_in_luts=True)


def check_fit(board: Board, settings: Settings) -> None:
    """Raise `BephwError` where trainer and store cannot fit, naming what is needed and what there is."""
    if settings.learning.algorithm == "logic":
        return  # There is no trainer, and what its gates take only synthesis knows.
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
        if least_needs(board, settings.replace({"hardware.sample_memory": "auto"})).brams <= board.brams:
            hint = ", or set hardware.sample_memory to 'auto'"
        raise BephwError(
            f"network.sizes: the trainer needs {needs.brams} block RAMs and {where} has {board.brams}: "
            f"make layers smaller or lower learning.bits{hint}"
        )
    if needs.luts > board.luts:
        raise BephwError(
            f"hardware.rows and hardware.columns: {settings.lanes} lanes need at least {needs.luts} LUTs and {where} "
            f"has {board.luts}: fold more"
        )
    plan_store(board, settings)
