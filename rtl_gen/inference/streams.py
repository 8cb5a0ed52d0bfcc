"""The streams of an inference-only design."""

from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["InferenceSignature", "prediction_layout", "sample_layout"]


def sample_layout(inputs: int) -> data.StructLayout:
    """A whole sample, input 0 lowest."""
    return data.StructLayout({"data": inputs})


def prediction_layout(classes: int) -> data.StructLayout:
    """The predicted class."""
    return data.StructLayout({"label": range(classes)})


class InferenceSignature(wiring.Signature):
    """Samples in, predictions out in the same order; both obey Amaranth's rules of streams."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(inputs))),
                "predictions": Out(stream.Signature(prediction_layout(classes))),
            }
        )
