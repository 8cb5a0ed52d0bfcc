"""What follows from the sections: a value for every layer, and the geometry."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Literal

from bephw.limits import LARGEST_SIZE
from bephw.settings.baseline import Baseline
from bephw.settings.board import Board
from bephw.settings.data import Data
from bephw.settings.gnet import GNet
from bephw.settings.hardware import Hardware
from bephw.settings.learning import IN_PYTORCH, Learning
from bephw.settings.logic import Logic
from bephw.settings.network import Network
from bephw.settings.section import Section, exact, per_layer, rule
from bephw.shape import LayerShape, ceil_div, default_update_columns

__all__ = ["Derived"]

PerLayer = tuple[int, ...]


class Derived(Section):
    """The sections, and what follows from them. Where a field took a number or a list, a tuple, one entry a layer.

    Raises `ValueError` where a list has another length.
    """

    network: Network
    learning: Learning = Learning()
    baseline: Baseline = Baseline()
    logic: Logic = Logic()
    gnet: GNet = GNet()
    hardware: Hardware = Hardware()
    data: Data = Data()
    board: Board = Board()

    @property
    def open(self) -> bool:
        """Whether the settings leave inputs or classes to the data."""
        return not (self.network.sizes[0] and self.network.classes)

    @property
    def names_data(self) -> bool:
        """Whether they say which data set; where they do not, the network need not fit the default one."""
        return "name" in self.data.model_fields_set

    @cached_property
    def gamma(self) -> PerLayer:
        """Winner group size of every layer."""
        return per_layer("learning.gamma", self.learning.gamma, self.network.layers)

    @cached_property
    def dimensions(self) -> PerLayer:
        """Outputs of the random layers that a G-Net's layers and its classifier get."""
        return per_layer("gnet.dimensions", self.gnet.dimensions, self.network.layers + 1)

    @cached_property
    def samples(self) -> PerLayer:
        """How many samples meet a word of weights at once, in every layer."""
        return per_layer("hardware.samples", self.hardware.samples, self.network.layers)

    @cached_property
    def single_ports(self) -> tuple[bool, ...]:
        """Whether a layer's counters lie in memory with a single port."""
        kinds = per_layer("hardware.counter_memory", self.hardware.counter_memory, self.network.layers)
        return tuple(kind == "spram" for kind in kinds)

    @property
    def in_pytorch(self) -> bool:
        """Whether PyTorch trains the network, not the golden model."""
        return self.learning.algorithm in IN_PYTORCH

    @property
    def recurrent(self) -> bool:
        """Whether a sample is a series of steps, and the first layer a cell with a state."""
        return self.learning.algorithm == "bep-tt" or (
            self.learning.algorithm == "ste" and self.data.window is not None
        )

    @property
    def local(self) -> bool:
        """Whether every layer has a classifier and a margin of its own (LBES)."""
        return self.learning.algorithm == "lbes"

    @property
    def order(self) -> Literal["permutation", "stride"]:
        """In which order an epoch has its samples: where nothing is said, "stride" for a board with a store."""
        if self.learning.order == "auto":
            return "permutation" if self.board.store == "none" else "stride"
        return self.learning.order

    @cached_property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """(K_out, K_in) of every layer that learns; a cell's inputs are those of a step, then its state."""
        return tuple(zip(self.network.sizes[1:], self.inputs, strict=False))

    @cached_property
    def margins(self) -> PerLayer:
        """R of every classifier (section 3): one a layer for the local rule, else one for the last layer."""
        widths = self.network.sizes[1:] if self.local else self.network.sizes[-1:]
        if self.learning.R is not None:
            return per_layer("learning.R", self.learning.R, len(widths))
        r = self.learning.r if self.learning.r is not None else 0.25
        return tuple(math.ceil(exact(r) * width) for width in widths)

    @property
    def R(self) -> int:
        """Margin of the last layer's classifier."""
        return self.margins[-1]

    @cached_property
    def G(self) -> PerLayer:
        """Gate on |z| of every layer; the first is used by a recurrent cell only (section 4)."""
        layers = self.network.layers
        if self.learning.G is not None:
            return per_layer("learning.G", self.learning.G, layers)
        nus = per_layer("learning.nu", self.learning.nu if self.learning.nu is not None else 0.1, layers)
        for index, nu in enumerate(nus):
            rule(0 <= nu <= LARGEST_SIZE, f"learning.nu[{index}] must be 0 to {LARGEST_SIZE}, not {nu}")
        return tuple(math.floor(exact(nu) * size) for nu, size in zip(nus, self.inputs, strict=False))

    @cached_property
    def fixed_rates(self) -> PerLayer | None:
        """Reinforcement rates that the settings fix, or None where training derives them from p_r."""
        if self.learning.rates is None:
            return None
        return per_layer("learning.rates", self.learning.rates, self.network.layers)

    @cached_property
    def shapes(self) -> tuple[LayerShape, ...]:
        """Geometry of every layer that learns."""
        return self._all_shapes[:-1]

    @property
    def gated_shapes(self) -> tuple[LayerShape, ...]:
        """Of the layers that pass errors on, by a gate on |z|: a perceptron's first has nobody to pass them on to, a
        cell has itself, a step before; none does where the rule is local."""
        return () if self.local else self.shapes if self.recurrent else self.shapes[1:]

    @property
    def classifier_shape(self) -> LayerShape:
        """Geometry of the last layer's classifier."""
        return self._all_shapes[-1]

    @cached_property
    def classifier_shapes(self) -> tuple[LayerShape, ...]:
        """Geometry of every classifier, the last layer's last: one a layer for the local rule, else that one alone.

        A hidden layer's classifier, whose index is the layer's, has one row, and the fewest columns with which it takes
        no more than half the cycles of the slowest of layers, last classifier and sample stream: so it never sets the
        pace, and the end of a batch does not wait long for its last lesson.
        """
        if not self.local:
            return (self.classifier_shape,)
        last, classes = self.classifier_shape, self.network.classes
        pace = max(
            ceil_div(self.network.sizes[0], self.hardware.stream_width),
            *(shape.forward_cycles for shape in (*self.shapes, last)),
        )
        hidden = [
            LayerShape(index, inputs, classes, 1, ceil_div(inputs, max(pace // 2 // classes, 1)), 1)
            for index, inputs in enumerate(self.network.sizes[1:-1])
        ]
        return (*hidden, last)

    @property
    def teachers(self) -> tuple[LayerShape, ...]:
        """Of each layer, the layer or classifier that sends its lessons, in beats of its own columns."""
        return self.classifier_shapes if self.local else (*self.shapes[1:], self.classifier_shape)

    @property
    def lanes(self) -> int:
        """XNOR-popcount lanes of the whole design, classifiers included."""
        return sum(shape.lanes for shape in (*self.shapes, *self.classifier_shapes))

    @property
    def work(self) -> int:
        """XNOR operations of one forward pass, all steps of a cell and the classifiers included."""
        first, *rest = (shape.outputs * shape.inputs for shape in (*self.shapes, *self.classifier_shapes))
        return first * (self.data.steps or 1) + sum(rest)

    @cached_property
    def _all_shapes(self) -> tuple[LayerShape, ...]:
        hardware, layers = self.hardware, self.network.layers
        rows, columns = (
            tuple(min(asked, bound) for bound in bounds) if isinstance(asked, int) else asked
            for asked, bounds in ((hardware.rows, self.outputs), (hardware.columns, self.inputs))
        )
        update = (
            tuple(default_update_columns(width) for width in columns[:layers])
            if hardware.update_columns is None
            else per_layer("hardware.update_columns", hardware.update_columns, layers)
        )
        cells = range(1 if self.recurrent else 0)
        return tuple(
            LayerShape(
                index=index,
                inputs=self.inputs[index],
                outputs=self.outputs[index],
                rows=rows[index],
                columns=columns[index],
                update_columns=update[index] if index < layers else 1,
                steps=self.data.steps if index in cells else None,
                slots=hardware.slots // self.samples[index] if index in cells else 1,
                burst=self.learning.burst if index < layers else 1,
                samples=self.samples[index] if index < layers else 1,
            )
            for index in range(layers + 1)
        )

    @cached_property
    def inputs(self) -> PerLayer:
        """K_in of every layer and of the classifier; a cell's are those of a step, then its state."""
        first, *rest = self.network.sizes
        return (first + rest[0] if self.recurrent else first, *rest)

    @property
    def outputs(self) -> PerLayer:
        """K_out of every layer, and the number of classes."""
        return (*self.network.sizes[1:], self.network.classes)
