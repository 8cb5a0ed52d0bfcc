"""What can be said of inference alone before synthesis."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bephw.boards.catalogue import board_for
from bephw.logic_state import LogicState
from bephw.rtl_gen.designs import check_style, timing, word_width
from bephw.rtl_gen.inference.supported import check_inference
from bephw.rtl_gen.inference.unrolled import UnrolledInference
from bephw.rtl_gen.logic.inference import pipeline_of
from bephw.rtl_gen.shared_counts.word_counts import WordCounts
from bephw.settings import Settings
from bephw.shape import ceil_div
from bephw.state import NetworkState
from bephw.states import AnyState

__all__ = ["Gates", "InferencePlan", "plan_inference"]


@dataclass(frozen=True)
class Gates:
    """Of a network of logic gates.

    Attributes:
        learnt: gates of the network.
        left: those that the netlist has.
        levels: on the longest way through it.
        registers: bits behind gates, one flip-flop each; with up to two levels of gates a cycle each has at most one
            LUT4 before it.
        counted: outputs that count for a class, at most.
    """

    learnt: int
    left: int
    levels: int
    registers: int
    counted: int


@dataclass(frozen=True)
class InferencePlan:
    """A design for inference alone.

    Attributes:
        style: "unrolled" or "folded".
        words: of a sample, or of each of its steps, in the stream, of `word_width` bits.
        latency: cycles from a sample's first word to its prediction.
        interval: cycles from a sample to the next, on average.
        clock_mhz: that the settings ask for, or the board's own; not predicted.
        gates: of a network of logic gates, else None.
        sum_tables: 4-input tables that the sums of all layers and of the classifier take in an unrolled network of
            weights, as estimated; what else there is (comparisons, argmax, queue) is not in it. Else None.
    """

    style: str
    words: int
    word_width: int
    latency: int
    interval: float
    clock_mhz: float
    gates: Gates | None
    sum_tables: int | None

    @property
    def samples_per_second(self) -> float:
        """At that clock."""
        return 1e6 * self.clock_mhz / self.interval

    def figures(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "samples_per_second": self.samples_per_second}


def plan_inference(settings: Settings, state: AnyState, style: str) -> InferencePlan:
    """Of the network `state`. Latency and interval are exact. Raises `BephwError` as `emit_inference`, and for a board
    that is not known."""
    check_style(style)
    check_inference(settings, state, style)
    kept_time, width = timing(settings, state, style), word_width(settings, style)
    return InferencePlan(
        style=style,
        words=ceil_div(settings.network.sizes[0], width),
        word_width=width,
        latency=kept_time.latency,
        interval=float(kept_time.interval),
        clock_mhz=settings.board.clock_mhz or board_for(settings).default_clock_mhz,
        gates=_gates(settings, state) if isinstance(state, LogicState) else None,
        sum_tables=_sum_tables(state) if style == "unrolled" and isinstance(state, NetworkState) else None,
    )


def _sum_tables(state: NetworkState) -> int:
    return round(sum(WordCounts(words).cost for words in UnrolledInference.constant_words(state)))


def _gates(settings: Settings, state: LogicState) -> Gates:
    pipeline = pipeline_of(settings, state)
    netlist = pipeline.netlist
    return Gates(
        learnt=sum(len(layer.gate) for layer in state.layers),
        left=len(netlist.gates),
        levels=netlist.depth,
        registers=sum(len(pipeline.kept(cycle)) for cycle in range(pipeline.latency)),
        counted=len(netlist.outputs) // settings.network.classes,
    )
