"""What every design of a sample a clock cycle has around its logic."""

from abc import abstractmethod

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import connect, flipped

from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.streams import InferenceSignature
from bephw.settings import Settings

__all__ = ["SamplePipeline"]


class SamplePipeline(wiring.Component):
    """An input register, the logic of a subclass (`_label`), and a queue of predictions, in the order of samples.

    `depth` is how many cycles after a sample was taken its label is there, 1 for the input register among them; its
    prediction is valid `PredictionQueue.LATENCY` later. Throughput: a sample a cycle (initiation interval 1) as long as
    predictions are taken. The logic never stops: a sample is let in only where the queue behind it has room for its
    prediction.
    """

    def __init__(self, settings: Settings, depth: int) -> None:
        self._classes = settings.network.classes
        self._depth = depth
        super().__init__(InferenceSignature(self.word_width(settings), self._classes))

    @staticmethod
    def word_width(settings: Settings) -> int:
        """Bits of a word of `samples`: a whole sample."""
        return settings.network.sizes[0]

    @staticmethod
    def interval(settings: Settings) -> int:
        """Cycles from a sample to the next."""
        return 1

    @staticmethod
    def even(settings: Settings) -> bool:
        """Whether each sample takes the interval; else many do, on average."""
        return True

    @abstractmethod
    def _label(self, m: Module, bits: Value) -> Value:
        """The class of the inputs `bits`, `depth` - 1 cycles later."""

    def elaborate(self, platform):
        m = Module()
        accept = Signal()
        m.d.comb += accept.eq(self.samples.valid & self.samples.ready)
        bits = Signal(len(self.samples.payload.data), reset_less=True)
        m.d.sync += bits.eq(self.samples.payload.data)
        label = self._label(m, bits)
        present = Signal(self._depth)
        m.d.sync += present.eq(Cat(accept, present))
        self._queue(m, accept, label, present[-1])
        return m

    def _queue(self, m: Module, accept: Value, label: Value, present: Value) -> None:
        """Holds the predictions of all samples that were let in, and lets in no more than it has room for."""
        places = PredictionQueue.places_needed(self._depth + PredictionQueue.LATENCY, 1)
        m.submodules.queue = queue = PredictionQueue(self._classes, places)
        connect(m, queue.predictions, flipped(self.predictions))
        m.d.comb += [
            queue.entered.eq(accept),
            queue.present.eq(present),
            queue.label.eq(label),
            self.samples.ready.eq(queue.room),
        ]
