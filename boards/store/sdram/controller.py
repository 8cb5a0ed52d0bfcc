"""Runs of words in an SDRAM chip."""

from __future__ import annotations

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.boards.store.memory_port import MemorySignature
from bephw.boards.store.sdram.countdown import Countdown
from bephw.boards.store.sdram.data_path import DataPath
from bephw.boards.store.sdram.pins import ALL_BANKS, Command, SdramPinsSignature
from bephw.boards.store.sdram.timing import BANK_BITS, SdramTiming

__all__ = ["HALVES", "SdramController", "words_under_way"]

HALVES = 2  # words of the chip in one of ours
REFRESHES = 8  # after power-up


def words_under_way(timing: SdramTiming, pads: int) -> int:
    """Words that may still come when a reader has no more `room`, which he says up to two cycles late."""
    return (timing.capture // 2 + pads + 4) // HALVES + 2


class SdramController(wiring.Component):
    """A chip as a memory of words of 32 bits, the lower half first; runs of `run` words.

    A row is open for a run only: activate, a column a cycle, precharge. So a run takes `HALVES * run` cycles, and
    `rp + rcd` more, or what is missing to `rc`; where a row ends within it, as many again. While a run waits for words,
    or for `room` (of `words_under_way` for words that are read; nobody looks at `read.ready`), the chip is refreshed
    all the same. After a reset the chip is set up anew, and keeps what it has.

    In the chip's mode a command moves one word, and reads take `cas` cycles. `pads` is how many cycles `pins` are away
    from the chip, there and back.
    """

    def __init__(self, timing: SdramTiming, run: int, pads: int = 1) -> None:
        self._timing = timing
        self._run = run
        self._pads = pads
        depth = (1 << timing.address_bits) // HALVES
        super().__init__(
            {
                "port": In(MemorySignature(16 * HALVES, depth)),
                "room": In(1),
                "pins": Out(SdramPinsSignature(timing.row_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.data_path = path = DataPath(self._timing.capture, self._pads)
        position, running, writing = Signal(self._timing.address_bits), Signal(), Signal()
        row_ends, moves, closed = Signal(), Signal(), Signal()
        self._count(m, position, running, writing, row_ends, moves, closed)
        self._connect_data(m, path, position[0], moves, writing)
        may_move = Mux(writing, self.port.written.valid & ~path.coming, self.room)
        due, refreshes = self._time_refreshes(m)
        stops = due | ~running | row_ends
        self._give_commands(m, position, running, writing, due, refreshes, stops, may_move, moves, closed)
        return m

    def _count(self, m, position, running, writing, row_ends, moves, closed):
        """Where a run is. One begins when no row is open."""
        request, left = self.port.requests, Signal(range(HALVES * self._run + 1))
        m.d.comb += request.ready.eq(closed & ~running)
        with m.If(moves):
            last_column = position[: self._timing.column_bits].all()
            m.d.sync += [position.eq(position + 1), left.eq(left - 1), row_ends.eq(last_column)]
            with m.If(left == 1):
                m.d.sync += running.eq(0)
        with m.If(closed):
            m.d.sync += row_ends.eq(0)
        with m.If(request.valid & request.ready):
            m.d.sync += [
                position.eq(Cat(C(0, 1), request.payload.address)),
                writing.eq(request.payload.write),
                left.eq(HALVES * self._run),
                running.eq(1),
            ]

    def _connect_data(self, m, path, second, moves, writing):
        port, pins = self.port, self.pins
        m.d.comb += [
            path.reads.eq(moves & ~writing),
            path.writes.eq(moves & writing),
            path.second.eq(second),
            path.written.eq(port.written.payload),
            path.rising.eq(pins.rising),
            path.falling.eq(pins.falling),
            port.written.ready.eq(path.writes & second),
            port.read.valid.eq(path.arrives),
            port.read.payload.eq(path.word),
            pins.out.eq(path.out),
            pins.drive.eq(path.drive),
        ]

    def _time_refreshes(self, m):
        """Whether a refresh is due, until there is one."""
        time, due, refreshes = Signal(range(self._timing.refresh)), Signal(), Signal()
        m.d.sync += time.eq(Mux(time == 0, self._timing.refresh - 1, time - 1))
        with m.If(refreshes):
            m.d.sync += due.eq(0)
        with m.If(time == 0):
            m.d.sync += due.eq(1)
        return due, refreshes

    def _give_commands(self, m, position, running, writing, due, refreshes, stops, may_move, moves, closed):
        timing, pins = self._timing, self.pins
        column, bank, row = self._divided(position)
        longest = max(timing.power_up, timing.rfc, timing.rp, timing.rcd, timing.mode)
        wait, waited = Signal(range(longest + 1), init=timing.power_up), Signal()
        active, cycle, recovery = self._limits(m, moves & writing)
        count = Signal(range(REFRESHES))
        m.d.sync += pins.command.eq(Command.NOP)
        with m.If(~waited):
            m.d.sync += [wait.eq(wait - 1), waited.eq(wait == 1)]

        def give(command, cycles, address=0):
            m.d.sync += [pins.command.eq(command), pins.address.eq(address), pins.bank.eq(bank), wait.eq(cycles - 1)]
            m.d.sync += waited.eq(cycles == 1)

        with m.FSM() as machine:
            m.d.comb += closed.eq(machine.ongoing("CLOSED"))
            with m.State("POWER_UP"), m.If(waited):
                give(Command.PRECHARGE, timing.rp, ALL_BANKS)
                m.next = "REFRESHES"
            with m.State("REFRESHES"), m.If(waited):
                give(Command.REFRESH, timing.rfc)
                m.d.sync += count.eq(count + 1)
                with m.If(count == REFRESHES - 1):
                    m.next = "MODE"
            with m.State("MODE"), m.If(waited):
                give(Command.MODE, timing.mode, timing.cas << 4)
                m.d.sync += pins.bank.eq(0)
                m.next = "CLOSED"
            with m.State("CLOSED"), m.If(waited & cycle.over):
                with m.If(due):
                    give(Command.REFRESH, timing.rfc)
                    m.d.comb += refreshes.eq(1)
                with m.Elif(running):
                    give(Command.ACTIVATE, timing.rcd, row)
                    m.d.comb += [active.start.eq(1), cycle.start.eq(1)]
                    m.next = "OPEN"
            with m.State("OPEN"), m.If(waited):
                with m.If(~stops), m.If(may_move):
                    give(Mux(writing, Command.WRITE, Command.READ), 1, column)
                    m.d.comb += moves.eq(1)
                with m.Elif(active.over & recovery.over):
                    give(Command.PRECHARGE, timing.rp, ALL_BANKS)
                    m.next = "CLOSED"

    def _limits(self, m, writes):
        """What else must pass: a row's time to stay open, to open the next one, and to keep what was written."""
        timing = self._timing
        m.submodules.active = active = Countdown(timing.ras)
        m.submodules.cycle = cycle = Countdown(timing.rc)
        m.submodules.recovery = recovery = Countdown(timing.wr)
        m.d.comb += recovery.start.eq(writes)
        return active, cycle, recovery

    def _divided(self, position):
        columns = self._timing.column_bits
        return position[:columns], position[columns : columns + BANK_BITS], position[columns + BANK_BITS :]
