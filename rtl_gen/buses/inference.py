"""Inference as a component of somebody else's design: samples and predictions on AXI4-Stream."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.buses.axi4_stream import Axi4StreamSignature
from bephw.rtl_gen.buses.packet_ends import PacketEnds
from bephw.rtl_gen.buses.streams import connect_predictions, connect_samples
from bephw.rtl_gen.designs import check_style, make_design, timing, word_width
from bephw.rtl_gen.inference.supported import check_inference
from bephw.settings import Settings
from bephw.shape import ceil_div
from bephw.states import AnyState

__all__ = ["StreamInference"]


class StreamInference(wiring.Component):
    """Inference alone (`bephw.rtl_gen.designs`) on AXI4-Stream: `samples` without a `tuser`, `predictions` likewise;
    packets as those of `BusTrainer`. `steps`, of a recurrent network, is as in `InferenceSignature`.

    Throughput is that of the network, and so is its latency. Raises `BephwError` as `check_inference`.
    """

    def __init__(self, settings: Settings, state: AnyState, style: str = "unrolled") -> None:
        check_style(style)
        check_inference(settings, state, style)
        self._settings = settings
        self._network = make_design(settings, state, style)
        self._timing = timing(settings, state, style)
        self._most_steps = settings.data.steps if settings.recurrent else None
        self._width = word_width(settings, style)
        steps = {} if self._most_steps is None else {"steps": In(range(self._most_steps + 1))}
        super().__init__(
            {
                "samples": In(Axi4StreamSignature(self._width)),
                "predictions": Out(Axi4StreamSignature((settings.network.classes - 1).bit_length())),
                **steps,
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.network = network = self._network
        words = ceil_div(self._settings.network.sizes[0], self._width)
        m.submodules.ends = ends = PacketEnds(words, self._places(), self._most_steps)
        connect_samples(m, self.samples, network.samples, ends)
        connect_predictions(m, network.predictions, self.predictions, ends)
        if self._most_steps is not None:
            most = self._most_steps
            m.d.comb += network.steps.eq(self.steps)
            m.d.comb += ends.steps.eq(Mux(self.steps == 0, 1, Mux(self.steps > most, most, self.steps)))
        return m

    def _places(self) -> int:
        """Samples that are under way at once where nothing waits, and those that wait at the end, some to spare."""
        places = ceil_div(self._timing.latency, max(1, int(self._timing.interval)))
        return places + 4 + 2 * max(self._settings.samples)
