"""BEP-TT: a recurrent cell, layers after its last step, and a classifier."""

from bephw.rtl_gen.programs.perceptron import Perceptron
from bephw.rtl_gen.recurrent.cell import Cell

__all__ = ["Recurrent"]


class Recurrent(Perceptron):
    """A perceptron whose first layer is a cell: that takes steps, passes on what the last one gives, and takes lessons
    from above as any layer does. What it sends itself, from step to step, stays within it.
    """

    FIRST = Cell
