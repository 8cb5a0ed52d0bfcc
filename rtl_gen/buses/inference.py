"""Inference as a component of somebody else's design: samples and predictions on AXI4-Stream."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.errors import check
from bephw.rtl_gen.buses.axi4_stream import Axi4StreamSignature
from bephw.rtl_gen.buses.packet_ends import PacketEnds
from bephw.rtl_gen.buses.streams import connect_predictions, connect_samples
from bephw.rtl_gen.inference.folded import FoldedInference
from bephw.rtl_gen.inference.supported import check_inference
from bephw.rtl_gen.inference.unrolled import UnrolledInference
from bephw.settings import Settings
from bephw.shape import ceil_div
from bephw.state import NetworkState

__all__ = ["STYLES", "StreamInference"]

STYLES: dict[str, type[UnrolledInference] | type[FoldedInference]] = {
    "unrolled": UnrolledInference,
    "folded": FoldedInference,
}


class StreamInference(wiring.Component):
    """A network of `STYLES` on AXI4-Stream: `samples` without a `tuser`, `predictions` likewise; packets as those of
    `BusTrainer`. `steps`, of a recurrent network, is as in `InferenceSignature`.

    Throughput is that of the network, and so is its latency. Raises `BephwError` as `check_inference`.
    """

    def __init__(self, settings: Settings, state: NetworkState, style: str = "unrolled") -> None:
        check(style in STYLES, f"style of inference must be {' or '.join(STYLES)}, not {style!r}")
        check_inference(settings, state, style)
        self._settings = settings
        self._network = STYLES[style](settings, state)
        self._most_steps = settings.data.steps if settings.recurrent else None
        self._width = STYLES[style].word_width(settings)
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
        latency, interval = self._network.latency(self._settings), self._network.interval(self._settings)
        return ceil_div(latency, max(1, int(interval))) + 4 + 2 * max(self._settings.samples)
