"""A store, if there is one, between a link and a trainer."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib.wiring import Component, connect

from bephw.boards.store.on_chip import OnChipMemory
from bephw.boards.store.plan import StorePlan
from bephw.boards.store.sdram.memory import SdramMemory
from bephw.boards.store.store import SampleStore
from bephw.settings import Settings

__all__ = ["attach_store"]


def attach_store(
    m: Module, link: Component, trainer: Component, plan: StorePlan | None, settings: Settings, clock_mhz: float
) -> None:
    """Connect samples, predictions and registers: through a store as planned, or straight. The clock is the trainer's.

    Raises `BephwError` where there is no clock for the store's memory.
    """
    if plan is None:
        for name in ("samples", "csr"):
            connect(m, getattr(link, name), getattr(trainer, name))
        connect(m, trainer.predictions, link.predictions)
        return
    m.submodules.store = store = SampleStore(settings, plan.layout, plan.depth)
    m.submodules.store_memory = memory = _memory(plan, settings, clock_mhz)
    connect(m, store.memory, memory.port)
    for name in ("samples", "csr"):
        connect(m, getattr(link, name), getattr(store, name))
    connect(m, store.predictions, link.predictions)
    connect(m, store.feed, trainer.samples)
    connect(m, store.registers, trainer.csr)
    connect(m, trainer.predictions, store.results)


def _memory(plan: StorePlan, settings: Settings, clock_mhz: float) -> Component:
    layout = plan.layout
    if plan.kind == "sdram":
        return SdramMemory(settings.board.sdram, clock_mhz, plan.depth, layout.words)
    return OnChipMemory(layout.word, plan.depth, layout.words, single_port=plan.kind == "spram")
