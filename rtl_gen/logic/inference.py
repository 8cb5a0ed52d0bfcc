"""A network of logic gates in hardware: a sample a clock cycle."""

from functools import lru_cache

from amaranth.hdl import *

from bephw.logic_state import LogicState
from bephw.rtl_gen.inference.argmax_tree import ArgmaxTree
from bephw.rtl_gen.inference.prediction_queue import PredictionQueue
from bephw.rtl_gen.inference.sample_pipeline import SamplePipeline
from bephw.rtl_gen.logic.class_counts import ClassCounts, counted_literals
from bephw.rtl_gen.logic.gates import PipelinedGates
from bephw.rtl_gen.logic.netlist import Netlist
from bephw.rtl_gen.logic.pipeline import Pipeline
from bephw.rtl_gen.logic.simplify import simplified
from bephw.settings import Settings

__all__ = ["LogicInference", "pipeline_of"]


@lru_cache(maxsize=4)  # by the network's identity: latency and design ask for the same
def pipeline_of(settings: Settings, state: LogicState) -> Pipeline:
    """The simplified network, whose outputs are those that count, class by class, all with as many."""
    netlist = simplified(state, settings.network.sizes[0])
    groups = counted_literals(netlist.outputs, settings.network.classes)
    lanes = max(1, *map(len, groups))
    outputs = [literal for group in groups for literal in (*group, *[0] * (lanes - len(group)))]
    return Pipeline(Netlist(netlist.inputs, netlist.gates, tuple(outputs)), settings.logic.levels)


class LogicInference(SamplePipeline):
    """The network of gates `state`, which never change.

    `predictions` has a label for every sample of `samples`, in order: the class with the most active outputs, the
    lowest index among equals.

    Latency: `latency(settings, state)` cycles from the cycle in which a sample is taken to the first one in which its
    prediction is valid: 1 for the input register; 1 for every `logic.levels` levels of the simplified netlist, or a
    part of them; for the counts of n outputs a class ceil(log2 n) + 2, no fewer than 4, and 1 more from 512 outputs
    on; 2 * ceil(log2 classes) for the argmax; 2 for the queue. Throughput: a sample a cycle (initiation interval 1) as
    long as predictions are taken. Nothing before the queue ever stops: a sample is let in only where the queue has room
    for its prediction.

    `settings` and `state` are to pass `check_inference`.
    """

    def __init__(self, settings: Settings, state: LogicState) -> None:
        self._settings, self._state = settings, state
        self._pipeline = pipeline_of(settings, state)
        super().__init__(settings, self._cycles(settings, state))

    @classmethod
    def latency(cls, settings: Settings, state: LogicState) -> int:
        """Cycles from a sample to its prediction where nothing is held up."""
        return cls._cycles(settings, state) + PredictionQueue.LATENCY

    @staticmethod
    def _cycles(settings: Settings, state: LogicState) -> int:
        """Cycles from a sample to the queue."""
        pipeline, classes = pipeline_of(settings, state), settings.network.classes
        lanes = len(pipeline.netlist.outputs) // classes
        return 1 + pipeline.latency + ClassCounts.latency(lanes) + ArgmaxTree.latency(classes, relaxed=True)

    def _label(self, m: Module, bits: Value) -> Value:
        classes = self._settings.network.classes
        m.submodules.gates = gates = PipelinedGates(self._pipeline)
        lanes = len(gates.outputs) // classes
        m.submodules.counts = counts = ClassCounts(classes, lanes)
        m.submodules.argmax = argmax = ArgmaxTree(classes, lanes.bit_length(), relaxed=True)
        m.d.comb += [
            gates.inputs.eq(bits),
            counts.bits.eq(gates.outputs),
            argmax.values.eq(counts.counts),
        ]
        return argmax.index
