"""LUTs, RAMs and clock of a trainer before synthesis.

RAMs are counted (memories.py). LUTs are a sum over the parts' sizes, and the clock period one over the design's
size; their coefficients were fitted to syntheses (benchmarks/plan_model.py) and lie in coefficients.toml.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from numpy.typing import NDArray

from bephw.boards.bitstream.memories import Family, Kind, count_rams
from bephw.boards.devices import Device
from bephw.errors import BephwError
from bephw.files import write_text
from bephw.rtl_gen.backward.lesson_buffer import LessonBuffer
from bephw.rtl_gen.parts.constant_division import division_latency
from bephw.rtl_gen.parts.constant_product import MULTIPLIERS, signed_digits
from bephw.rtl_gen.recurrent.step_channel import state_beats
from bephw.rtl_gen.samples.gearbox import Gearbox
from bephw.rtl_gen.samples.input_queue import banks
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.shape import LayerShape

__all__ = ["COEFFICIENTS", "Area", "fit", "lut_features", "period_features", "predict_area"]

COEFFICIENTS = Path(__file__).with_name("coefficients.toml")

# LUTs that one of each is expected to take. The fit starts from these and leaves them only for a reason: what few
# designs cannot tell apart stays where it is.
EXPECTED: dict[Family, dict[str, float]] = {
    "ecp5": {
        "trainer": 300.0,
        "layer": 300.0,
        "index bit": 35.0,
        "place bit": 1.0,
        "hidden classifier": 200.0,
        "cycle counter": 100.0,
        "lane": 2.0,
        "copied lane": 0.5,
        "wire bit": 0.01,
        "sum bit": 4.0,
        "credit lane": 2.0,
        "vote bit": 2.5,
        "outcome bit": 3.0,
        "candidate bit": 5.0,
        "counter bit": 3.5,
        "vector bit": 1.5,
        "lut ram": 6.0,
        "pipelined layer": 50.0,
        "cell": 400.0,
        "series bit": 1.5,
        "channel": 120.0,
        "vote row": 6.0,
        "bank bit": 0.6,
        "lagging layer": 150.0,
        "lagging row": 2.0,
        "burst counter": 3.0,
    },
    "ice40": {
        "trainer": 500.0,
        "layer": 300.0,
        "index bit": 35.0,
        "place bit": 1.5,
        "hidden classifier": 380.0,
        "cycle counter": 65.0,
        "lane": 2.2,
        "copied lane": 1.0,
        "wire bit": 1.2,
        "sum bit": 3.0,
        "credit lane": 2.5,
        "vote bit": 3.0,
        "outcome bit": 3.0,
        "candidate bit": 5.0,
        "counter bit": 5.0,
        "vector bit": 1.5,
        "lut ram": 1.0,
        "pipelined layer": 150.0,
        "cell": 300.0,
        "series bit": 1.5,
        "channel": 120.0,
        "vote row": 6.0,
        "bank bit": 0.7,
        "lagging layer": 150.0,
        "lagging row": 2.5,
        "burst counter": 3.0,
    },
}
PERIOD: dict[Family, dict[str, float]] = {
    "ecp5": {"base": 7.0, "size": 0.5, "fullness": 1.0, "single port": 0.0, "channels": 0.4, "bare wires": 0.35},
    "ice40": {"base": 22.0, "size": 0.5, "fullness": 5.0, "single port": 10.0, "channels": 0.4, "bare wires": 0.0},
}
# Weights of an expectation against a measurement, with which designs that are held out of the fit come out best.
TRUST: dict[Family, float] = {"ecp5": 0.08, "ice40": 0.03}
# Families of which no design was fitted: the one whose coefficients they take, and how many LUTs stand for one of it,
# in designs that were built (docs/boards.md).
PLANNED_AS: dict[Family, tuple[Family, float]] = {"gowin": ("ice40", 1.28), "gatemate": ("ice40", 1.9)}
# The chips that were fitted.
AVAILABLE: dict[Family, int] = {"ecp5": 83_640, "ice40": 5_280}
BLOCK_RAMS: dict[Family, int] = {"ecp5": 208, "ice40": 30}


@dataclass(frozen=True)
class Area:
    """What a trainer takes, without a board around it.

    `luts` are logic cells on iCE40; `by_part` is how they come together.
    """

    luts: int
    brams: int
    sprams: int
    fmax_mhz: float
    by_part: dict[str, float]


def predict_area(
    settings: Settings, family: Family, counts: Mapping[Kind, int] | None = None, chip: Device | None = None
) -> Area:
    """Area and clock on a chip of the family, else on the one that was fitted; `counts` are the RAMs, as `count_rams`
    has them, where they are known. Raises `BephwError` where the coefficients have never been fitted for the family."""
    found, (fitted, ratio) = _coefficients(), PLANNED_AS.get(family, (family, 1))
    if fitted not in found:
        raise BephwError(f"{COEFFICIENTS.name}: no coefficients for {fitted}: run benchmarks/plan_model.py")
    costs = found[fitted]["luts"]
    counts = counts or count_rams(settings, family)
    # A part that no fitted design has costs what is expected of it.
    by_part = {
        name: costs.get(name, EXPECTED[fitted][name]) * size * ratio
        for name, size in lut_features(settings, family, counts).items()
    }
    luts = sum(by_part.values())
    delays = found[fitted]["period_ns"]
    period = sum(
        delays.get(name, PERIOD[fitted][name]) * size
        for name, size in period_features(settings, luts, fitted, counts, chip).items()
    )
    return Area(
        luts=round(luts),
        brams=counts["block"],
        sprams=counts["single port"],
        fmax_mhz=round(1000 / period * (chip.speed if chip else 1), 1),
        by_part=by_part,
    )


def lut_features(settings: Settings, family: Family, counts: Mapping[Kind, int] | None = None) -> dict[str, float]:
    """Sizes of the parts that LUTs are spent on. `counts`: RAMs, as `count_rams` has them, where they are known."""
    shapes, classifiers = settings.shapes, settings.classifier_shapes
    gated, cells = settings.gated_shapes, [shape for shape in shapes if shape.steps]
    slices = [(shape.slice_width(gamma), shape) for shape, gamma in zip(shapes, settings.gamma, strict=True)]
    counts = counts or count_rams(settings, family)
    lag = settings.learning.lag
    return {
        "trainer": 1,
        "layer": len(shapes),
        # Counts of rows and columns, and what is made of them: addresses, the place of a reinforcement event.
        "index bit": sum(shape.inputs.bit_length() + shape.outputs.bit_length() for shape in shapes),
        "hidden classifier": len(classifiers) - 1,
        # Of the phases: ends of batches, forward passes, and each layer's search, updates, reinforcement, propagation.
        "cycle counter": settings.hardware.profile * (1 + len(classifiers) + 4 * len(shapes) + len(gated)),
        "place bit": sum(_place_bits(shape, family) for shape in shapes),
        # XNOR and popcount.
        "lane": settings.lanes,
        # The way from the frozen plane to the live one.
        "copied lane": sum(shape.rows * shape.columns for shape in shapes) * (settings.hardware.renewal == "copy"),
        # Registers between memories and lanes, of weights and of each channel's inputs; on ECP5 beside LUTs that are in
        # use anyway.
        "wire bit": settings.hardware.wire_registers
        * sum((shape.rows + shape.samples) * shape.columns for shape in shapes),
        # Accumulators, and the way out of the array.
        "sum bit": sum(shape.samples * shape.rows * shape.z_bits for shape in (*shapes, *classifiers)),
        "credit lane": sum(shape.lanes for shape in gated),
        # Open rows' opinions, added up for each column.
        "vote bit": sum(shape.samples * shape.columns * (shape.outputs.bit_length() + 1) for shape in gated),
        "outcome bit": sum(shape.samples * shape.scan * shape.z_bits for shape in shapes),
        "candidate bit": sum(shape.samples * width * shape.z_bits for width, shape in slices),
        "counter bit": sum(shape.update_columns * settings.learning.bits for shape in shapes),
        "vector bit": _vector_bits(settings, family),
        "lut ram": counts["lut"] + counts["flip-flops"],
        # Counters with two ports change in a pipeline, those in a single-port RAM one after the other.
        "pipelined layer": len(shapes) - sum(settings.single_ports),
        # Turns, steps on their way, the order of lessons, once a channel.
        "cell": sum(shape.samples for shape in cells),
        # Words of what came in and of states, put together for each reader.
        "series bit": sum(3 * shape.samples * shape.columns for shape in cells),
        # What one sample needs of its own, beside what grows with the folding: control of its inputs, its lesson, its
        # winner search and its lesson below. The first channel's is the layer's.
        "channel": sum(shape.samples - 1 for shape in shapes),
        # Votes put together slice by slice, where there are no lists of open rows.
        "vote row": sum(shape.samples * shape.rows for shape in gated if shape.samples > 1),
        "bank bit": _bank_bits(settings),
        # Who is in which batch, and where planes begin; of each row whether it has been written.
        "lagging layer": lag * len(shapes),
        "lagging row": lag * sum(shape.outputs for shape in shapes),
        # Which counters of a word are in the burst.
        "burst counter": sum(shape.update_columns for shape in shapes if shape.burst > 1),
    }


def period_features(
    settings: Settings,
    luts: float,
    family: Family,
    counts: Mapping[Kind, int] | None = None,
    chip: Device | None = None,
) -> dict[str, float]:
    """What the clock period grows with: the logarithm of the size; how full the device is; whether counters lie in
    single-port RAM, where a step up or down takes place between reading and writing, without registers; how many
    channels take turns, all over the design, both as logarithms; and how far apart the block RAMs are, where wires to
    the lanes have no registers."""
    counts = counts or count_rams(settings, family)
    luts_there, blocks_there = (chip.luts, chip.brams) if chip else (AVAILABLE[family], BLOCK_RAMS[family])
    size = math.log2(max(luts, 2) / 1000)
    return {
        "base": 1,
        "size": size,
        "fullness": luts / luts_there,
        "single port": any(settings.single_ports),
        "channels": math.log2(max(settings.samples)) * size,
        "bare wires": 0 if settings.hardware.wire_registers else counts["block"] / blocks_there,
    }


def _bank_bits(settings: Settings) -> int:
    """Bits of words of inputs to choose from, beyond the first: by readers that are fewer than the banks."""
    bits = 0
    for shape in settings.shapes if not settings.recurrent else settings.shapes[1:]:
        kept = banks(shape, settings.shapes[shape.index - 1].samples if shape.index else 1)
        readers = [shape.samples] * (2 if shape in settings.gated_shapes else 1)
        bits += shape.columns * (kept - 1 + sum(kept - channels for channels in readers))
    taught = settings.shapes[-len(settings.classifier_shapes) :]
    for shape, layer in zip(settings.classifier_shapes, taught, strict=True):
        bits += shape.columns * (layer.samples - 1)
    return bits


def _place_bits(shape: LayerShape, family: Family) -> int:
    """Bits of the sums and remainders in pipelines that find places: where a row's counters and its words of the plane
    begin, and which counter an event means. None for powers of two."""
    row, column, draw = (shape.outputs - 1).bit_length(), (shape.inputs - 1).bit_length(), 16
    factors = [
        ((shape.groups - 1).bit_length(), shape.rows * shape.row_chunks),
        ((shape.rows - 1).bit_length(), shape.row_chunks),
        ((shape.groups - 1).bit_length(), shape.words),
        (row, shape.row_chunks),
    ]
    # The chip that was fitted has multipliers for these, in the first layers.
    if family != "ice40" or 2 * (shape.index + 1) > MULTIPLIERS["iCE40UP5K"]:
        factors += [(draw, shape.outputs), (draw, shape.inputs)]
    sums = sum((len(signed_digits(factor)) - 1) * (bits + factor.bit_length()) for bits, factor in factors)
    return sums + division_latency(column, shape.update_columns) * (column + shape.update_columns.bit_length())


def _vector_bits(settings: Settings, family: Family) -> int:
    """Bits of vectors that are shifted: lessons, twice, or a beat of those in a memory; inputs to be cut anew. A
    channel's own, as many times as there are channels."""
    shapes, classifiers = settings.shapes, settings.classifier_shapes
    teachers = classifiers if settings.local else (*shapes[1:], *classifiers)
    bits = 0
    for shape, teacher, gamma in zip(shapes, teachers, settings.gamma, strict=True):
        in_memory = LessonBuffer.ram(shape, teacher.columns, gamma, family)
        bits += shape.samples * (teacher.columns if in_memory else 2 * shape.outputs)
        bits += shape.samples * _state_bits(shape, gamma, family) if shape.steps else 0
    first = stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
    arriving = [(first, 1), *((shape.all_beats(), shape.samples) for shape in shapes[:-1])]
    above = [(shape.all_beats(), shape.samples) for shape in shapes[-len(classifiers) :]]
    for shape, (beats, sources) in zip((*shapes, *classifiers), (*arriving, *above), strict=True):
        if not Gearbox.direct(beats, shape.columns):
            bits += sources * shape.inputs * (2 if shape.words > 1 else 1)
    return bits


