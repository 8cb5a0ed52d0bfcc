"""Random samples and states for trainers of any shape."""

from __future__ import annotations

import numpy as np

from bephw.sim.job import Segment
from bephw.state import NetworkState


def random_segment(settings, generator, count, *, labels=None, steps=None, **options):
    """`count` samples; labels below `labels`, which is `classes` where None; `steps` of a series, as many as possible
    where None."""
    steps = () if settings.data.steps is None else (steps or settings.data.steps,)
    x = generator.integers(0, 2, (count, *steps, settings.network.sizes[0])).astype(np.uint8)
    return Segment(x, generator.integers(0, labels or settings.network.classes, count), **options)


def random_state(settings, generator):
    """Counters close to zero, so that signs change, and here and there at the ends, so that they saturate."""
    top = 2 ** (settings.learning.bits - 1)
    sizes, layers = settings.network.sizes, settings.network.layers
    counters = []
    for shape in settings.matrices:
        values = np.clip(np.floor(generator.normal(0, 1.5, shape)), -top, top - 1)
        ends = generator.choice([-top, top - 1], shape)
        counters.append(np.where(generator.random(shape) < 0.1, ends, values).astype(np.int16))
    hidden = sizes[1:-1] if settings.local else ()
    return NetworkState(
        counters=tuple(counters),
        hidden_prototypes=tuple(
            generator.integers(0, 2, (settings.network.classes, size)).astype(np.uint8) for size in hidden
        ),
        prototypes=generator.integers(0, 2, (settings.network.classes, sizes[-1])).astype(np.uint8),
        generators=generator.integers(1, 2**32, layers).astype(np.uint32),
        accumulators=generator.integers(0, 2**16, layers).astype(np.uint32),
    )
