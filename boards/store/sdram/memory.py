"""A board's SDRAM as a store's memory."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, connect, flipped

from bephw.boards.store.memory_port import MemorySignature
from bephw.boards.store.sdram.clock import SdramClock, sdram_pll
from bephw.boards.store.sdram.controller import SdramController, words_under_way
from bephw.boards.store.sdram.crossing import MemoryCrossing
from bephw.boards.store.sdram.pads import PAD_CYCLES, SdramPads
from bephw.boards.store.sdram.timing import sdram_timing
from bephw.settings import Sdram

__all__ = ["SdramMemory"]

HELD = 32
"""Cycles of the trainer's clock for which a reset lasts here."""


class SdramMemory(wiring.Component):
    """`depth` words of 32 bits in the chip, in runs of `run` words; the chip in a clock domain of its own.

    Args:
        chip: the settings of the chip.
        trainer_mhz: the clock of domain `sync`.

    Raises `BephwError` where there is no clock for the chip.
    """

    def __init__(self, chip: Sdram, trainer_mhz: float, depth: int, run: int) -> None:
        self._plan = sdram_pll(trainer_mhz, chip.clock_mhz)
        self._trainer_mhz = trainer_mhz
        self._timing = sdram_timing(chip, self._plan.clock_mhz)
        self._depth = depth
        self._run = run
        super().__init__({"port": In(MemorySignature(32, depth))})

    def elaborate(self, platform):
        m = Module()
        m.domains += [ClockDomain("sdram"), ClockDomain("store"), ClockDomain("held", reset_less=True)]
        in_domain = DomainRenamer("sdram")
        controller, pads = SdramController(self._timing, self._run, PAD_CYCLES), SdramPads(self._timing.row_bits)
        m.submodules.clock = SdramClock(self._trainer_mhz, self._plan)
        m.submodules.controller = in_domain(controller)
        m.submodules.pads = pads
        reserve = words_under_way(self._timing, PAD_CYCLES)
        m.submodules.crossing = crossing = DomainRenamer({"sync": "store"})(MemoryCrossing(32, self._depth, reserve))
        self._hold_reset(m)
        self._connect(m, crossing.port)
        connect(m, crossing.inner, controller.port)
        connect(m, controller.pins, pads.pins)
        m.d.comb += controller.room.eq(crossing.room)
        return m

    def _hold_reset(self, m):
        """Domain `store` has the clock of `sync`, and a reset that lasts: queues between two clocks need some cycles of
        either until they are empty, and a restart is a single one."""
        left = Signal(range(HELD + 1), init=HELD)
        m.d.comb += [
            ClockSignal("held").eq(ClockSignal("sync")),
            ClockSignal("store").eq(ClockSignal("sync")),
            ResetSignal("store").eq(left != 0),
        ]
        with m.If(ResetSignal("sync")):
            m.d.held += left.eq(HELD)
        with m.Elif(left != 0):
            m.d.held += left.eq(left - 1)

    def _connect(self, m, inner):
        """Nothing is asked of a queue in reset."""
        requests, held = self.port.requests, ResetSignal("store")
        m.d.comb += [
            inner.requests.payload.eq(requests.payload),
            inner.requests.valid.eq(requests.valid & ~held),
            requests.ready.eq(inner.requests.ready & ~held),
        ]
        connect(m, flipped(self.port.written), inner.written)
        connect(m, inner.read, flipped(self.port.read))
