"""The geometry and the pace of a folded recurrent cell."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from bephw.rtl_gen.inference.folded_array import FoldedArray
from bephw.rtl_gen.samples.gearbox import Gearbox
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.shape import LayerShape, ceil_div

__all__ = ["CellShape"]


@dataclass(frozen=True)
class CellShape:
    """A cell of `layer.outputs` state bits, whose `layer.inputs` are `inputs` of a step and then the state.

    Each of the two begins a word of `columns` bits, so that neither has to be shifted into place: a row is
    `input_words` and then `state_words`. A step's inputs arrive in beats of `stream_width` bits; a sample has `steps`
    of them at most.
    """

    layer: LayerShape
    inputs: int
    stream_width: int
    steps: int

    @classmethod
    def of(cls, settings: Settings) -> CellShape:
        """The cell of a recurrent network."""
        steps = settings.data.steps or 1
        return cls(settings.shapes[0], settings.network.sizes[0], settings.hardware.stream_width, steps)

    @property
    def input_words(self) -> int:
        """Words of a step's inputs."""
        return ceil_div(self.inputs, self.layer.columns)

    @property
    def state_words(self) -> int:
        """Words of a state."""
        return ceil_div(self.layer.outputs, self.layer.columns)

    @property
    def padded(self) -> LayerShape:
        """The matrix as it is walked over: padding between inputs and state counts as inputs."""
        return replace(self.layer, inputs=(self.input_words + self.state_words) * self.layer.columns)

    @property
    def divisions(self) -> list[range]:
        """Inputs of every beat of a step."""
        return stream_beats(self.inputs, self.stream_width)

    @property
    def beat_spacing(self) -> int:
        """Cycles from a step's first beat to that of the next, at least, so that no words are in the way."""
        beats, columns = self.divisions, self.layer.columns
        return max(len(beats), 1 if Gearbox.direct(beats, columns) else self.input_words)

    @property
    def step_cycles(self) -> int:
        """Cycles that the array is busy with a step."""
        return self.padded.forward_cycles

    @property
    def forward_latency(self) -> int:
        """Cycles from the array's first cycle of a step to the last beat of the new state."""
        return self.step_cycles - 1 + FoldedArray.latency(self.padded) + self.padded.last_beats

    @property
    def return_cycles(self) -> int:
        """Cycles from the start of a sample's step to the start of its next one, at least.

        The state comes back a word a cycle while the next step walks over its inputs and its first words already: just
        before the last word is read, it must be there.
        """
        shape = self.padded
        written = self.forward_latency + Gearbox.latency(shape.all_beats(), shape.columns)
        return max(self.step_cycles, written + 2 - shape.words)

    @property
    def in_turn(self) -> int:
        """Samples of a channel between which the array must change so that it never waits for a state."""
        return ceil_div(self.return_cycles, self.step_cycles)

    @property
    def step_interval(self) -> Fraction:
        """Cycles from a step to the next, of whichever sample, on average."""
        return max(Fraction(self.step_cycles, self.layer.samples), Fraction(self.beat_spacing))

    @property
    def step_latency(self) -> int:
        """Cycles from a step to the next one of the same sample where no other is in the array."""
        return max(self.return_cycles, self.beat_spacing)

    @property
    def first_start(self) -> int:
        """Cycles from the last beat of a sample's first step to the array's first cycle of it."""
        return Gearbox.latency(self.divisions, self.layer.columns) + 2

    def latency(self, steps: int) -> int:
        """Cycles from the last beat of a sample's first step to the last beat of its last state, where nothing is held
        up and no other sample is in the array."""
        return self.first_start + (steps - 1) * self.step_latency + self.forward_latency

    def slots_needed(self, interval: Fraction) -> int:
        """Samples in a channel between their first beat and the end of their last step, and some cycles for that to be
        known, when one comes to any channel every `interval` cycles; with several channels, whose samples end in their
        order, one more."""
        between = max(self.in_turn * self.step_cycles, self.beat_spacing)
        arrival, channels = len(self.divisions) + self.first_start, self.layer.samples
        inside = (arrival + (self.steps - 1) * between + 2 * self.step_cycles + 3) / (channels * interval)
        return max(2, math.ceil(inside)) + (channels > 1)
