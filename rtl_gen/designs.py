"""Inference alone for any network: which component it is, and how it keeps time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from bephw.errors import check
from bephw.logic_state import LogicState
from bephw.rtl_gen.inference.folded import FoldedInference
from bephw.rtl_gen.inference.unrolled import UnrolledInference
from bephw.rtl_gen.logic.inference import LogicInference
from bephw.settings import Settings
from bephw.states import AnyState

__all__ = ["STYLES", "Design", "Timing", "check_style", "make_design", "timing", "word_width"]

STYLES: dict[str, type[UnrolledInference] | type[FoldedInference]] = {
    "unrolled": UnrolledInference,
    "folded": FoldedInference,
}
"""Of networks of neurons; one of gates is unrolled, always."""

Design = UnrolledInference | FoldedInference | LogicInference


@dataclass(frozen=True)
class Timing:
    """How a design keeps time.

    Attributes:
        latency: cycles from a sample's first word to its prediction where nothing is held up.
        interval: cycles from a sample to the next.
        even: whether each sample takes the interval; else many do, on average.
    """

    latency: int
    interval: int | Fraction
    even: bool


def check_style(style: str) -> None:
    """Raise `BephwError` for a style that there is not."""
    check(style in STYLES, f"style of inference must be {' or '.join(STYLES)}, not {style!r}")


def make_design(settings: Settings, state: AnyState, style: str) -> Design:
    """The component, with the ports of `InferenceSignature`. The arguments are to pass `check_inference`."""
    if isinstance(state, LogicState):
        return LogicInference(settings, state)
    return STYLES[style](settings, state)


def timing(settings: Settings, state: AnyState, style: str) -> Timing:
    """Of what `make_design` makes of the same; of a recurrent network that of samples with `data.steps` steps."""
    if isinstance(state, LogicState):
        design = LogicInference
        return Timing(design.latency(settings, state), design.interval(settings), design.even(settings))
    network = STYLES[style]
    return Timing(network.latency(settings), network.interval(settings), network.even(settings))


def word_width(settings: Settings, style: str) -> int:
    """Bits of a word of samples."""
    design = LogicInference if settings.learning.algorithm == "logic" else STYLES[style]
    return design.word_width(settings)
