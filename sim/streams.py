"""Both ends of a valid/ready stream, and cycles of the clock.

Time discipline of the whole bench: inputs of the design change just after a rising edge, outputs are sampled at the
falling edge, when they have settled with the inputs that the next rising edge will see. Event-driven and cycle-based
simulators agree on that (at a rising edge Verilator shows a register's new value, Icarus its old one), and nothing is
assumed about paths from inputs to outputs. Every coroutine here starts and ends just after a rising edge.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge

from bephw.sim.port_value import unsigned
from bephw.sim.ports import StreamPorts

__all__ = ["Beats", "Cycles", "StreamDriver", "StreamMonitor"]


class Beats:
    """Number of beats that all streams have moved: what the watchdog and the progress report look at."""

    def __init__(self) -> None:
        self.count = 0


class Cycles:
    """The clock, as things to await. Runs inside the simulator: cycles nobody waits for cost no Python."""

    PERIOD_NS = 2

    def __init__(self, clk: Any) -> None:
        self._clock = Clock(clk, self.PERIOD_NS, unit="ns", impl="gpi")
        self.rising = RisingEdge(clk)
        self.falling = FallingEdge(clk)

    def start(self) -> None:
        # Low first: an edge at time 0 would come before the bench's first values, and leave unknown bits behind.
        self._clock.start(start_high=False)

    async def pass_by(self, count: int) -> None:
        """Until `count` rising edges later; one wake-up whatever `count` is."""
        await self._clock.cycles(count)


class _Stalling:
    """A biased coin for each cycle."""

    def __init__(self, chance: float, seed: str) -> None:
        self._chance = chance
        self._random = random.Random(seed)

    def __bool__(self) -> bool:
        return self._chance > 0 and self._random.random() < self._chance

    @property
    def possible(self) -> bool:
        return self._chance > 0


class StreamDriver:
    """Drives a stream's valid and payload.

    Args:
        ports: of the stream.
        name: of the stream, which the stalls depend on.
        cycles: its clock.
        beats: counts accepted beats.
        stall: chance, in each cycle, to offer nothing although there is something.
        seed: of the stalls.
    """

    def __init__(
        self, ports: StreamPorts, name: str, cycles: Cycles, beats: Beats, stall: float = 0.0, seed: int = 0
    ) -> None:
        self._valid, self._ready, self._payload = ports.valid, ports.ready, ports.payload
        self._ready_rises = RisingEdge(self._ready)
        self._cycles = cycles
        self._beats = beats
        self._stalling = _Stalling(stall, f"{name} {seed}")
        self.quiet()

    def quiet(self) -> None:
        """Offer nothing; also after `send` was cancelled."""
        self._valid.value = 0

    async def send(self, payloads: Iterable[int]) -> None:
        """Returns when the last one has been accepted."""
        for payload in payloads:
            while self._stalling:
                self._valid.value = 0
                await self._cycles.rising
            self._payload.set(payload)
            self._valid.value = 1
            await self._accepted()
            self._beats.count += 1
        self._valid.value = 0

    async def _accepted(self) -> None:
        await self._cycles.falling
        while not unsigned(self._ready):
            await self._ready_rises
            await self._cycles.falling
        await self._cycles.rising


class StreamMonitor:
    """Takes beats of a stream by driving its ready.

    Arguments are those of `StreamDriver`; here `stall` is the chance of not being ready.
    """

    def __init__(
        self, ports: StreamPorts, name: str, cycles: Cycles, beats: Beats, stall: float = 0.0, seed: int = 0
    ) -> None:
        self._valid, self._ready, self._payload = ports.valid, ports.ready, ports.payload
        self._valid_rises = RisingEdge(self._valid)
        self._cycles = cycles
        self._beats = beats
        self._stalling = _Stalling(stall, f"{name} {seed}")
        self.quiet()

    def quiet(self) -> None:
        """Take nothing; also after `receive` was cancelled."""
        self._ready.value = 0

    async def receive(self, count: int, into: list[int]) -> None:
        """Append the next `count` payloads to `into`."""
        take = self._take_with_stalls if self._stalling.possible else self._take
        if count:
            await take(count, into)
        self._ready.value = 0

    async def _take(self, count: int, into: list[int]) -> None:
        self._ready.value = 1
        while count:
            await self._cycles.falling
            while not unsigned(self._valid):
                await self._valid_rises
                await self._cycles.falling
            self._keep(into)
            count -= 1
        await self._cycles.rising

    async def _take_with_stalls(self, count: int, into: list[int]) -> None:
        while count:
            ready = not self._stalling
            self._ready.value = int(ready)
            await self._cycles.falling
            if ready and unsigned(self._valid):
                self._keep(into)
                count -= 1
            await self._cycles.rising

    def _keep(self, into: list[int]) -> None:
        into.append(self._payload.get())
        self._beats.count += 1
