"""Every memory of a trainer, and what Yosys makes of it.

Yosys (`memory_libmap`) prices each way to build a memory and takes the cheapest. Its prices: those of its RAM libraries
(`brams.txt`, `lutrams.txt` of each family), half a unit for each bit that must be multiplexed or each write enable that
must be decoded because the memory is deeper than the RAM, two units a read port, and one unit a bit in flip-flops, or a
sixteenth in LUTs where it is only read.

Widths and depths that are more than a shape's own figures come from the components (their `ram`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Literal

from bephw.boards.devices import FamilyName
from bephw.rtl_gen.backward.credit import OUTSTANDING
from bephw.rtl_gen.backward.dense_credit import DenseCredit
from bephw.rtl_gen.backward.lesson_buffer import LessonBuffer
from bephw.rtl_gen.backward.lesson_register import LessonRegister
from bephw.rtl_gen.backward.open_rows import OpenRows
from bephw.rtl_gen.backward.vote_memory import VoteMemory
from bephw.rtl_gen.backward.winner import WinnerSearch
from bephw.rtl_gen.classifier.teacher import OUTSTANDING as TEACHER_OUTSTANDING
from bephw.rtl_gen.classifier.unit import decisions
from bephw.rtl_gen.forward.thresholds import threshold_width
from bephw.rtl_gen.parts.layouts import record_words
from bephw.rtl_gen.parts.storage import RamForm, piece_widths
from bephw.rtl_gen.recurrent.lesson_turns import LessonTurns, lessons_together
from bephw.rtl_gen.recurrent.series_memory import input_words
from bephw.rtl_gen.recurrent.step_channel import READERS, StepChannel
from bephw.rtl_gen.registers.map import per_classifier
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.rtl_gen.samples.input_queue import banks
from bephw.rtl_gen.samples.sample_memory import SampleMemory
from bephw.rtl_gen.weights.lagging_plane import PLANES
from bephw.settings import Settings
from bephw.shape import LayerShape, ceil_div

__all__ = ["Family", "Kind", "Memory", "Rams", "count_rams", "counters", "memories", "rams"]

Family = FamilyName
Kind = Literal["block", "lut", "flip-flops", "single port"]
KINDS: tuple[Kind, ...] = ("block", "lut", "flip-flops", "single port")


@dataclass(frozen=True)
class Memory:
    """`count` equal memories with one write port, or none.

    Attributes:
        name: whose it is.
        width, depth: of its words.
        reads: read ports.
        registered: whether reading takes a cycle; else it is combinational, which no block RAM can do.
        single_port: reads and writes share one address, in iCE40UP5K's large RAM.
        block: asks for block RAM, whatever it costs.
        fixed: is only read.
        unread: lowest bits that nobody reads; a RAM that holds no others is dropped.
    """

    name: str
    width: int
    depth: int
    reads: int = 1
    count: int = 1
    registered: bool = True
    single_port: bool = False
    block: bool = False
    fixed: bool = False
    unread: int = 0

    @staticmethod
    def of(name: str, form: RamForm, reads: int = 1, count: int = 1) -> Memory:
        """As a component has it."""
        return Memory(name, form.width, form.depth, reads, count, block=form.block)


@dataclass(frozen=True)
class Rams:
    """How a memory is built: `number` RAMs of a kind for each (flip-flops, or LUTs as a table: bits)."""

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
        _Ram("lut", 4, ((4, 16),), registered=False),  # first, as Yosys takes it where it costs as much
        _Ram("block", 128, ((1, 16384), (2, 8192), (4, 4096), (9, 2048), (18, 1024), (36, 512)), unit=9),
    ),
    "ice40": (_Ram("block", 64, ((2, 2048), (4, 1024), (8, 512), (16, 256)), unit=1),),
}
_LIBRARIES["gowin"] = _LIBRARIES["ecp5"]  # the same shapes at the same prices
_GATEMATE = ((1, 16384), (2, 8192), (5, 4096), (10, 2048), (20, 1024), (40, 512))
_LIBRARIES["gatemate"] = (_Ram("block", 129, _GATEMATE, unit=1),)
_SINGLE_PORT = _Ram("single port", 2048, ((16, 2**14),), unit=4)
MULTIPLEXER = DECODER = 0.5
READ_PORT = 2
FIXED = 1 / 16


@lru_cache(maxsize=65536)
def rams(memory: Memory, family: Family) -> Rams:
    """What Yosys builds a memory from."""
    if memory.single_port:
        return Rams("single port", _price(_SINGLE_PORT, memory)[1])
    bits = memory.width * memory.depth
    best, chosen = inf if memory.block else bits * (FIXED if memory.fixed else 1), Rams("flip-flops", bits)
    for ram in _LIBRARIES[family]:
        if (ram.registered and not memory.registered) or (ram.kind != "block" and (memory.block or memory.fixed)):
            continue
        cost, number = _price(ram, memory)
        if cost < best:
            best, chosen = cost, Rams(ram.kind, number - (memory.unread // 4 if ram.kind == "lut" else 0))
    return chosen


def count_rams(settings: Settings, family: Family) -> dict[Kind, int]:
    """How many RAMs of each kind all memories take."""
    counts = dict.fromkeys(KINDS, 0)
    for memory in memories(settings, family):
        built = rams(memory, family)
        counts[built.kind] += memory.count * built.number
    return counts


def _price(ram: _Ram, memory: Memory) -> tuple[float, int]:
    """The cheapest shape's price, the narrowest among equals, and how many RAMs it takes."""
    choices = []
    for width, depth in ram.shapes:
        parts = ceil_div(memory.depth, depth)
        unit = min(ram.unit or width, width)
        word = ceil_div(memory.width, unit) * unit
        number = ceil_div(parts * word, width) * memory.reads
        cost: float = ram.cost * number + READ_PORT * memory.reads
        cost += MULTIPLEXER * (parts - 1) * memory.width * memory.reads + DECODER * (parts if parts > 1 else 0)
        choices.append((cost, number))
    return min(choices, key=lambda choice: choice[0])


