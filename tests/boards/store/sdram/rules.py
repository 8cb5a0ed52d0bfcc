"""The rules between an SDRAM's commands as assertions, for a solver: written from the data sheet, in cycles."""

from amaranth.hdl import Assert, Elaboratable, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from bephw.boards.store.sdram.controller import SdramController
from bephw.boards.store.sdram.pins import ALL_BANKS, Command, SdramPinsSignature

LONGEST = 127


class Rules(wiring.Component):
    """What must hold on `pins`, by `timing`."""

    def __init__(self, timing):
        self.timing = timing
        super().__init__({"pins": In(SdramPinsSignature(timing.row_bits))})

    def elaborate(self, platform):
        m = Module()
        pins, timing = self.pins, self.timing
        given = {command: pins.command == command for command in Command}
        # Cycles since a command; as if all had been long ago at the start.
        since = {command: Signal(range(LONGEST + 1), init=LONGEST, name=f"since_{command.name}") for command in Command}
        for command, age in since.items():
            m.d.sync += age.eq(Mux(given[command], 1, Mux(age == LONGEST, age, age + 1)))
        opened, bank, mode, refreshes = Signal(), Signal(2), Signal(), Signal(2)
        with m.If(given[Command.ACTIVATE]):
            m.d.sync += [opened.eq(1), bank.eq(pins.bank)]
        with m.If(given[Command.PRECHARGE]):
            m.d.sync += opened.eq(0)
        with m.If(given[Command.MODE]):
            m.d.sync += mode.eq(1)
        with m.If(given[Command.REFRESH] & (refreshes != 3)):
            m.d.sync += refreshes.eq(refreshes + 1)

        def rule(command, *conditions):
            with m.If(given[command]):
                for condition in conditions:
                    m.d.comb += Assert(condition)

        moves = opened & (bank == pins.bank) & (since[Command.ACTIVATE] >= timing.rcd)
        closed = ~opened & (since[Command.PRECHARGE] >= timing.rp) & (since[Command.ACTIVATE] >= timing.rc)
        rule(Command.ACTIVATE, closed, mode)
        rule(Command.REFRESH, closed)
        rule(Command.MODE, closed, refreshes >= 2)
        rule(Command.READ, moves, pins.address < 1 << timing.column_bits)
        rule(Command.WRITE, moves, pins.address < 1 << timing.column_bits, since[Command.READ] > timing.cas)
        rule(
            Command.PRECHARGE,
            (pins.address & ALL_BANKS) != 0,
            ~opened | (since[Command.ACTIVATE] >= timing.ras),
            since[Command.WRITE] >= timing.wr,
        )
        with m.If(~given[Command.NOP]):
            m.d.comb += [
                Assert(since[Command.REFRESH] >= timing.rfc),
                Assert(since[Command.MODE] >= timing.mode),
            ]
        m.d.comb += Assert(pins.drive == given[Command.WRITE])
        with m.If(mode):
            m.d.comb += Assert(since[Command.REFRESH] <= 2 * timing.refresh)
        return m


class Ruled(Elaboratable):
    """A controller for `timing` by the rules of `rules`. What the solver may choose: requests, words, room."""

    def __init__(self, timing, rules, run):
        self.controller, self.rules = SdramController(timing, run), Rules(rules)
        port = self.controller.port
        self.free = [port.requests.valid, port.requests.payload, port.written.valid, self.controller.room]

    def elaborate(self, platform):
        m = Module()
        m.submodules.controller, m.submodules.rules = self.controller, self.rules
        for name in ("command", "bank", "address", "drive"):
            m.d.comb += getattr(self.rules.pins, name).eq(getattr(self.controller.pins, name))
        return m
