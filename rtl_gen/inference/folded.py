"""Inference with the weights in memories: any network, a part of each layer at a time."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped

from bephw.rtl_gen.inference.folded_parts import as_number, folded_signature, network_latency
from bephw.rtl_gen.inference.gathered import GatheredNetwork
from bephw.rtl_gen.inference.paced import PacedNetwork
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["FoldedInference"]


class FoldedInference(wiring.Component):
    """The network of `settings` with the weights, thresholds and prototypes of `state`, which never change, in
    read-only memories; folded as the trainer, by `hardware.rows`, `hardware.columns` and `hardware.samples`.

    A sample comes by `samples` in words of `hardware.stream_width` bits, the first input lowest, the last word filled
    up with anything; `predictions` has a label for every sample, in order: the class with the largest logit, the lowest
    index among equals (numerics.md section 2).

    Throughput: a sample every `interval(settings)` cycles as long as words come and predictions are taken: as many as
    the slowest part takes, `groups * words` of a layer or of the classifier, or the words of the stream. All parts work
    at the same time, on different samples.

    Latency: `latency(settings)` cycles from the cycle in which a sample's first word is taken to the first one in which
    its prediction is valid, where nothing is held up.

    Where in a layer several samples meet each word of weights, `interval` is that of many samples, on average, and need
    not be whole: a layer with S channels takes up to S samples every `groups * words` cycles. A sample alone waits for
    nobody and has the same latency.

    In a recurrent network the first layer is a cell (`FoldedCell`), and a sample has the steps that port `steps` says
    with its first word, 1 to `data.steps`, one after the other; each begins a word. `interval` and `latency` are then
    those of samples of `data.steps` steps: `interval` over many samples, as the cell works on several in turn and a
    prediction may come earlier or later than in an even stream; `latency` where no other sample is in the cell.

    `settings` and `state` are to pass `check_inference`.
    """

    def __init__(self, settings: Settings, state: NetworkState) -> None:
        self._settings = settings
        self._state = state
        super().__init__(folded_signature(settings))

    @staticmethod
    def word_width(settings: Settings) -> int:
        """Bits of a word of `samples`."""
        return settings.hardware.stream_width

    @staticmethod
    def interval(settings: Settings) -> int | float:
        """Cycles from a sample to the next."""
        return as_number(_kind(settings).interval(settings))

    @staticmethod
    def latency(settings: Settings) -> int:
        """Cycles from a sample's first word to its prediction where nothing is held up."""
        return network_latency(settings)

    @staticmethod
    def even(settings: Settings) -> bool:
        """Whether each sample takes the interval; else many do, on average."""
        return max(settings.samples) == 1 and not settings.recurrent

    def elaborate(self, platform):
        m = Module()
        m.submodules.network = network = _kind(self._settings)(self._settings, self._state)
        connect(m, flipped(self), network)
        return m


def _kind(settings: Settings) -> type[PacedNetwork] | type[GatheredNetwork]:
    """With one sample at a time all is known beforehand, and the parts need not talk to each other."""
    return PacedNetwork if max(settings.samples) == 1 else GatheredNetwork
