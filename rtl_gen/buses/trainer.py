"""A trainer as a component of somebody else's design: registers on a bus, everything else on AXI4-Stream."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.errors import check
from bephw.rtl_gen.buses.axi4_lite import Axi4LiteRegisters, Axi4LiteSignature
from bephw.rtl_gen.buses.axi4_stream import Axi4StreamSignature
from bephw.rtl_gen.buses.dump_ends import DumpEnds
from bephw.rtl_gen.buses.names import AXI4_LITE, WISHBONE
from bephw.rtl_gen.buses.packet_ends import PacketEnds
from bephw.rtl_gen.buses.streams import connect_predictions, connect_samples
from bephw.rtl_gen.buses.wishbone import WishboneRegisters, WishboneSignature
from bephw.rtl_gen.buses.written_steps import WrittenSteps
from bephw.rtl_gen.programs.parts import capacity
from bephw.rtl_gen.registers.map import Transfer, register_map
from bephw.rtl_gen.supported import check_trainer
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.shape import ceil_div
from bephw.state import NetworkState

__all__ = ["REGISTER_BUSES", "BusTrainer"]

REGISTER_BUSES = {
    AXI4_LITE: (Axi4LiteSignature, Axi4LiteRegisters),
    WISHBONE: (WishboneSignature, WishboneRegisters),
}


class BusTrainer(wiring.Component):
    """A `Trainer` whose registers are behind `bus`, AXI4-Lite or Wishbone, and whose streams are AXI4-Stream.

    - `samples`: words of samples, the first input lowest; `tuser` is the label, and counts with a sample's last word.
      `tlast` need not be with every sample: packets may be of any number of samples, and one that ends within a sample
      does not end.
    - `predictions`: `tdata` is the predicted class, `tuser` says whether the sample taught (for "lbes" a bit a layer);
      `tlast` is that of the sample's last word. So a packet of samples gives a packet of predictions.
    - `load`, `dump`: elements of the state; `tlast` of `dump` ends a space, that of `load` means nothing.

    Elements, registers and their meanings, throughput and latency are those of `Trainer`; a prediction is valid 2
    cycles after its sample's last word at the soonest. Everything is in domain `sync`.

    Raises `BephwError` as `check_trainer`, and for an unknown `bus`.
    """

    def __init__(self, settings: Settings, state: NetworkState | None = None, *, bus: str) -> None:
        check(bus in REGISTER_BUSES, f"bus must be {' or '.join(REGISTER_BUSES)}, not {bus!r}")
        check_trainer(settings, state)
        self._settings = settings
        self._registers = register_map(settings)
        self._trainer = Trainer(settings, state)
        signature, self._bridge = REGISTER_BUSES[bus]
        prediction = self._trainer.predictions.payload
        super().__init__(
            {
                "bus": In(signature()),
                "samples": In(Axi4StreamSignature(settings.hardware.stream_width, len(prediction.label))),
                "predictions": Out(Axi4StreamSignature(len(prediction.label), len(prediction.taught))),
                "load": In(Axi4StreamSignature(32)),
                "dump": Out(Axi4StreamSignature(32)),
            }
        )

    def reset_values(self) -> dict[str, int]:
        """What every register holds after reset, by name."""
        return self._trainer.reset_values()

    def elaborate(self, platform):
        m = Module()
        m.submodules.trainer = trainer = self._trainer
        m.submodules.registers = bridge = self._bridge(len(self._registers))
        connect(m, flipped(self.bus), bridge.bus)
        connect(m, bridge.csr, trainer.csr)
        self._connect_samples(m, trainer, bridge.csr)
        self._connect_transfers(m, trainer, bridge.csr)
        return m

    def _connect_samples(self, m, trainer, csr):
        settings, most_steps = self._settings, self._settings.data.steps
        words = ceil_div(settings.network.sizes[0], settings.hardware.stream_width)
        m.submodules.ends = ends = PacketEnds(words, capacity(settings), most_steps)
        hold = C(0)
        if most_steps is not None:
            m.submodules.steps = steps = WrittenSteps(most_steps)
            m.d.comb += [
                steps.written.eq(self._written(csr, "steps")),
                steps.value.eq(csr.write_data),
                ends.steps.eq(steps.steps),
            ]
            hold = steps.hold
        connect_samples(m, self.samples, trainer.samples, ends, hold)
        connect_predictions(m, trainer.predictions, self.predictions, ends)

    def _connect_transfers(self, m, trainer, csr):
        shapes = [*self._settings.shapes, *self._settings.classifier_shapes]
        m.submodules.dump_ends = ends = DumpEnds([shape.outputs * shape.inputs for shape in shapes])
        m.d.comb += [
            trainer.load.valid.eq(self.load.tvalid),
            trainer.load.payload.eq(self.load.tdata),
            self.load.tready.eq(trainer.load.ready),
            self.dump.tvalid.eq(trainer.dump.valid),
            self.dump.tdata.eq(trainer.dump.payload),
            self.dump.tlast.eq(ends.last),
            trainer.dump.ready.eq(self.dump.tready),
            ends.start.eq(self._written(csr, "transfer") & (csr.write_data & Transfer.DUMP).bool()),
            ends.space.eq(csr.write_data),
            ends.dumped.eq(self.dump.tvalid & self.dump.tready),
        ]

    def _written(self, csr, register):
        return csr.write & (csr.address == self._registers[register].address)
