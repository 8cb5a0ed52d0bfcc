"""The emitted Verilog against the golden model: odd shapes, and everything a host may do in the middle of a batch.

Each configuration is compiled once. Its runs differ in what needs no new hardware: thresholds, batch size, rates,
state, stalls, a reset.
"""

import itertools

import numpy as np
import pytest

from bephw.check import compare_training
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
from bephw.sim.job import MidBatchReset, Stalls

# sizes, classes; bits, gamma, tie, batch; rows, columns, stream_width; the rest as the settings' defaults.
EDGES = {
    "one layer, batches of one, bit stream, two-bit counters": (
        {"sizes": [9, 5], "classes": 2},
        {"bits": 2, "batch": 1, "gamma": 5},
        {"rows": [2, 2], "columns": [4, 3], "stream_width": 1},
    ),
    "fully parallel, one word a sample": (
        {"sizes": [24, 12, 10], "classes": 6},
        {"bits": 16, "batch": 7, "gamma": [3, 5], "tie": "plus"},
        {"rows": [12, 10, 6], "columns": [24, 12, 10], "stream_width": 32},
    ),
    "one lane, four layers, one slot": (
        {"sizes": [13, 8, 6, 9, 7], "classes": 3},
        {"bits": 5, "batch": 5, "gamma": [4, 1, 3, 7]},
        {"rows": 1, "columns": 1, "stream_width": 5, "slots": 1},
    ),
    "narrow above wide, many classes": (
        {"sizes": [20, 3, 31], "classes": 37},
        {"bits": 4, "batch": 11, "gamma": [1, 31], "tie": "plus", "burst": 4, "lag": 1},
        {
            "rows": [1, 8, 5],
            "columns": [20, 2, 7],
            "update_columns": [5, 1],
            "samples": [2, 8],
            "stream_width": 8,
            "wire_registers": 1,
            "profile": False,
        },
    ),
    "the local rule, three layers": (
        {"sizes": [19, 12, 5, 9], "classes": 5},
        {"algorithm": "lbes", "bits": 4, "batch": 6, "gamma": [4, 5, 3]},
        {"rows": [3, 1, 9, 2], "columns": [7, 12, 2, 3], "stream_width": 4, "samples": [4, 2, 2], "slots": 4},
    ),
}
RECURRENT = {
    "a cell, inputs and state in one word, output layers": (
        {"sizes": [5, 8, 6, 4], "classes": 3},
        {"algorithm": "bep-tt", "bits": 4, "batch": 5, "gamma": [4, 3, 2]},
        {"rows": [3, 2, 4, 3], "columns": [13, 8, 5, 2], "stream_width": 3, "slots": 5},
    ),
    "a cell of four samples together, then two, then one": (
        {"sizes": [5, 8, 6, 4], "classes": 3},
        {"algorithm": "bep-tt", "bits": 4, "batch": 5, "gamma": [4, 3, 2]},
        {"rows": [3, 2, 4, 3], "columns": [13, 8, 5, 2], "stream_width": 3, "slots": 8, "samples": [4, 2, 1]},
    ),
    # The end of a sample comes behind its eighth winner.
    "a cell of three samples together, ties plus, long wires": (
        {"sizes": [7, 6, 4], "classes": 3},
        {"algorithm": "bep-tt", "bits": 3, "batch": 7, "gamma": [3, 2], "tie": "plus", "burst": 2},
        {"rows": [4, 1, 2], "columns": [6, 5, 4], "stream_width": 4, "slots": 9, "samples": 3, "wire_registers": 1},
    ),
    "a cell with a lag": (
        {"sizes": [7, 9, 6], "classes": 3},
        {"algorithm": "bep-tt", "bits": 4, "batch": 5, "gamma": [3, 2], "lag": 1, "burst": 2},
        {"rows": [4, 2, 1], "columns": [6, 5, 3], "stream_width": 3, "slots": 6},
    ),
    "a cell, whole words, one slot": (
        {"sizes": [8, 12, 5], "classes": 4},
        {"algorithm": "bep-tt", "bits": 3, "batch": 4, "gamma": [3, 5], "tie": "plus"},
        {"rows": [5, 2, 1], "columns": [4, 6, 5], "stream_width": 8, "slots": 1, "renewal": "sweep"},
    ),
}
RANDOM_SEEDS = (1,)
CELL_SEEDS = (1, 2, 3)


def random_configuration(seed):
    """Anything at all, small."""
    chance = np.random.default_rng(seed)

    def draw(low, high):
        return int(chance.integers(low, high + 1))

    sizes = [draw(1, 40) for _ in range(draw(2, 4))]
    classes = draw(2, 12)
    gammas = [chance.choice([d for d in range(1, size + 1) if size % d == 0]).item() for size in sizes[1:]]
    return (
        {"sizes": sizes, "classes": classes},
        {
            "bits": draw(2, 9),
            "batch": draw(1, 12),
            "gamma": gammas,
            "tie": ["keep", "plus"][draw(0, 1)],
            "burst": 2 ** draw(0, 4),
            "lag": draw(0, 1),
        },
        {
            "rows": [draw(1, bound) for bound in (*sizes[1:], classes)],
            "columns": [draw(1, bound) for bound in sizes],
            "stream_width": draw(1, 40),
            "slots": draw(1, 8),
            "profile": bool(draw(0, 1)),
        },
    )


