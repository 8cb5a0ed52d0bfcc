"""Section `[network]`: sizes."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from bephw.limits import LARGEST_SIZE
from bephw.settings.section import Flag, Int, Ints, Section, rule
from bephw.words import counted

__all__ = ["Network"]


class Network(Section):
    """Layer sizes: inputs, then the outputs of every layer; and the number of classes.

    Inputs may be left open as 0, "as many as an encoded sample has", and so may classes, "as many as the labels have":
    see `Settings.with_data`. In a recurrent network the first layer is the cell: `sizes[0]` inputs a time step and
    `sizes[1]` state bits.
    For inference only: `thresholds`, every neuron has an integer threshold, `a_j = (z_j >= threshold_j)`; with it,
    layers may have `generated` weights, which need no memory: an entry a layer, a nonzero 32-bit seed, or 0 for weights
    that are stored (`bephw.generated`); `scores`, every class has a scale and an offset, and the largest
    `scale_c * matches_c + offset_c` is the prediction. In a network of logic gates outputs are gates, and the last
    layer's are a multiple of the classes.
    """

    LATER = frozenset({"scores", "generated"})

    sizes: Ints = Field(min_length=2, max_length=129)
    classes: Int = Field(ge=0, le=LARGEST_SIZE)
    thresholds: Flag = False
    scores: Flag = False
    generated: Ints = ()

    @model_validator(mode="after")
    def _sizes_in_range(self) -> Self:
        for index, size in enumerate(self.sizes):
            if index == 0 and size == 0:
                continue
            rule(1 <= size <= LARGEST_SIZE, f"sizes[{index}] must be 1 to {LARGEST_SIZE}, not {size}")
        rule(self.classes != 1, "classes must be at least 2 (or 0, as many as the data have), not 1")
        return self

    @model_validator(mode="after")
    def _generated_is_for_inference(self) -> Self:
        if not self.generated:
            return self
        entries = len(self.generated)
        rule(
            entries == self.layers,
            f"generated must have {counted(self.layers, 'entry', 'entries')}, one a layer, not {entries}",
        )
        for index, seed in enumerate(self.generated):
            rule(0 <= seed < 2**32, f"generated[{index}] must be a 32-bit seed, or 0 for stored weights, not {seed}")
        rule(self.thresholds, "thresholds must be true with generated weights, which do not learn, not false")
        return self

    @property
    def layers(self) -> int:
        """Number of layers with weights that learn."""
        return len(self.sizes) - 1

    @property
    def for_inference(self) -> str:
        """The field because of which it cannot learn; "" where it can."""
        return next((f"network.{name}" for name in ("thresholds", "scores") if getattr(self, name)), "")
