"""The classifier: logits against fixed prototypes, prediction, margin, and the top layer's lesson."""

from amaranth.hdl import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped
from numpy.typing import NDArray

from bephw.rtl_gen.compact.argmax import ArgmaxMargin
from bephw.rtl_gen.compact.forward import ForwardUnit
from bephw.rtl_gen.compact.input_queue import AHEAD, InputQueue
from bephw.rtl_gen.compact.layouts import chunk_layout, lesson_layout
from bephw.rtl_gen.compact.prototypes import PrototypeMemory
from bephw.rtl_gen.compact.teacher import Teacher, decision_layout
from bephw.rtl_gen.compact.transfer import TransferSignature
from bephw.shape import LayerShape

__all__ = ["Classifier", "prediction_layout"]


def prediction_layout(classes: int) -> data.StructLayout:
    """What a user sees of a sample: the class, and whether the sample taught."""
    return data.StructLayout({"label": range(classes), "taught": 1})


class Classifier(wiring.Component):
    """Takes the last layer's activations in chunks of `width` bits; sends a prediction and a lesson for each sample.

    Throughput: a sample every max(`shape.forward_cycles`, its `Gearbox`, classes + groups) cycles at most; where
    samples teach, a prototype's words come on top of classes + groups.
    """

    def __init__(self, shape: LayerShape, width: int, margin_bits: int, prototypes: NDArray | None = None) -> None:
        self._shape = shape
        self._width = width
        self._margin_bits = margin_bits
        self._prototypes = prototypes
        super().__init__(
            {
                "chunks": In(stream.Signature(chunk_layout(width, shape.outputs))),
                "margin": In(signed(margin_bits)),
                "predictions": Out(stream.Signature(prediction_layout(shape.outputs))),
                "lessons": Out(stream.Signature(lesson_layout(shape.columns))),
                "transfer": In(TransferSignature(1)),
                "busy_forward": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self._shape
        m.submodules.inputs = inputs = InputQueue(shape, self._width, shape.outputs, AHEAD, readers=1)
        m.submodules.forward = forward = ForwardUnit(shape, shape.outputs, shape.groups * shape.words)
        m.submodules.prototypes = prototypes = PrototypeMemory(shape, self._prototypes)
        m.submodules.argmax = argmax = ArgmaxMargin(shape.outputs, shape.z_bits + 1, self._margin_bits)
        m.submodules.teacher = teacher = Teacher(shape)
        connect(m, flipped(self.chunks), inputs.chunks)
        connect(m, forward.inputs, inputs.reader_0)
        connect(m, forward.weights, prototypes.forward)
        connect(m, flipped(self.transfer), prototypes.transfer)
        connect(m, teacher.lessons, flipped(self.lessons))
        m.d.comb += [
            forward.available.eq(inputs.available),
            forward.tag.eq(inputs.tag),
            argmax.margin.eq(self.margin),
            self.busy_forward.eq(forward.busy),
            prototypes.row_class.eq(teacher.row_class),
            prototypes.row_word.eq(teacher.row_word),
            prototypes.row_read.eq(teacher.row_read),
            teacher.row_data.eq(prototypes.row_data),
        ]
        enable = self._announce(m, argmax, teacher)
        self._serialise(m, forward.sums, argmax, enable)
        return m

    def _serialise(self, m, sums, argmax, enable):
        """Feed the logits of a row group to the argmax one by one."""
        shape = self._shape
        logits = Signal(sums.payload.z.shape())
        tag = Signal.like(argmax.tag)
        left, first, final = Signal(range(shape.rows + 1)), Signal(init=1), Signal()
        in_last_group = shape.outputs - (shape.groups - 1) * shape.rows
        take = Signal()
        m.d.comb += [
            argmax.enable.eq(enable),
            argmax.valid.eq(left != 0),
            argmax.logit.eq(logits[0]),
            argmax.tag.eq(tag),
            argmax.first.eq(first),
            argmax.last.eq(final & (left == 1)),
            sums.ready.eq((left == 0) | ((left == 1) & enable)),
            take.eq(sums.valid & sums.ready),
        ]
        with m.If(enable & argmax.valid):
            m.d.sync += [
                logits.eq(logits.as_value() >> len(argmax.logit)),
                left.eq(left - 1),
                first.eq(argmax.last),
            ]
        with m.If(take):
            m.d.sync += [
                logits.eq(sums.payload.z),
                tag.eq(sums.payload.tag),
                final.eq(sums.payload.final),
                left.eq(Mux(sums.payload.final, in_last_group, shape.rows)),
            ]

    def _announce(self, m, argmax, teacher):
        """Send each decision both ways; returns whether the argmax may move on."""
        decision = Signal(decision_layout(self._shape.outputs))
        announced, enable = Signal(), Signal()
        prediction_free = ~self.predictions.valid | self.predictions.ready
        m.d.comb += [
            decision.prediction.eq(argmax.prediction),
            decision.teach.eq(argmax.teach),
            decision.tag.eq(argmax.done_tag),
            teacher.decisions.payload.eq(decision),
            teacher.decisions.valid.eq(argmax.done & (announced | prediction_free)),
            enable.eq(~argmax.done | (teacher.decisions.valid & teacher.decisions.ready)),
        ]
        with m.If(prediction_free):
            m.d.sync += self.predictions.valid.eq(argmax.done & ~announced)
            with m.If(argmax.done & ~announced):
                m.d.sync += [
                    self.predictions.payload.label.eq(decision.prediction),
                    self.predictions.payload.taught.eq(decision.teach),
                ]
        with m.If(argmax.done):
            m.d.sync += announced.eq((announced | prediction_free) & ~enable)
        return enable
