"""The classifier: logits against fixed prototypes, prediction, margin, and the top layer's lesson."""

from collections.abc import Sequence

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out, connect, flipped
from numpy.typing import NDArray

from bephw.rtl_gen.classifier.argmax import ArgmaxMargin
from bephw.rtl_gen.classifier.prototypes import PrototypeMemory
from bephw.rtl_gen.classifier.teacher import Teacher, decision_layout
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.parts.arithmetic import places_left
from bephw.rtl_gen.parts.held import held
from bephw.rtl_gen.parts.layouts import chunk_layout, lesson_layout
from bephw.rtl_gen.samples.gearbox import beat_width
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.rtl_gen.samples.input_queue import InputQueue
from bephw.rtl_gen.samples.sample_flow import SampleFlowSignature
from bephw.rtl_gen.weights.transfer import TransferSignature
from bephw.shape import LayerShape, ceil_div

__all__ = ["COMPARED", "Classifier", "decided", "decisions", "prediction_layout", "verdict_layout"]

COMPARED = 1  # cycles from logits to the argmax
TAKEN = 3  # cycles from a decision's last use until its place is seen to be free


def decided(shape: LayerShape) -> int:
    """Cycles from the last step of a sample's forward pass to its decision, the last one in a queue."""
    return ForwardUnit.drained(shape) + COMPARED + ArgmaxMargin.latency(shape.all_beats()) + 1


def decisions(shape: LayerShape) -> int:
    """Samples between the start of their forward pass and the last use of their decision: as many as keep the array
    busy, whose way takes longer than a small one's pass, and one in reserve."""
    return 2 + ceil_div(decided(shape) + shape.words + TAKEN, shape.forward_cycles)


def prediction_layout(classes: int, classifiers: int = 1) -> data.StructLayout:
    """What a user sees of a sample: the class, and whether the sample taught, for every classifier that was asked."""
    return data.StructLayout({"label": range(classes), "taught": classifiers})


def verdict_layout() -> data.StructLayout:
    """What a user sees of a sample in a hidden layer's classifier: whether the sample taught."""
    return data.StructLayout({"taught": 1})


class Classifier(wiring.Component):
    """Takes a layer's activations, which come by `sources` channels, divided into `beats`; sends a prediction and a
    lesson for each sample, one after the other.

    The last layer's classifier has none `above` it. That of a layer which has some is asked for lessons alone: its
    predictions are verdicts, which wait for the last classifier's prediction; there are places for those of all samples
    that may be in the layers between, which have `above` banks of inputs. `block`: samples in flight ask for block RAM.

    Attributes:
        classes: how many there are to choose from.

    Throughput: a sample every `groups` * `words` cycles; lessons take `words` cycles for a sample that teaches.
    """

    def __init__(
        self,
        shape: LayerShape,
        beats: Sequence[range],
        margin_bits: int,
        prototypes: NDArray | None = None,
        *,
        sources: int = 1,
        above: int = 0,
        block: bool = True,
    ) -> None:
        self._shape = shape
        self._block = block
        self.classes = shape.outputs
        self._beats = beats
        self._margin_bits = margin_bits
        self._prototypes = prototypes
        self._above = above
        self._prediction = verdict_layout() if above else prediction_layout(shape.outputs)
        super().__init__(
            {
                "chunks": In(SampleFlowSignature(chunk_layout(beat_width(beats), shape.outputs))).array(sources),
                "margin": In(signed(margin_bits)),
                "predictions": Out(stream.Signature(self._prediction)),
                "lessons": Out(stream.Signature(lesson_layout(shape.columns))),
                "transfer": In(TransferSignature(1)),
                "busy_forward": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        sources = len(self.chunks)
        m.submodules.inputs = inputs = InputQueue(
            shape, self._beats, shape.outputs, AHEAD * sources, readers=(1,), sources=sources, block=self._block
        )
        m.submodules.forward = forward = ForwardUnit(shape)
        m.submodules.prototypes = prototypes = PrototypeMemory(shape, self._prototypes)
        m.submodules.argmax = argmax = ArgmaxMargin(shape.all_beats(), shape.z_bits + 1, self._margin_bits)
        m.submodules.teacher = teacher = Teacher(shape)
        for source, chunks in zip(self.chunks, inputs.chunks, strict=True):
            connect(m, flipped(source), chunks)
        connect(m, forward.inputs[0], inputs.reader_0[0])
        connect(m, forward.weights, prototypes.forward)
        connect(m, flipped(self.transfer), prototypes.transfer)
        connect(m, teacher.lessons, flipped(self.lessons))
        m.d.comb += [
            forward.available.eq(inputs.available),
            inputs.begun.eq(forward.start),
            argmax.margin.eq(self.margin),
            self.busy_forward.eq(forward.busy),
            prototypes.row_class.eq(teacher.row_class),
            prototypes.row_word.eq(teacher.row_word),
            teacher.row_data.eq(prototypes.row_data),
        ]
        self._compare(m, forward, inputs.tags[0].label, argmax)
        self._announce(m, forward, inputs.tags[0], argmax, teacher)
        return m

    def _compare(self, m, forward, label, argmax):
        """Logits go to the argmax beat by beat, through a register."""
        shape, sums = self._shape, forward.sums[0]
        logit = ForwardUnit.latency(shape) + COMPARED
        m.d.comb += argmax.label.eq(
            held(m, label, forward.group_read, since=logit, until=logit + shape.beats - 1, apart=shape.words)
        )
        m.d.sync += [argmax.valid.eq(sums.valid), argmax.logits.eq(sums.z), argmax.last.eq(sums.last)]

    def _announce(self, m, forward, tag, argmax, teacher):
        """Send each decision both ways. A forward pass begins only if there are places for what will come of it."""
        shape = self._shape
        done = decided(shape) - 1
        tag = held(m, tag, forward.inputs[0].done, since=done, until=done, apart=shape.forward_cycles)
        decision = Signal(decision_layout(self._shape.outputs))
        prediction = Signal(self._prediction)
        m.d.comb += [
            decision.prediction.eq(argmax.prediction),
            decision.teach.eq(argmax.teach & tag.learn),
            decision.tag.eq(tag),
            *([] if self._above else [prediction.label.eq(argmax.prediction)]),
            prediction.taught.eq(decision.teach),
        ]
        waiting = decisions(shape) + self._above * AHEAD
        rooms = [
            self._queue(m, "predicted", argmax.done, prediction, self.predictions, forward.start, waiting),
            self._queue(m, "decided", argmax.done, decision, teacher.decisions, forward.start, decisions(shape)),
        ]
        m.d.comb += forward.room.eq(Cat(rooms).all())

    def _queue(self, m, name, written, record, target, promised, places):
        """A queue from `record` to the stream `target`; returns whether another of its `places` can be promised."""
        m.submodules[name] = fifo = SyncFIFO(width=len(record.as_value()), depth=places)
        taken = Signal(name=f"{name}_taken")
        m.d.comb += [
            fifo.w_en.eq(written),
            fifo.w_data.eq(record),
            target.valid.eq(fifo.r_rdy),
            target.payload.as_value().eq(fifo.r_data),
            fifo.r_en.eq(target.ready),
            taken.eq(target.valid & target.ready),
        ]
        return places_left(m, places, promised, taken)