def memories(settings: Settings, family: Family) -> list[Memory]:
    """All memories of the trainer, without a board's."""
    first, *others = settings.shapes
    found = [
        *(_cell if settings.recurrent else _layer)(settings, first, family),
        *(memory for shape in others for memory in _layer(settings, shape, family)),
    ]
    shapes = settings.classifier_shapes
    taught = settings.shapes[-len(shapes) :]
    for index, (name, shape) in enumerate(zip(per_classifier("classifier", len(shapes)), shapes, strict=True)):
        above = sum(_banks(settings, layer) for layer in taught[index + 1 :])
        found += _classifier(settings, name.replace("_", " "), shape, taught[index].samples, above)
    return found


def _banks(settings: Settings, shape: LayerShape) -> int:
    """Of a layer's inputs."""
    return banks(shape, settings.shapes[shape.index - 1].samples if shape.index else 1)


def counters(shape: LayerShape, bits: int, family: Family, *, single_port: bool) -> Iterator[Memory]:
    """The counters of a layer, in the pieces that the design cuts them into."""
    name, width = f"layer {shape.index}: counters", shape.update_columns * bits
    if single_port:
        yield Memory(name, width, shape.counter_words, single_port=True)
        return
    for piece, count in Counter(piece_widths(width, shape.counter_words, family)).items():
        yield Memory(name, piece, shape.counter_words, count=count)


