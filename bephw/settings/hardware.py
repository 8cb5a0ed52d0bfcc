"""Section `[hardware]`: folding and memories."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bephw.limits import LARGEST_SIZE
from bephw.settings.section import Flag, Int, Ints, Section

__all__ = ["MOST_SAMPLES", "Hardware"]


MOST_SAMPLES = 16
"""That meet a word of weights at once."""

CounterMemory = Literal["bram", "spram"]


class Hardware(Section):
    """Folding and ports of the generated trainer.

    `rows` outputs and `columns` inputs of a layer are worked on in parallel (PE and SIMD), for `samples` samples at a
    time, which share each word of weights: `samples` * `rows` * `columns` lanes. Results do not depend on it, nobody
    waits for company, and it divides `slots`; of neighbouring layers one number divides the other. `update_columns`
    counters of a row are stepped in parallel (it divides `columns`); `stream_width` is the number of input bits in
    a word of the sample stream; `slots` is the number of samples that may be in flight; `counter_memory` of a layer
    is dual-port block RAM, or iCE40UP5K's single-port RAM (there an update takes two cycles a word, and counters
    must be loaded at run time). `sample_memory` says where inputs and lists of open rows of samples in flight lie:
    in block RAM ("block"), or in what synthesis finds cheapest ("auto": on ECP5 LUT RAM where words are wide and
    few). `renewal` of the visible weights after a batch: the first forward pass copies them ("copy": a LUT a lane),
    or a sweep of the counter memory writes them anew ("sweep": outputs * row_chunks cycles of that memory every
    batch, hidden while updates leave it idle). `wire_registers` is the number of registers between a layer's
    memories and its lanes, a flip-flop a lane each, for designs that fill a large chip; `profile` adds a cycle
    counter for each phase.
    """

    rows: Int | Ints = 1
    columns: Int | Ints = 8
    samples: Int | Ints = 1
    update_columns: Int | Ints | None = None
    stream_width: Int = Field(default=8, ge=1, le=LARGEST_SIZE)
    slots: Int = Field(default=8, ge=1, le=64)
    counter_memory: CounterMemory | tuple[CounterMemory, ...] = "bram"
    sample_memory: Literal["block", "auto"] = "block"
    renewal: Literal["copy", "sweep"] = "copy"
    wire_registers: Int = Field(default=0, ge=0, le=4)
    profile: Flag = True