def _state_bits(shape: LayerShape, gamma: int, family: Family) -> int:
    """The same, of what a cell sends itself: lessons, and its state."""
    skipped = shape.passed_on.start % shape.columns
    in_memory = LessonBuffer.ram(shape, shape.columns, gamma, family, skipped=skipped)
    bits = shape.columns if in_memory else 2 * shape.outputs
    if not Gearbox.direct(state_beats(shape), shape.columns):
        bits += shape.outputs * (2 if len(shape.passed_on_words) > 1 else 1)
    return bits


# -- fitting --------------------------------------------------------------------------------------


def fit(measured: Sequence[tuple[Family, Settings, dict[str, Any]]], output: Path, command: str) -> None:
    """Fit the coefficients to (family, settings, figures with `luts` and `fmax_mhz`, which may be None) and write them
    to `output`.

    Least squares of relative errors; no coefficient is negative. Families that were not measured keep theirs, and so do
    those of which nothing was placed keep their period.
    """
    try:
        content = tomllib.loads(output.read_text())
    except OSError:
        content = {}
    for family in EXPECTED:
        points = [(settings, figures) for name, settings, figures in measured if name == family]
        if not points:
            continue
        luts = [figures["luts"] for _, figures in points]
        sizes = [lut_features(settings, family) for settings, _ in points]
        costs = _fit(sizes, luts, EXPECTED[family], TRUST[family])
        # The period is fitted to what the model will say of the size.
        said = [sum(costs[name] * size for name, size in row.items()) for row in sizes]
        placed = [
            (period_features(settings, value, family), figures["fmax_mhz"])
            for value, (settings, figures) in zip(said, points, strict=True)
            if figures["fmax_mhz"]
        ]
        delays = content.get(family, {}).get("period_ns", PERIOD[family])
        if placed:
            delays = _fit(
                [row for row, _ in placed], [1000 / clock for _, clock in placed], PERIOD[family], TRUST[family]
            )
        content[family] = {"command": command, "designs": len(points), "luts": costs, "period_ns": delays}
    write_text(output, HEADER + tomli_w.dumps(content))
    _coefficients.cache_clear()


