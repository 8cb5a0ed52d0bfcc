"""Amaranth's simulator for the components of rtl_gen, with agents that act once a clock cycle.

Every agent sees values as they were just before a clock edge and sets inputs just after it, as registers would.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest
from amaranth.hdl import ClockDomain, Module
from amaranth.lib import data
from amaranth.sim import Simulator


def plain(value):
    """Records become dictionaries, arrays lists, numbers stay."""
    if not isinstance(value, data.Const):
        return value
    layout = value.shape()
    if isinstance(layout, data.ArrayLayout):
        return [plain(value[index]) for index in range(layout.length)]
    return {name: plain(value[name]) for name, _ in layout}


class Source:
    """Sends beats; `taken` lists the cycles in which they were taken, so far."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.exhausted = False


class Sink:
    """Receives beats; `cycles` lists when."""

    def __init__(self) -> None:
        self.beats: list = []
        self.cycles: list[int] = []


class FlowSource:
    """Starts samples and sends their beats; `starts` and `sent` list the cycles in which it did, so far."""

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.starts: list[int] = []
        self.sent: list[int] = []
        self.complete = 0  # samples

    @property
    def exhausted(self) -> bool:
        return self.complete == self.samples


class FlowSink:
    """Takes samples; `starts` and `cycles` list when they were started and when their beats came, so far."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.beats: list = []
        self.cycles: list[int] = []
        self.complete = 0  # samples

    @property
    def incomplete(self) -> int:
        """Samples started whose last beat has not come."""
        return len(self.starts) - self.complete


class Bench:
    """One component under test. `cycle` is the number of the cycle that the agents have just seen."""

    def __init__(self, dut, seed: int = 0, *, period: float = 1e-6) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.cycle = 0
        self._initial: list[tuple] = []
        self._simulator = Simulator(dut)
        self._simulator.add_clock(period)
        self._simulator.add_testbench(self._initialise)

    async def _initialise(self, ctx):
        for signal, value in self._initial:
            ctx.set(signal, value)

    def set(self, signal, value) -> None:
        """Drive an input from before the first clock edge on."""
        self._initial.append((signal, value))

    async def wait(self, ctx, cycles: int) -> None:
        """Let clock edges pass."""
        for _ in range(cycles):
            await ctx.tick()

    async def wait_for(self, ctx, signal, *, limit: int = 5_000) -> None:
        """Let clock edges pass until one at which `signal` was high."""
        for _ in range(limit):
            _, _, high = await ctx.tick().sample(signal)
            if high:
                return
        raise AssertionError(f"{signal.name} did not rise within {limit} cycles")

    def watch(self, signals: Iterable, act: Callable) -> None:
        """Call `act` with the values of `signals` at every clock edge; it returns (signal, value) pairs to set."""

        async def process(ctx):
            async for _, _, *values in ctx.tick().sample(*signals):
                for signal, value in act(*map(plain, values)) or ():
                    ctx.set(signal, value)

        self._simulator.add_testbench(process, background=True)

    def process(self, function) -> None:
        """Run an agent that awaits clock edges itself."""
        self._simulator.add_testbench(function, background=True)

    def source(self, stream, beats: Iterable, stall: float = 0.0, *, when: Callable[[], bool] | None = None) -> Source:
        """Send `beats`, with pauses of probability `stall` a cycle, and while `when` does not hold."""
        source = Source()

        async def process(ctx):
            iterator = iter(beats)
            while True:
                while (when and not when()) or self.random.random() < stall:
                    await ctx.tick()
                beat = next(iterator, None)
                if beat is None:
                    break
                ctx.set(stream.payload, beat)
                ctx.set(stream.valid, 1)
                ready = 0
                while not ready:
                    _, _, ready = await ctx.tick().sample(stream.ready)
                source.taken.append(self.cycle)
                ctx.set(stream.valid, 0)
            source.exhausted = True

        self.process(process)
        return source

    def sink(self, stream, stall: float | Callable[[], float] = 0.0) -> Sink:
        """Take beats, with pauses, and check the stream's contract.

        Once `valid` is high it stays high and the payload stays what it is until `ready`; and neither answers to
        `ready` within the cycle.
        """
        sink = Sink()

        async def process(ctx):
            held = None
            while True:
                ready = self.random.random() >= (stall() if callable(stall) else stall)
                ctx.set(stream.ready, not ready)
                before = ctx.get(stream.valid), plain(ctx.get(stream.payload))
                ctx.set(stream.ready, ready)
                after = ctx.get(stream.valid), plain(ctx.get(stream.payload))
                assert before == after, "valid or payload depends on ready in the same cycle"
                _, _, valid, payload = await ctx.tick().sample(stream.valid, stream.payload)
                payload = plain(payload)
                assert held is None or valid, "valid fell before the beat was taken"
                assert held is None or payload == held, "the payload changed before the beat was taken"
                held = payload if valid and not ready else None
                if valid and ready:
                    sink.beats.append(payload)
                    sink.cycles.append(self.cycle)

        self.process(process)
        return sink

    def flow_source(
        self,
        flow,
        samples: Iterable[list],
        *,
        reluctance: float = 0.0,
        pause: float = 0.0,
        ahead: int = 3,
        when: Callable[[], bool] | None = None,
    ) -> FlowSource:
        """Send samples (lists of beats) into a `SampleFlowSignature`, starting them where there is room.

        A sample's start may be before its first beat, even before the beats of up to `ahead` other samples: with
        probability `reluctance` it is not made in a cycle in which it might be. `pause` is the probability of a cycle
        without a beat; then the payload is noise. `when` has to hold at a start.
        """
        samples = list(samples)
        source = FlowSource(len(samples))
        payload = flow.payload.as_value()

        async def process(ctx):
            beat = 0
            while not source.exhausted:
                room, started = ctx.get(flow.room), len(source.starts)
                may = started < len(samples) and started - source.complete <= ahead and (not when or when())
                start = bool(room and may and self.random.random() >= reluctance)
                ctx.set(flow.start, start)
                assert ctx.get(flow.room) == room, "room depends on start in the same cycle"
                if start:
                    source.starts.append(self.cycle)
                sending = source.complete < len(source.starts) and self.random.random() >= pause
                ctx.set(flow.valid, sending)
                ctx.set(payload, self.random.getrandbits(len(payload)))
                if sending:
                    beats = samples[source.complete]
                    ctx.set(flow.payload, beats[beat])
                    source.sent.append(self.cycle)
                    beat += 1
                    if beat == len(beats):
                        beat, source.complete = 0, source.complete + 1
                await ctx.tick()
            ctx.set(flow.start, 0)
            ctx.set(flow.valid, 0)

        self.process(process)
        return source

    def flow_sink(self, flow, *, stall: float = 0.0, room: Callable[[FlowSink], bool] | None = None) -> FlowSink:
        """Take samples from a `SampleFlowSignature`, one at a time where `room` says so, and check its contract.

        Samples are started only where there is room, and no beat comes before its sample is started. A beat is the last
        of its sample if its field `last` says so.
        """
        sink = FlowSink()
        makes_room = room or (lambda sink: True)

        def act(room, start, valid, payload):
            assert room or not start, "a sample was started where there was no room"
            if start:
                sink.starts.append(self.cycle)
            if valid:
                assert sink.incomplete > 0, "a beat of a sample that was not started"
                sink.beats.append(payload)
                sink.cycles.append(self.cycle)
                sink.complete += payload["last"]
            kept = room and not start  # room that is there stays until it is taken
            return [(flow.room, kept or (makes_room(sink) and self.random.random() >= stall))]

        self.watch([flow.room, flow.start, flow.valid, flow.payload], act)
        return sink

    def memory(self, reader, records: list) -> list[int]:
        """Answer a reader: `data` follows `index` by a cycle where `read` is high, `done` goes on to the next record.

        Returns a list of one number: how many records are done.
        """
        done = [0]

        def answer(index, read, next_record):
            record = records[min(done[0], len(records) - 1)]
            done[0] += next_record
            return [(reader.data, record[index])] if read else []

        self.watch([reader.index, reader.read, reader.done], answer)
        return done

    def run(self, until: Callable[[], bool] | int, *, limit: int = 20_000, rest: int = 0) -> None:
        """Simulate until the condition holds, or for a number of cycles, and `rest` cycles more."""

        async def main(ctx):
            while not (self.cycle >= until if isinstance(until, int) else until()):
                await ctx.tick()
                self.cycle += 1
                assert self.cycle < limit, f"not finished after {limit} cycles"
            for _ in range(rest):
                await ctx.tick()
                self.cycle += 1

        self._simulator.add_testbench(main)
        self._simulator.run()

    def script(self, function) -> None:
        """Simulate until an agent that awaits clock edges itself has ended."""
        self._simulator.add_testbench(function)
        self._simulator.run()


@pytest.fixture
def bench() -> type[Bench]:
    """`bench(component, seed)`: a simulation."""
    return Bench


@pytest.fixture
def clocked() -> Callable[..., Module]:
    """`bench(clocked(component))`: of a component without a register, which has no clock of its own."""

    def clocked(dut):
        m = Module()
        m.domains.sync = ClockDomain()
        m.submodules += dut
        return m

    return clocked