def random_cell(seed):
    """A small cell of two to four samples together, of any shape, before a layer or two."""
    chance = np.random.default_rng(seed)

    def draw(low, high):
        return int(chance.integers(low, high + 1))

    sizes = [draw(1, 20), draw(1, 14), *(draw(1, 9) for _ in range(draw(1, 2)))]
    together = draw(2, 4)
    gammas = [chance.choice([d for d in range(1, size + 1) if size % d == 0]).item() for size in sizes[1:]]
    return (
        {"sizes": sizes, "classes": draw(2, 6)},
        {
            "algorithm": "bep-tt",
            "bits": draw(2, 6),
            "batch": draw(1, 9),
            "gamma": gammas,
            "tie": ["keep", "plus"][draw(0, 1)],
            "burst": 2 ** draw(0, 2),
            "lag": (lag := draw(0, 1)),
        },
        {
            "rows": [*(draw(1, size) for size in sizes[1:]), 1],
            "columns": [draw(1, sizes[0] + sizes[1]), *(draw(1, size) for size in sizes[1:])],
            "stream_width": draw(1, 20),
            "slots": together * draw(1, 4),
            "samples": [together, *(1 if draw(0, 1) else together for _ in sizes[2:])],
            "renewal": ["copy", "sweep"][draw(0, 1) & ~lag],
            "wire_registers": draw(0, 1),
        },
    )


RECURRENT |= {f"random cell {seed}": random_cell(seed) for seed in CELL_SEEDS}
CONFIGURATIONS = EDGES | RECURRENT | {f"random {seed}": random_configuration(seed) for seed in RANDOM_SEEDS}
# Engine "fast" starts sooner: every second configuration, so that each drives perceptrons and a cell.
ENGINES = dict(zip(CONFIGURATIONS, itertools.cycle(["cocotb", "fast"]), strict=False))


LEFT_OUT = (  # of which the others have nearly all
    "one layer, batches of one, bit stream, two-bit counters",
    "fully parallel, one word a sample",
    "one lane, four layers, one slot",
    "narrow above wide, many classes",
    "a cell of three samples together, ties plus, long wires",
    "a cell, whole words, one slot",
    "a cell, inputs and state in one word, output layers",
    *(f"random cell {seed}" for seed in CELL_SEEDS),
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LEFT_OUT else name for name in CONFIGURATIONS]
)
def test_configuration(name, samples, workdir):
    network, learning, hardware = CONFIGURATIONS[name]
    chance = np.random.default_rng(len(name))
    rates = tuple(chance.integers(0, 3 * 2**16, len(network["sizes"]) - 1).tolist())
    base = Settings.build(
        network=network,
        learning={**learning, "r": 0.3, "nu": 0.3, "rates": rates},
        hardware=hardware,
        data={"steps": 4} if name in RECURRENT else {},
    )
    verilog = emit(base)
    widest = max(network["sizes"][1:])
    stalls = Stalls(samples=0.3, predictions=0.7, transfers=0.3, seed=1)
    runs = {
        "no stalls": ({}, {}),
        # Every sample teaches every open group; some events a sample.
        "stalls": ({"learning.R": 2 * widest + 1, "learning.r": None, "learning.nu": 2}, {"stalls": stalls}),
        "samples held back": ({"learning.batch": 1}, {"stalls": Stalls(samples=0.9, seed=2)}),
        # No sample may teach: reinforcement alone; and nothing of what was before the reset may be left.
        "reset": ({"learning.R": -2 * widest - 1, "learning.r": None}, {"reset": MidBatchReset(9, 3)}),
        "reset, gates shut": (
            {"learning.R": 1, "learning.r": None, "learning.nu": 0, "learning.batch": 4},
            {"reset": MidBatchReset(3, 4), "stalls": Stalls(predictions=0.9, seed=5)},
        ),
    }
    for run, (changes, options) in runs.items():
        settings = base.replace(changes)
        state = samples.random_state(settings, chance)
        segments = session(settings, samples, chance)
        options |= {"workdir": workdir, "verilog": verilog, "load": True, "optimize": False, "engine": ENGINES[name]}
        report = compare_training(settings, state, segments, **options)
        assert report.mismatches == [], run


def session(settings, samples, chance):
    """Segments that end, change and interrupt batches at all the wrong places."""
    batch = min(settings.learning.batch, 12)
    layers = settings.network.layers
    labels = 2 ** (settings.network.classes - 1).bit_length()  # some of them no class: those never teach

    def segment(count, **options):
        if settings.data.steps:
            options["steps"] = int(chance.integers(1, settings.data.steps + 1))
        return samples.random_segment(settings, chance, count, labels=labels, **options)

    return [
        segment(2 * batch + batch // 2, end_batch=True),
        segment(batch // 2 + 1, rates=(0,) * layers),
        segment(9, learn=False),
        segment(batch + 3, rates=tuple(chance.integers(0, 9 * 2**16, layers).tolist())),
        segment(0, end_batch=True),
        segment(0, end_batch=True),
        segment(2 * batch, rates=(2**16,) * layers),
        segment(9, learn=False, end_batch=True),
        segment(1),
    ]