HEADER = """# Coefficients of bephw/plan/area.py, fitted to syntheses by the command given: LUTs for one of each, and
# nanoseconds. Written by a program; do not edit.

"""


def _fit(
    features: Sequence[dict[str, float]], targets: Sequence[float], expected: dict[str, float], trust: float
) -> dict[str, float]:
    """Non-negative coefficients near those expected, which are trusted so much, with the least relative errors."""
    names = list(expected)
    sizes = np.array([[row[name] for name in names] for row in features], float)
    prior = np.array([expected[name] for name in names])
    wanted = np.array(targets, float)
    # In units of what is expected; each expectation is one more, weak, measurement.
    rows = np.vstack([sizes * prior / wanted[:, None], trust * np.eye(len(names))])
    right = np.concatenate([np.ones(len(wanted)), trust * np.ones(len(names))])
    solution = _non_negative(rows, right)
    return {name: float(f"{value:.4g}") for name, value in zip(names, solution * prior, strict=True)}


def _non_negative(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares without the terms that come out negative, the worst first."""
    kept = list(range(matrix.shape[1]))
    while True:
        part, *_ = np.linalg.lstsq(matrix[:, kept], right, rcond=None)
        if part.min() >= 0:
            break
        kept.pop(int(part.argmin()))
    solution = np.zeros(matrix.shape[1])
    solution[kept] = part
    return solution


@cache
def _coefficients() -> dict[str, Any]:
    try:
        return tomllib.loads(COEFFICIENTS.read_text())
    except OSError:
        return {}
