"""What goes into, through and out of an inference-only design."""

from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["InferenceSignature", "beat_layout", "prediction_layout", "sample_layout"]


def sample_layout(width: int) -> data.StructLayout:
    """A sample, or `width` of its inputs, the first one lowest."""
    return data.StructLayout({"data": width})


def prediction_layout(classes: int) -> data.StructLayout:
    """The predicted class."""
    return data.StructLayout({"label": range(classes)})


def beat_layout(width: int) -> data.StructLayout:
    """Some bits of a vector, the first one lowest, in a cycle in which `valid` is high; `last` completes the vector."""
    return data.StructLayout({"valid": 1, "data": width, "last": 1})


class InferenceSignature(wiring.Signature):
    """Samples in, `width` bits a word, predictions out in the same order; both obey Amaranth's rules of streams."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(width))),
                "predictions": Out(stream.Signature(prediction_layout(classes))),
            }
        )
