"""A serial port, as pyserial has it, into Amaranth's simulator: whoever reads or waits lets time pass there."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect
from amaranth.sim import Simulator

from bephw.boards.link.bridge import UartBridge

CLOCK = 1e-6


class Wired(wiring.Component):
    """A trainer and its bridge, which resets both."""

    receive: In(1, init=1)
    transmit: Out(1, init=1)

    def __init__(self, settings, sizes, clocks, trainer):
        super().__init__()
        self.settings, self.sizes, self.clocks, self.trainer = settings, sizes, clocks, trainer
        self.sync = ClockDomain("sync")

    def elaborate(self, platform):
        m = Module()
        m.domains += self.sync
        m.submodules.trainer = trainer = self.trainer
        m.submodules.bridge = bridge = UartBridge(self.settings, self.sizes, self.clocks)
        for name in ("samples", "csr", "load"):
            connect(m, getattr(bridge, name), getattr(trainer, name))
        for name in ("predictions", "dump"):
            connect(m, getattr(trainer, name), getattr(bridge, name))
        m.d.comb += [
            ResetSignal().eq(bridge.restart),
            bridge.receive.eq(self.receive),
            self.transmit.eq(bridge.transmit),
        ]
        return m


class SimulatedPort:
    """`damage_sent` and `damage_received` change bytes on their way, a call at a time."""

    def __init__(self, wired, *, damage_sent=bytes, damage_received=bytes, latency=0.0):
        self._wired, self._bit = wired, wired.clocks * CLOCK
        self._damage_sent, self._damage_received = damage_sent, damage_received
        self._latency = latency
        self._going, self._came = bytearray(), []
        self.time = 0.0
        self.sent = self.received = 0
        self._simulator = Simulator(wired)
        self._simulator.add_clock(CLOCK, domain="sync")
        self._simulator.add_testbench(self._send, background=True)
        self._simulator.add_testbench(self._listen, background=True)

    def clock(self):
        return self.time

    def read(self):
        patience = self.time + 0.002
        while not self._waiting and self.time < patience:
            self._pass(10 * self._bit)
        size = self._waiting
        came = bytes(byte for _, byte in self._came[:size])
        del self._came[:size]
        return self._damage_received(came)

    @property
    def _waiting(self):
        return sum(at <= self.time for at, _ in self._came)

    def write(self, data):
        self.sent += len(data)
        self._going += self._damage_sent(bytes(data))

    def close(self):
        pass

    def _pass(self, seconds):
        self.time += seconds
        self._simulator.run_until(self.time)

    async def _send(self, ctx):
        while True:
            if not self._going:
                await ctx.delay(10 * self._bit)
                continue
            byte = self._going.pop(0)
            for level in (0, *(byte >> index & 1 for index in range(8)), 1):
                ctx.set(self._wired.receive, level)
                await ctx.delay(self._bit)

    async def _listen(self, ctx):
        while True:
            if ctx.get(self._wired.transmit):
                await ctx.negedge(self._wired.transmit)
            await ctx.delay(1.5 * self._bit)
            byte = 0
            for index in range(8):
                byte |= ctx.get(self._wired.transmit) << index
                await ctx.delay(self._bit)
            self.received += 1
            self._came.append((self.time + self._latency, byte))
            if not ctx.get(self._wired.transmit):
                await ctx.posedge(self._wired.transmit)
