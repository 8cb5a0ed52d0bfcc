"""An SDRAM chip of 16 bits in plain Python: it checks every rule of its data sheet, in nanoseconds.

Its clock is the inverse of the controller's. Data stand on the pins for as long as a data sheet says, and are noise at
all other times.
"""

from __future__ import annotations

import random
from collections import Counter

from bephw.boards.store.sdram.pins import ALL_BANKS, Command

ACCESS, HOLD, ROUND_TRIP = 5.4, 2.5, 3.0


class Chip:
    """Speaks to `pins` (`SdramPinsSignature`), and to the data pins `data`, in a simulation whose clock has `period`
    nanoseconds.

    Attributes:
        counts: commands.
        memory: words by (row, bank, column).
    """

    def __init__(self, settings, pins, data, period, power_up_ns=200_000, domain="sync"):
        self.settings, self.pins, self.data, self.period = settings, pins, data, period
        self.power_up_ns, self.domain = power_up_ns, domain
        self.memory, self.counts, self.rng = {}, Counter(), random.Random(1)
        self.open = {}  # bank: row
        self.last = {}  # (event, bank): when
        self.now = 0.0
        self.mode = None
        self.refreshed = []
        self.latest = {}  # chip edge at which a word leaves: the word

    def rule(self, holds, what):
        assert holds, f"at {self.now:.1f} ns: {what}"

    def since(self, event, bank, nanoseconds):
        at = self.last.get((event, bank))
        self.rule(at is None or self.now - at >= nanoseconds - 1e-6, f"{event} is {nanoseconds} ns ago at least")

    def every_bank(self, event, nanoseconds):
        for bank in range(4):
            self.since(event, bank, nanoseconds)

    def note(self, event, banks=range(4)):
        for bank in banks:
            self.last[event, bank] = self.now

    # -- the simulation -------------------------------------------------------------------------

    def attach(self, bench):
        """Two processes: one takes commands, one moves the data pins."""
        bench.process(self._take)
        bench.process(self._change)

    async def _take(self, ctx):
        edge = 0
        while True:
            await ctx.tick(self.domain)
            await ctx.delay(self.period / 2 * 1e-9)
            edge += 1
            self.now = (edge + 0.5) * self.period
            pins = self.pins
            command = Command(ctx.get(pins.command))
            self.act(edge, command, ctx.get(pins.bank), ctx.get(pins.address), ctx.get(pins.out), ctx.get(pins.drive))

    async def _change(self, ctx):
        """At each of the chip's edges: what it showed is gone HOLD later, what it shows next stands ACCESS later."""
        edge = 0
        while True:
            await ctx.tick(self.domain)
            edge += 1
            begin = self.period / 2 + ROUND_TRIP
            offset_hold, offset_access = begin + HOLD, begin + ACCESS
            self.latest = {at: word for at, word in self.latest.items() if at > edge - 20}
            # Both lie up to two cycles ahead: what falls into this one is of earlier edges.
            events = sorted(
                (at - lag * self.period, lag, kind)
                for kind, at in (("noise", offset_hold), ("data", offset_access))
                for lag in (int(at // self.period),)
            )
            passed = 0.0
            for at, lag, kind in events:
                await ctx.delay(max(at - passed, 0) * 1e-9)
                passed = at
                word = self.latest.get(edge - lag)
                ctx.set(self.data, self.rng.getrandbits(16) if kind == "noise" or word is None else word)

    # -- the data sheet -------------------------------------------------------------------------

    def act(self, edge, command, bank, address, out, drive):
        settings = self.settings
        self.counts[command] += 1
        reading = any(edge - 1 <= at <= edge for at in self.latest)
        self.rule(not (drive and reading), "both drive the data pins")
        self.rule(drive == (command == Command.WRITE), "data are on the pins with the write, and only then")
        if command == Command.NOP:
            return
        self.rule(self.now >= self.power_up_ns, "no command before power-up is over")
        self.every_bank("refresh", settings.t_rfc)
        self.since("mode", 0, 2 * self.period)
        if command == Command.PRECHARGE:
            banks = range(4) if address & ALL_BANKS else [bank]
            for each in banks:
                if each in self.open:
                    self.since("activate", each, settings.t_ras)
                    self.since("write", each, settings.t_wr)
            self.note("precharge", banks)
            for each in banks:
                self.open.pop(each, None)
        elif command == Command.REFRESH:
            self.rule(not self.open, "a refresh finds all rows closed")
            self.every_bank("precharge", settings.t_rp)
            self.every_bank("activate", settings.t_rc)
            self.note("refresh")
            self.refreshed.append(self.now)
        elif command == Command.MODE:
            self.rule(not self.open and len(self.refreshed) >= 2, "the mode is set after refreshes")
            self.every_bank("precharge", settings.t_rp)
            self.rule(address == settings.cas << 4 and bank == 0, "burst of one, sequential, this latency")
            self.mode = address
            self.note("mode", [0])
        elif command == Command.ACTIVATE:
            self.rule(self.mode is not None, "the mode is set first")
            self.rule(bank not in self.open, "the bank is closed")
            self.since("precharge", bank, settings.t_rp)
            self.since("activate", bank, settings.t_rc)
            self.open[bank] = address
            self.note("activate", [bank])
        else:
            self.rule(bank in self.open, "the bank is open")
            self.since("activate", bank, settings.t_rcd)
            self.rule(address >> settings.column_bits == 0, "a column, without auto-precharge")
            place = (self.open[bank], bank, address)
            if command == Command.WRITE:
                self.memory[place] = out
                self.note("write", [bank])
            else:
                self.latest[edge + settings.cas - 1] = self.memory.get(place, 0xDEAD)

    def check_refreshes(self, microseconds):
        """As many as the time asks for, and no two further apart than two of them should be."""
        gaps = [b - a for a, b in zip(self.refreshed[8:], self.refreshed[9:], strict=False)]
        assert gaps and max(gaps) <= 2 * microseconds * 1000
        assert sum(gaps) <= (len(gaps) + 1) * microseconds * 1000  # one may be late, but never more and more
