"""Registers on AXI4-Lite, with every channel held back as it likes. The sinks check the rules of valid and ready."""

import itertools
from types import SimpleNamespace

import pytest
from amaranth.hdl import Cat

from bephw.rtl_gen.buses.axi4_lite import Axi4LiteRegisters, Axi4LiteSignature, Response
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY


class Setup:
    def __init__(self, bench, device, seed=0):
        self.device = device(Axi4LiteRegisters, Axi4LiteSignature)
        bus = self.bus = self.device.bus
        self.bench = bench(self.device, seed)
        self.aw = _channel(bus.awaddr, bus.awvalid, bus.awready)
        self.w = _channel(Cat(bus.wdata, bus.wstrb), bus.wvalid, bus.wready)
        self.b = _channel(bus.bresp, bus.bvalid, bus.bready)
        self.ar = _channel(bus.araddr, bus.arvalid, bus.arready)
        self.r = _channel(Cat(bus.rdata, bus.rresp), bus.rvalid, bus.rready)
        self.acts = []
        self.bench.watch([self.device.acted, self.device.value], self._note)

    def _note(self, acted, value):
        if acted:
            self.acts.append(value)


def _channel(payload, valid, ready):
    return SimpleNamespace(payload=payload, valid=valid, ready=ready)


def response(error):
    return Response.SLVERR if error else Response.OKAY


STALLS = list(itertools.product([0.0, 0.6], repeat=5))


@pytest.mark.parametrize("stalls", [*STALLS[::9], STALLS[-1]])
def test_accesses_one_after_another(bench, device, plain_registers, accesses, stalls):
    """Reads see the writes before them; low bits of addresses mean nothing; other addresses are errors."""
    setup = Setup(bench, device, seed=7)
    random, aw, w, b, ar, r = setup.bench.random, *stalls
    todo = list(accesses(random, 150))
    writes = [(address, data, strobe) for write, address, data, strobe in todo if write]
    reads = [address for write, address, *_ in todo if not write]
    answers, values = setup.bench.sink(setup.b, b), setup.bench.sink(setup.r, r)

    def turn(kind, started):
        """Whether the next access of all is of that kind, and has not been started."""

        def may():
            written, read = len(answers.beats), len(values.beats)
            following = todo[written + read][0] if written + read < len(todo) else None
            return following == kind and started() <= (written if kind else read)

        return may

    sources = {}
    for name, channel, beats, stall, kind in (
        ("aw", setup.aw, [address << 2 | random.randrange(4) for address, *_ in writes], aw, True),
        ("w", setup.w, [data | strobe << 32 for _, data, strobe in writes], w, True),
        ("ar", setup.ar, [address << 2 | random.randrange(4) for address in reads], ar, False),
    ):
        sources[name] = setup.bench.source(
            channel, beats, stall, when=turn(kind, lambda name=name: len(sources[name].taken))
        )
    setup.bench.run(lambda: len(answers.beats) + len(values.beats) == len(todo), rest=WRITE_LATENCY)
    got_answers, got_values = iter(answers.beats), iter(values.beats)
    for write, address, data, strobe in todo:
        if write:
            assert next(got_answers) == response(plain_registers.write(address, data, strobe))
        else:
            error, value = plain_registers.read(address)
            assert next(got_values) == value | response(error) << 32
    assert setup.acts == plain_registers.acts
    assert setup.acts


@pytest.mark.parametrize(("aw", "w"), [(0, 0), (0, 0.8), (0.8, 0)])
def test_addresses_and_data_in_any_order(bench, device, plain_registers, accesses, aw, w):
    setup = Setup(bench, device, seed=8)
    writes = [(address, data, strobe) for _, address, data, strobe in accesses(setup.bench.random, 150)]
    setup.bench.source(setup.aw, [address << 2 for address, *_ in writes], aw)
    setup.bench.source(setup.w, [data | strobe << 32 for _, data, strobe in writes], w)
    answers = setup.bench.sink(setup.b, 0.3)
    setup.bench.run(lambda: len(answers.beats) == len(writes), rest=20)
    assert answers.beats == [response(plain_registers.write(*write)) for write in writes]
    assert setup.acts == plain_registers.acts


def test_no_answer_without_both_address_and_data(bench, device):
    for channel, beat in (("aw", 2 << 2), ("w", 15 << 32)):
        setup = Setup(bench, device)
        setup.bench.source(getattr(setup, channel), [beat])
        answers = setup.bench.sink(setup.b)
        setup.bench.run(50)
        assert not answers.beats


@pytest.mark.parametrize("stall", [0, 0.4])
def test_writes_and_reads_at_once(bench, device, stall):
    """A read sees what was answered before it was asked; neither kind keeps the other waiting."""
    setup = Setup(bench, device, seed=9)
    count = 60
    setup.bench.source(setup.aw, [2 << 2] * count, stall)
    setup.bench.source(setup.w, [number | 15 << 32 for number in range(1, count + 1)], stall)
    asked = setup.bench.source(setup.ar, [2 << 2] * count, stall)
    answers, values = setup.bench.sink(setup.b, stall), setup.bench.sink(setup.r, stall)
    setup.bench.run(lambda: len(answers.beats) == len(values.beats) == count)
    for number, (ask, value, shown) in enumerate(zip(asked.taken, values.beats, values.cycles, strict=True)):
        written = 0 if value == 0x11223344 else value
        assert written >= sum(cycle < ask for cycle in answers.cycles), number
        # A write is done before its answer is there; the answer before must have been taken.
        assert written <= sum(cycle < shown for cycle in answers.cycles) + 1, number
    if not stall:
        assert all(abs(written - read) <= 16 for written, read in zip(answers.cycles, values.cycles, strict=True))


def test_latencies_and_throughput(bench, device):
    setup = Setup(bench, device)
    addresses = setup.bench.source(setup.aw, [2 << 2] * 4)
    setup.bench.source(setup.w, [15 << 32] * 4)
    answers = setup.bench.sink(setup.b)
    setup.bench.run(lambda: len(answers.beats) == 4)
    assert answers.cycles[0] - addresses.taken[0] == WRITE_LATENCY + 3
    assert {after - before for before, after in itertools.pairwise(answers.cycles)} == {WRITE_LATENCY + 3}
    setup = Setup(bench, device)
    asked = setup.bench.source(setup.ar, [2 << 2] * 4)
    values = setup.bench.sink(setup.r)
    setup.bench.run(lambda: len(values.beats) == 4)
    assert values.cycles[0] - asked.taken[0] == READ_LATENCY + 3
    assert {after - before for before, after in itertools.pairwise(values.cycles)} == {READ_LATENCY + 3}
