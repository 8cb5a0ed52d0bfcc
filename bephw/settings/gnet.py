"""Section `[gnet]`: random binary embeddings."""

from __future__ import annotations

from pydantic import Field

from bephw.limits import LARGEST_SIZE
from bephw.settings.section import Flag, Float, Int, Ints, Section

__all__ = ["GNet"]


class GNet(Section):
    """A G-Net and its embedding (`learning.algorithm` "gnet"); batch, epochs and seed are `learning`'s.

    `network.sizes` are those of the network of real numbers. Each of its layers, and its classifier, becomes a random
    layer with `dimensions` outputs and a layer of its own; `hardware` is about these. `alpha`: what the slope of tanh
    starts from, before it is learnt. `noise`: training sees the noise that the embedding will have. `stored`: hardware
    keeps the random layers' weights in memories, as any others, instead of generating them; the network is the same.
    """

    dimensions: Int | Ints = 1000
    alpha: Float = Field(default=10.0, gt=0, le=LARGEST_SIZE)
    noise: Flag = True
    stored: Flag = False
    learning_rate: Float = Field(default=0.01, gt=0, le=100)
