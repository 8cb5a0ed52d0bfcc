"""The records that travel between components."""

from amaranth.hdl import *
from amaranth.lib import data

from bephw.shape import LayerShape

__all__ = [
    "chunk_layout",
    "element_layout",
    "lesson_layout",
    "outcome_layout",
    "record_index",
    "record_words",
    "row_layout",
    "sample_layout",
    "step_field",
    "step_layout",
    "tag_layout",
    "winner_layout",
]


def sample_layout(width: int, classes: int) -> data.StructLayout:
    """A word of the sample stream: input bits, and the sample's label (taken with the last word)."""
    return data.StructLayout({"data": width, "label": range(classes)})


def tag_layout(classes: int) -> data.StructLayout:
    """What accompanies a sample through the forward pass: its label, and whether it may change anything."""
    return data.StructLayout({"label": range(classes), "learn": 1})


def chunk_layout(width: int, classes: int) -> data.StructLayout:
    """Some bits of an activation vector, lowest index first; `last` completes it, and then `tag` counts."""
    return data.StructLayout({"data": width, "last": 1, "tag": tag_layout(classes)})


def outcome_layout(shape: LayerShape) -> data.StructLayout:
    """What the winner search and the gate need of one output: the sign of z, whether |z| <= G, and |z|."""
    return data.StructLayout({"active": 1, "open": 1, "magnitude": shape.z_bits})


def lesson_layout(width: int) -> data.StructLayout:
    """Some bits of a desired vector, lowest index first. A sample that does not teach is one beat, with `last`."""
    return data.StructLayout({"data": width, "teach": 1, "learn": 1, "last": 1})


def row_layout(shape: LayerShape) -> data.StructLayout:
    """A row of the matrix: output `group * rows + bank`."""
    return data.StructLayout({"group": range(shape.groups), "bank": range(shape.rows)})


def winner_layout(shape: LayerShape) -> data.StructLayout:
    """A row to update (`present`), the end of a sample's updates (`end`), after which reinforcement follows if `learn`,
    or both."""
    return data.StructLayout(
        {"present": 1, "end": 1, "learn": 1, "desired": 1, "row": row_layout(shape), **step_field(shape)}
    )


def step_layout(shape: LayerShape) -> data.StructLayout:
    """A step of a cell, from 0, of the sample in a slot."""
    return data.StructLayout({"step": range(shape.steps), "slot": range(shape.slots)})


def step_field(shape: LayerShape) -> dict[str, data.StructLayout]:
    """Of a cell's records, the step that they belong to."""
    return {} if shape.steps is None else {"at": step_layout(shape)}


def record_words(shape: LayerShape, words: int) -> int:
    """Words in a sample's record of `words` words; of a cell, in those of all samples, with as many words a step: those
    of a step, and of a sample, begin at powers of two (see `record_index`)."""
    return words if shape.steps is None else shape.slots << sum((n - 1).bit_length() for n in (shape.steps, words))


def record_index(shape: LayerShape, word: Value, words: int, record) -> Value:
    """Where word `word` of `words` lies in a sample's record; of a cell, in those of all, at the step that `record`
    names."""
    return word if shape.steps is None else Cat(word[: (words - 1).bit_length()], record.at)


def element_layout(shape: LayerShape) -> data.StructLayout:
    """Counters of one word: that of a lane, or all of a burst that begins at a lane (`shape.burst_begins`)."""
    return data.StructLayout({"word": range(shape.counter_words), "lane": shape.burst_begins})
