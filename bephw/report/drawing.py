"""The design as a drawing: a box a layer with its lanes, memories and how busy its parts are, made from settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bephw.report.words import amount, number, plural
from bephw.settings import Settings
from bephw.shape import LayerShape

__all__ = ["Box", "boxes", "draw"]

WIDTH = 300
EDGE = 14
LANES_HEIGHT = 74
SMALLEST = 2.5  # A lane smaller than this is not drawn by itself.
LARGEST = 12.0
BAR_LEFT, BAR_RIGHT = 112, 238
SHOWN_FIRST, SHOWN_LAST = 4, 2  # of more layers than can be looked at

# Units in the order in which a sample passes them, and what each does.
UNITS = {
    "forward": "sums",
    "argmax": "logits",
    "classifier": "own logits",
    "winner": "winner search",
    "credit": "error back",
    "update": "update",
    "counters": "update",
    "reinforce": "reinforce",
    "lessons": "first lesson",
}


@dataclass(frozen=True)
class Box:
    """A layer, the classifier, or layers left out.

    Attributes:
        title: "Layer 0"; its size is `size`, "192 → 63", or of a cell "192 → 63, 5 steps".
        colour: CSS colour of its part.
        shape: how it is folded; None for layers left out.
        memories: a line a memory.
        busy: cycles a sample of each of its units, in words.
        propagates: whether errors go back from here to the box before.
    """

    title: str
    size: str
    colour: str
    shape: LayerShape | None
    memories: tuple[str, ...]
    busy: Mapping[str, float]
    propagates: bool


def boxes(settings: Settings, phases: Mapping[str, float], *, learns: bool = True) -> list[Box]:
    """The boxes from input to output. `phases`: busy cycles a sample by "UNIT LAYER", as `bephw sim` has them."""
    layers = [_layer(settings, shape, _busy(phases, shape.index), learns) for shape in settings.shapes]
    if len(layers) > SHOWN_FIRST + SHOWN_LAST + 1:
        left_out = len(layers) - SHOWN_FIRST - SHOWN_LAST
        gap = Box(f"{left_out} more layers", "", "var(--faint)", None, (), {}, learns)
        layers = [*layers[:SHOWN_FIRST], gap, *layers[-SHOWN_LAST:]]
    shape = settings.classifier_shape
    own = _busy(phases, settings.network.layers)
    own |= {UNITS[unit]: phases[unit] for unit in ("argmax", "lessons") if unit in phases}
    memories = (f"prototypes {_bits(shape.outputs * shape.inputs)}, fixed",)
    classifier = Box(
        "Classifier",
        f"{number(shape.inputs)} → {plural(shape.outputs, 'class')}".replace("classs", "classes"),
        "var(--classifier)",
        shape,
        memories,
        own,
        learns,
    )
    return [*layers, classifier]


def _layer(settings: Settings, shape: LayerShape, busy: Mapping[str, float], learns: bool) -> Box:
    weights = shape.outputs * shape.inputs
    memories = [f"weights {_bits(weights)}" + (", twice" if learns else "")]
    if learns:
        kind = "single-port RAM" if settings.single_ports[shape.index] else "block RAM"
        memories += [f"counters {amount(weights)} × {_bits(settings.learning.bits)},", f"in {kind}"]
        if settings.local and shape is not settings.shapes[-1]:
            own = settings.classifier_shapes[shape.index]
            memories.append(f"prototypes {_bits(own.outputs * own.inputs)}, fixed;")
            memories.append(f"in its classifier, {number(own.rows)} × {number(own.columns)} lanes")
    steps = "" if shape.steps is None else f", {plural(shape.steps, 'step')}"
    return Box(
        f"Layer {shape.index}" if shape.steps is None else f"Layer {shape.index}, a cell",
        f"{number(shape.inputs)} → {number(shape.outputs)}{steps}",
        f"var(--part-{shape.index % 6})",
        shape,
        tuple(memories),
        busy,
        learns and shape in settings.gated_shapes and shape.index > 0,
    )


def _busy(phases: Mapping[str, float], index: int) -> dict[str, float]:
    """Of the units of one layer, in the order of `UNITS`."""
    return {UNITS[unit]: phases[f"{unit} {index}"] for unit in UNITS if f"{unit} {index}" in phases}


def _bits(count: int) -> str:
    return f"{amount(count)} {'bit' if count == 1 else 'bits'}"


def draw(box: Box, pace: float | None) -> str:
    """One box as SVG. `pace`: cycles a sample of the whole trainer, the length of a full bar."""
    y = 0.0
    parts = [f'<text class="title" x="{EDGE}" y="28">{escape(box.title)}</text>']
    parts.append(f'<text class="size" x="{WIDTH - EDGE}" y="28" text-anchor="end">{escape(box.size)}</text>')
    y = 44
    if box.shape is not None:
        lanes, y = _lanes(box.shape, box.colour, y)
        parts += lanes
    for line in box.memories:
        if not line.startswith("in "):
            parts.append(f'<rect class="memory" x="{EDGE}" y="{y + 1:g}" width="11" height="11" rx="2"/>')
        parts.append(f'<text class="small" x="{EDGE + 18}" y="{y + 11:g}">{escape(line)}</text>')
        y += 20
    full = max([pace or 0.0, *box.busy.values()])
    if box.busy and full > 0:
        y += 6
        for unit, cycles in box.busy.items():
            parts += _bar(unit, cycles, full, box.colour, y)
            y += 19
    height = y + 8
    frame = (
        f'<rect class="frame" x="1" y="1" width="{WIDTH - 2}" height="{height - 2:g}" rx="10"/>'
        f'<rect x="1" y="12" width="4" height="24" rx="2" fill="{box.colour}"/>'
    )
    words = escape(_words(box), quote=True)
    drawn = "".join(parts)
    return f'<svg class="box" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{words}">{frame}{drawn}</svg>'


def _lanes(shape: LayerShape, colour: str, y: float) -> tuple[list[str], float]:
    """The lanes as a field of squares, a row a row of the array; and where the next thing goes."""
    width = WIDTH - 2 * EDGE
    size = min(LARGEST, width / shape.columns, LANES_HEIGHT / shape.rows)
    words = f"{plural(shape.rows * shape.columns, 'lane')}: {number(shape.rows)} × {number(shape.columns)}"
    if size >= SMALLEST:
        side = size * 0.82
        squares = "".join(
            f"M{EDGE + column * size:.2f} {y + row * size:.2f}h{side:.2f}v{side:.2f}h-{side:.2f}z"
            for row in range(shape.rows)
            for column in range(shape.columns)
        )
        field, height = f'<path d="{squares}" fill="{colour}"/>', shape.rows * size
    else:
        across = min(width, max(24.0, width * min(1.0, shape.columns / 128)))
        height = min(LANES_HEIGHT, max(12.0, LANES_HEIGHT * min(1.0, shape.rows / 64)))
        field = f'<rect x="{EDGE}" y="{y:g}" width="{across:g}" height="{height:g}" rx="2" fill="{colour}"/>'
    text = f'<text class="small" x="{EDGE}" y="{y + height + 16:g}">{escape(words)}</text>'
    return [field, text], y + height + 26


def _bar(unit: str, cycles: float, full: float, colour: str, y: float) -> Sequence[str]:
    length = max(1.0, (BAR_RIGHT - BAR_LEFT) * cycles / full)
    return (
        f'<text class="small" x="{EDGE}" y="{y + 11:g}">{escape(unit)}</text>',
        f'<rect class="rail" x="{BAR_LEFT}" y="{y + 2:g}" width="{BAR_RIGHT - BAR_LEFT}" height="10" rx="2"/>',
        f'<rect x="{BAR_LEFT}" y="{y + 2:g}" width="{length:.1f}" height="10" rx="2" fill="{colour}"/>',
        f'<text class="small" x="{WIDTH - EDGE}" y="{y + 11:g}" text-anchor="end">{number(cycles)}</text>',
    )


def _words(box: Box) -> str:
    busy = "; ".join(f"{unit} {number(cycles)} cycles a sample" for unit, cycles in box.busy.items())
    lanes = f"{number(box.shape.rows)} times {number(box.shape.columns)} lanes" if box.shape else ""
    return "; ".join(filter(None, [f"{box.title} {box.size}".strip(), lanes, *box.memories, busy]))
