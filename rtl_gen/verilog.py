"""Emission of Verilog: a trainer, or a network for inference alone."""

from bephw.errors import check
from bephw.rtl_gen.buses.inference import StreamInference
from bephw.rtl_gen.buses.names import AXI4_LITE, BUSES, NATIVE
from bephw.rtl_gen.buses.pins import Pins
from bephw.rtl_gen.buses.trainer import BusTrainer
from bephw.rtl_gen.conversion import convert
from bephw.rtl_gen.designs import STYLES, check_style, make_design
from bephw.rtl_gen.inference.supported import check_inference
from bephw.rtl_gen.supported import check_trainer
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.states import AnyState

__all__ = ["STYLES", "check_inference_bus", "emit", "emit_inference", "make_trainer", "trainer_text"]


def emit(
    settings: Settings, state: NetworkState | None = None, *, name: str = "bephw_trainer", bus: str = NATIVE
) -> str:
    """Verilog of the trainer that `settings` describe, memories initialised from `state`, its registers on `bus`.

    The same settings, state and bus give the same text. Raises `BephwError` as `check_trainer`, for an unknown bus, and
    where Yosys is missing.
    """
    return trainer_text(make_trainer(settings, state, bus), name, bus)


def make_trainer(settings: Settings, state: NetworkState | None, bus: str = NATIVE) -> Trainer | BusTrainer:
    """The component that `emit` converts."""
    check(bus in BUSES, f"bus must be one of {', '.join(BUSES)}, not {bus!r}")
    check_trainer(settings, state)  # Amaranth warns of components that are made in vain.
    return Trainer(settings, state) if bus == NATIVE else BusTrainer(settings, state, bus=bus)


def trainer_text(trainer: Trainer | BusTrainer, name: str, bus: str) -> str:
    """Verilog of a component of `make_trainer`."""
    return convert(trainer, name) if bus == NATIVE else _with_pins(trainer, name, bus)


def emit_inference(
    settings: Settings,
    state: AnyState,
    *,
    style: str = "unrolled",
    name: str = "bephw_inference",
    bus: str = NATIVE,
) -> str:
    """Verilog of the network of `settings` with the constants of `state`, without anything that learns; with bus
    "axi4-lite" its streams are AXI4-Stream.

    The same settings and state give the same text. Raises `BephwError` as `check_inference` and `check_inference_bus`,
    for an unknown style, and where Yosys is missing.
    """
    check_inference_bus(bus)
    check_style(style)
    check_inference(settings, state, style)  # Amaranth warns of components that are made in vain.
    if bus == NATIVE:
        return convert(make_design(settings, state, style), name)
    return _with_pins(StreamInference(settings, state, style), name, bus)


def check_inference_bus(bus: str) -> None:
    """Raise `BephwError` where inference, which has no registers, cannot be on `bus`."""
    allowed = (NATIVE, AXI4_LITE)
    check(bus in allowed, f"bus of inference, which has no registers, must be {' or '.join(allowed)}, not {bus!r}")


def _with_pins(component: BusTrainer | StreamInference, name: str, bus: str) -> str:
    pins = Pins(component, bus)
    return convert(pins, name, pins.names)