def _layer(settings: Settings, shape: LayerShape, family: Family) -> Iterator[Memory]:
    propagates, slots, kept = shape in settings.gated_shapes, settings.hardware.slots, _banks(settings, shape)
    for name, places, readers in (
        ("inputs that pass", min(AHEAD, slots // kept), 1),
        ("inputs to learn from", slots // kept, 1 + propagates),
    ):
        inputs = SampleMemory.ram(shape.columns, shape.words, places, block=_block(settings))
        yield Memory.of(f"layer {shape.index}: {name}", inputs, readers, count=kept)
    yield Memory(f"layer {shape.index}: tags", _tag_bits(settings), AHEAD, count=kept, registered=False)
    outcome_bits = shape.scan * _outcome_bits(shape, propagates)
    outcomes = SampleMemory.ram(outcome_bits, shape.scan_beats, slots // shape.samples)
    yield Memory.of(f"layer {shape.index}: outcomes", outcomes, count=shape.samples)
    yield from _learning(settings, shape, family, propagates)


def _cell(settings: Settings, shape: LayerShape, family: Family) -> Iterator[Memory]:
    """Its inputs in two memories, its outcomes of all steps, what it knows of steps on their way, and its own lessons;
    tags of samples are registers."""
    name, gamma, channels = f"layer {shape.index}", settings.gamma[shape.index], shape.samples
    for part, words in (("inputs", input_words(shape)), ("states", len(shape.passed_on_words))):
        kept = RamForm(shape.columns, record_words(shape, words), block=_block(settings))
        yield Memory.of(f"{name}: {part}", kept, len(READERS) - (part == "inputs"), channels)
    outcome_bits = shape.scan * _outcome_bits(shape, propagates=True)
    yield Memory(f"{name}: outcomes", outcome_bits, record_words(shape, shape.scan_beats), count=channels, block=True)
    lesson_turns = LessonTurns.ram(shape, lessons_together(shape, gamma))
    for queue in (*StepChannel.queues(shape, settings.hardware.wire_registers), lesson_turns):
        yield Memory(f"{name}: steps on their way", queue.width, queue.depth, count=channels, registered=False)
    skipped = shape.passed_on.start % shape.columns
    if lessons := LessonBuffer.ram(shape, shape.columns, gamma, family, skipped=skipped):
        yield Memory.of(f"{name}: own lessons", lessons, count=channels)
    yield from _learning(settings, shape, family, propagates=True)


def _learning(settings: Settings, shape: LayerShape, family: Family, propagates: bool) -> Iterator[Memory]:
    """What a cell and every other layer have."""
    index, name, channels = shape.index, f"layer {shape.index}", shape.samples
    yield Memory(
        f"{name}: visible weights",
        shape.columns,
        (PLANES if settings.learning.lag else 2) * shape.groups * shape.words,
        reads=2 if propagates else 1,
        count=shape.rows,
    )
    yield from counters(shape, settings.learning.bits, family, single_port=settings.single_ports[index])
    if settings.network.thresholds and shape.scan_beats > 1:
        width = shape.scan * threshold_width(shape)
        yield Memory(f"{name}: thresholds", width, shape.scan_beats, count=channels, fixed=True)
    together = 1 if shape.steps is None else lessons_together(shape, settings.gamma[index])
    yield Memory.of(f"{name}: winners", WinnerSearch.ram(shape, settings.gamma[index], together), count=channels)
    lesson = shape, settings.teachers[index].columns, settings.gamma[index]
    if not LessonRegister.suffices(*lesson) and (lessons := LessonBuffer.ram(*lesson, family)):
        yield Memory.of(f"{name}: lessons", lessons, count=channels)
    if propagates:
        if channels == 1:
            yield Memory.of(f"{name}: open rows", OpenRows.ram(shape, block=_block(settings)), count=shape.rows)
        else:
            yield Memory.of(f"{name}: votes", VoteMemory.ram(shape, block=_block(settings)), count=channels)
        receivers = settings.shapes[max(index - 1, 0)].samples
        waiting = OUTSTANDING if channels == 1 else DenseCredit.outstanding(shape, receivers)
        yield Memory(f"{name}: lessons below", shape.columns + 3, waiting, count=channels, registered=False)


def _classifier(settings: Settings, name: str, shape: LayerShape, sources: int, above: int) -> Iterator[Memory]:
    """Of a classifier to which samples come by `sources` channels; layers `above` it have so many banks of inputs."""
    classes = settings.network.classes
    prediction = _bits(classes)
    yield Memory(f"{name}: prototypes", shape.columns, shape.groups * shape.words, count=shape.rows)
    yield Memory(f"{name}: prototypes by class", shape.columns, classes << _bits(shape.words))
    inputs = SampleMemory.ram(shape.columns, shape.words, AHEAD, block=_block(settings))
    yield Memory.of(f"{name}: inputs", inputs, count=sources)
    yield Memory(f"{name}: tags", _tag_bits(settings), AHEAD, count=sources, registered=False)
    if above:
        yield Memory(f"{name}: verdicts", 1, decisions(shape) + above * AHEAD, registered=False)
    else:
        yield Memory(f"{name}: predictions", prediction + 1, decisions(shape), registered=False)
    yield Memory(f"{name}: decisions", 2 * prediction + 2, decisions(shape), registered=False, unread=prediction)
    yield Memory(f"{name}: lessons", shape.columns + 3, TEACHER_OUTSTANDING, registered=False)


def _outcome_bits(shape: LayerShape, propagates: bool) -> int:
    """Of an outcome: sign, |z| without its lowest bit, gate."""
    return shape.z_bits + propagates


def _block(settings: Settings) -> bool:
    return settings.hardware.sample_memory == "block"


def _bits(size: int) -> int:
    return (size - 1).bit_length()


def _tag_bits(settings: Settings) -> int:
    return _bits(settings.network.classes) + 1
