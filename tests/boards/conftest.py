"""A component with a trainer's ports and a few gates: what the board flow is tested with."""

import pytest
from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.arithmetic import delay
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.parts.storage import block_memory
from bephw.rtl_gen.registers.csr import READ_LATENCY, CsrSignature


class StandIn(wiring.Component):
    """Predicts the label that it is told, teaches when the data is odd, and keeps loaded words in a memory."""

    def __init__(self, settings):
        classes = settings.network.classes
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(settings.hardware.stream_width, classes))),
                "predictions": Out(stream.Signature(prediction_layout(classes))),
                "csr": In(CsrSignature()),
                "load": In(stream.Signature(32)),
                "dump": Out(stream.Signature(32)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = block_memory(32, 512)
        read, write = memory.read_port(), memory.write_port()
        m.d.comb += [
            self.samples.ready.eq(self.predictions.ready),
            self.predictions.valid.eq(self.samples.valid),
            self.predictions.payload.label.eq(self.samples.payload.label),
            self.predictions.payload.taught.eq(self.samples.payload.data[0]),
            self.load.ready.eq(1),
            write.en.eq(self.load.valid),
            write.data.eq(self.load.payload),
            read.addr.eq(write.addr + 1),
            self.dump.payload.eq(read.data),
            self.dump.valid.eq(1),
        ]
        m.d.sync += self.csr.read_data.eq(delay(m, self.csr.address, READ_LATENCY - 1))
        with m.If(self.load.valid):
            m.d.sync += write.addr.eq(write.addr + 1)
        return m


@pytest.fixture
def stand_in():
    return StandIn
