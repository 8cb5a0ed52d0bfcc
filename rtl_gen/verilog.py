"""Emission of Verilog: a trainer, or a network for inference alone."""

from bephw.errors import BephwError
from bephw.rtl_gen.conversion import convert
from bephw.rtl_gen.inference.folded import FoldedInference
from bephw.rtl_gen.inference.supported import check_inference
from bephw.rtl_gen.inference.unrolled import UnrolledInference
from bephw.rtl_gen.supported import check_trainer
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["STYLES", "emit", "emit_inference"]

STYLES: dict[str, type[UnrolledInference] | type[FoldedInference]] = {
    "unrolled": UnrolledInference,
    "folded": FoldedInference,
}


def emit(settings: Settings, state: NetworkState | None = None, *, name: str = "bephw_trainer") -> str:
    """Verilog of the trainer that `settings` describe, memories initialised from `state`.

    The same settings and state give the same text. Raises `BephwError` as `check_trainer`, and where Yosys is missing.
    """
    check_trainer(settings, state)  # Amaranth warns of components that are made in vain.
    return convert(Trainer(settings, state), name)


def emit_inference(
    settings: Settings, state: NetworkState, *, style: str = "unrolled", name: str = "bephw_inference"
) -> str:
    """Verilog of the network of `settings` with the constants of `state`, without anything that learns.

    The same settings and state give the same text. Raises `BephwError` as `check_inference`, for an unknown style, and
    where Yosys is missing.
    """
    if style not in STYLES:
        raise BephwError(f"style of inference must be {' or '.join(STYLES)}, not {style!r}")
    check_inference(settings, state, style)  # Amaranth warns of components that are made in vain.
    return convert(STYLES[style](settings, state), name)
