"""What goes into, through and out of an inference-only design."""

from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["InferenceSignature", "beat_layout", "prediction_layout", "sample_layout", "step_beat_layout"]


def sample_layout(width: int) -> data.StructLayout:
    """A sample, or `width` of its inputs, the first one lowest."""
    return data.StructLayout({"data": width})


def prediction_layout(classes: int) -> data.StructLayout:
    """The predicted class."""
    return data.StructLayout({"label": range(classes)})


def beat_layout(width: int) -> data.StructLayout:
    """Some bits of a vector, the first one lowest, in a cycle in which `valid` is high; `last` completes the vector."""
    return data.StructLayout({"valid": 1, "data": width, "last": 1})


def step_beat_layout(width: int) -> data.StructLayout:
    """As `beat_layout`, of a step of a sample; `final`: the step is its sample's last one."""
    return data.StructLayout({"valid": 1, "data": width, "last": 1, "final": 1})


class InferenceSignature(wiring.Signature):
    """Samples in, `width` bits a word, predictions out in the same order; both obey Amaranth's rules of streams.

    Where a sample has up to `most_steps` steps, `steps` says how many, with its first word.
    """

    def __init__(self, width: int, classes: int, most_steps: int | None = None) -> None:
        steps = {} if most_steps is None else {"steps": In(range(most_steps + 1))}
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(width))),
                "predictions": Out(stream.Signature(prediction_layout(classes))),
                **steps,
            }
        )
