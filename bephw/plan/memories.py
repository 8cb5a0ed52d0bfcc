"""Every memory of a trainer, and what Yosys makes of it.

Yosys (`memory_libmap`) prices each way to build a memory and takes the cheapest. Its prices: those of its RAM libraries
(`brams.txt`, `lutrams.txt` of each family), half a unit for each bit that must be multiplexed or each write enable that
must be decoded because the memory is deeper than the RAM, two units a read port, six where a word may be read while it
is written, and one unit a bit in flip-flops.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bephw.rtl_gen.classifier import DECISIONS
from bephw.rtl_gen.credit import OUTSTANDING
from bephw.rtl_gen.input_queue import AHEAD
from bephw.rtl_gen.storage import piece_widths
from bephw.rtl_gen.teacher import OUTSTANDING as TEACHER_OUTSTANDING
from bephw.rtl_gen.winner import WINNERS_WAITING
from bephw.settings import Settings
from bephw.shape import LayerShape, ceil_div

__all__ = ["Family", "Memory", "Rams", "counters", "memories", "rams"]

Family = Literal["ecp5", "ice40"]
Kind = Literal["block", "lut", "flip-flops", "single port"]


@dataclass(frozen=True)
class Memory:
    """`count` equal memories with one write port.

    Attributes:
        name: whose it is.
        width, depth: of its words.
        reads: read ports.
        registered: whether reading takes a cycle; else it is combinational, which no block RAM can do.
        single_port: reads and writes share one address, in iCE40UP5K's large RAM.
        checked: a word read while it is written must come out as it was, which block RAMs need logic for.
    """

    name: str
    width: int
    depth: int
    reads: int = 1
    count: int = 1
    registered: bool = True
    single_port: bool = False
    checked: bool = False


@dataclass(frozen=True)
class Rams:
    """How a memory is built: `number` RAMs of a kind for each (flip-flops: bits)."""

    kind: Kind
    number: int


@dataclass(frozen=True)
class _Ram:
    """A RAM of a library: (width, depth) choices; `unit` is the granularity of a word's parts, 0 the width itself."""

    kind: Kind
    cost: int
    shapes: tuple[tuple[int, int], ...]
    unit: int = 0
    registered: bool = True


_LIBRARIES: dict[Family, tuple[_Ram, ...]] = {
    "ecp5": (
        _Ram("block", 128, ((1, 16384), (2, 8192), (4, 4096), (9, 2048), (18, 1024), (36, 512)), unit=9),
        _Ram("lut", 4, ((4, 16),), registered=False),
    ),
    "ice40": (_Ram("block", 64, ((2, 2048), (4, 1024), (8, 512), (16, 256)), unit=1),),
}
_SINGLE_PORT = _Ram("single port", 2048, ((16, 2**14),), unit=4)
MULTIPLEXER = DECODER = 0.5
READ_PORT = 2
CHECK = 6


def rams(memory: Memory, family: Family) -> Rams:
    """What Yosys builds a memory from."""
    if memory.single_port:
        return Rams("single port", _price(_SINGLE_PORT, memory)[1])
    best, chosen = int(memory.width * memory.depth), Rams("flip-flops", memory.width * memory.depth)
    for ram in _LIBRARIES[family]:
        if ram.registered and not memory.registered:
            continue
        cost, number = _price(ram, memory)
        if cost < best:
            best, chosen = int(cost), Rams(ram.kind, number)
    return chosen


def _price(ram: _Ram, memory: Memory) -> tuple[float, int]:
    """The cheapest shape's price, the narrowest among equals, and how many RAMs it takes."""
    choices = []
    for width, depth in ram.shapes:
        parts = ceil_div(memory.depth, depth)
        unit = min(ram.unit or width, width)
        word = ceil_div(memory.width, unit) * unit
        number = ceil_div(parts * word, width) * memory.reads
        cost: float = ram.cost * number + READ_PORT * memory.reads + CHECK * (memory.checked and ram.registered)
        cost += MULTIPLEXER * (parts - 1) * memory.width * memory.reads + DECODER * (parts if parts > 1 else 0)
        choices.append((cost, number))
    return min(choices, key=lambda choice: choice[0])


def memories(settings: Settings, family: Family) -> list[Memory]:
    """All memories of the trainer, without a board's."""
    found = [memory for shape in settings.shapes for memory in _layer(settings, shape, family)]
    return [*found, *_classifier(settings)]


def counters(shape: LayerShape, bits: int, family: Family, *, single_port: bool) -> Iterator[Memory]:
    """The counters of a layer, in the pieces that the design cuts them into."""
    name, width = f"layer {shape.index}: counters", shape.update_columns * bits
    if single_port:
        yield Memory(name, width, shape.counter_words, single_port=True)
        return
    for piece, count in Counter(piece_widths(width, shape.counter_words, family)).items():
        yield Memory(name, piece, shape.counter_words, count=count)


def _layer(settings: Settings, shape: LayerShape, family: Family) -> Iterator[Memory]:
    index, propagates = shape.index, shape.index > 0
    slots, readers = settings.hardware.slots, 3 if propagates else 2
    name = f"layer {index}"
    yield Memory(
        f"{name}: visible weights",
        shape.columns,
        2 * shape.groups * shape.words,
        reads=2 if propagates else 1,
        count=shape.rows,
    )
    yield from counters(shape, settings.learning.bits, family, single_port=settings.single_ports[index])
    yield Memory(f"{name}: inputs", shape.columns, _records(slots, shape.words), reads=readers)
    yield Memory(f"{name}: tags", _tag_bits(settings), AHEAD, registered=False)
    outcome = shape.z_bits + propagates  # sign, |z| without its lowest bit, gate
    yield Memory(f"{name}: outcomes", shape.scan * outcome, _records(slots, shape.scan_beats))
    winner = 4 + _bits(shape.groups) + _bits(shape.rows)
    yield Memory(f"{name}: winners", winner, WINNERS_WAITING - 1, checked=True)
    if propagates:
        zeros = (shape.words & -shape.words).bit_length() - 1
        plane = ((shape.groups - 1) * shape.words >> zeros).bit_length()
        yield Memory(f"{name}: open rows", 1 + plane, _records(2, shape.groups), count=shape.rows)
        yield Memory(f"{name}: lessons below", shape.columns + 3, OUTSTANDING, registered=False)


def _classifier(settings: Settings) -> Iterator[Memory]:
    shape, classes = settings.classifier_shape, settings.network.classes
    yield Memory("classifier: prototypes", shape.columns, shape.groups * shape.words, count=shape.rows)
    yield Memory("classifier: prototypes by class", shape.columns, _records(classes, shape.words))
    yield Memory("classifier: inputs", shape.columns, _records(AHEAD, shape.words))
    yield Memory("classifier: tags", _tag_bits(settings), AHEAD, registered=False)
    yield Memory("classifier: predictions", _bits(classes) + 1, DECISIONS, registered=False)
    # Of a decision nobody reads the prediction.
    yield Memory("classifier: decisions", _bits(classes) + 2, DECISIONS, registered=False)
    yield Memory("classifier: lessons", shape.columns + 3, TEACHER_OUTSTANDING, registered=False)


def _records(slots: int, words: int) -> int:
    """Depth of a memory whose records begin at powers of two."""
    return slots << _bits(words)


def _bits(size: int) -> int:
    return (size - 1).bit_length()


def _tag_bits(settings: Settings) -> int:
    return _bits(settings.network.classes) + 1
