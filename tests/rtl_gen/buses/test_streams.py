"""AXI4-Stream around a network: its rules, and the ends of packets, whatever waits for whom.

The sink of the bench checks the rules: valid does not wait for ready, and what is offered stays until it is taken.
"""

from types import SimpleNamespace

from amaranth.hdl import Cat, Module
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.rtl_gen.buses.axi4_stream import Axi4StreamSignature
from bephw.rtl_gen.buses.packet_ends import PacketEnds
from bephw.rtl_gen.buses.streams import connect_predictions, connect_samples
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.layouts import sample_layout

WIDTH, CLASSES = 5, 6


class Echo(wiring.Component):
    """In place of a network: predicts a sample's label, and says that it taught if all its bits were 1."""

    def __init__(self):
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(WIDTH, CLASSES))),
                "predictions": Out(stream.Signature(prediction_layout(CLASSES))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.queue = queue = SyncFIFOBuffered(width=4, depth=3)
        word = self.samples.payload
        m.d.comb += [
            self.samples.ready.eq(queue.w_rdy),
            queue.w_en.eq(self.samples.valid),
            queue.w_data.eq(Cat(word.label, word.data.all())),
            self.predictions.valid.eq(queue.r_rdy),
            self.predictions.payload.eq(queue.r_data),
            queue.r_en.eq(self.predictions.ready),
        ]
        return m


class Around(wiring.Component):
    def __init__(self, places):
        self._places = places
        super().__init__(
            {"samples": In(Axi4StreamSignature(WIDTH, 3)), "predictions": Out(Axi4StreamSignature(3, 1)), "hold": In(1)}
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.network = network = Echo()
        m.submodules.ends = ends = PacketEnds(1, self._places)
        connect_samples(m, self.samples, network.samples, ends, self.hold)
        connect_predictions(m, network.predictions, self.predictions, ends)
        return m


def beats(interface):
    payload = Cat(interface.tdata, interface.tuser, interface.tlast)
    return SimpleNamespace(payload=payload, valid=interface.tvalid, ready=interface.tready)


chances = st.sampled_from([0.0, 0.3, 0.8])


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(0, 7), st.booleans()), min_size=1, max_size=30),
    st.integers(1, 5),
    chances,
    chances,
    chances,
)
def test_predictions_keep_order_and_packets(bench, words, places, stall, slow, hold):
    """Bits above those of a word, and of a label, mean nothing."""
    dut = Around(places)
    bench = bench(dut, seed=len(words))

    async def holding(ctx):
        while True:
            ctx.set(dut.hold, bench.random.random() < hold)
            await ctx.tick()

    bench.process(holding)
    padding = 0b10101 << 11
    sent = [data | label << 8 | padding | last << 16 for data, label, last in words]
    bench.source(beats(dut.samples), sent, stall)
    taken = bench.sink(beats(dut.predictions), slow)
    bench.run(lambda: len(taken.beats) == len(words), limit=3_000, rest=20)
    ones = 2**WIDTH - 1
    assert taken.beats == [label | (data & ones == ones) << 8 | last << 16 for data, label, last in words]
