"""What a run of a simulator is: which design, how compiled, where."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from amaranth.lib.wiring import Out

from bephw.rtl_gen.buses.axi4_lite import Axi4LiteSignature
from bephw.rtl_gen.buses.names import AXI4_LITE, AXI4_STREAM, NATIVE, WISHBONE, bus_port, clocking, stream_port
from bephw.rtl_gen.buses.wishbone import WishboneSignature
from bephw.rtl_gen.registers.csr import CsrSignature
from bephw.sim.compiler_options import HARNESS, build_arguments, make_variables
from bephw.sim.waves import Format

__all__ = ["ENGINES", "INFERENCE", "TOP", "TRAINER", "Design", "Engine", "Plan", "inference_design", "trainer_design"]

Engine = Literal["cocotb", "fast"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True)
class Design:
    """A kind of design.

    Attributes:
        top: name of its top module.
        bench: module with its test bench for cocotb.
        ports: of the top module; `steps` only where samples have steps.
    """

    top: str
    bench: str
    ports: tuple[str, ...]


BUS_PORTS: dict[str, Any] = {NATIVE: CsrSignature, AXI4_LITE: Axi4LiteSignature, WISHBONE: WishboneSignature}


def _ports(bus: str, *streams: str) -> tuple[str, ...]:
    """Ports of streams, with clock and reset."""
    pins = clocking(bus)
    parts = ("payload", "valid", "ready") if bus == NATIVE else AXI4_STREAM
    return (pins.clock, pins.reset, *(stream_port(bus, name, part) for name in streams for part in parts))


def trainer_design(bus: str = NATIVE) -> Design:
    """A trainer whose registers are on `bus`."""
    parts = BUS_PORTS[bus]().members.items()  # as the initiator sees it
    registers = (bus_port(bus, part, enters=member.flow == Out) for part, member in parts)
    streams = _ports(bus, "samples", "predictions", "load", "dump")
    return Design("bephw_trainer", "bephw.sim.bench", (*streams, *registers))


def inference_design(bus: str = NATIVE) -> Design:
    """Inference alone; on another `bus` than the native one its streams are AXI4-Stream."""
    return Design("bephw_inference", "bephw.sim.inference_bench", (*_ports(bus, "samples", "predictions"), "steps"))


TRAINER, INFERENCE = trainer_design(), inference_design()
TOP = TRAINER.top


@dataclass(frozen=True)
class Plan:
    """One run of a design.

    Attributes:
        simulator: "verilator" or "icarus".
        version: of the simulator.
        verilog: text of the design.
        workdir: where builds are kept.
        run: existing folder with the job; receives the outcome, the log, and the waves.
        optimize: whether to compile for speed of simulation, else for speed of compilation.
        waves: format in which all signals are recorded, or None.
        inference: whether the design is `INFERENCE`, else `TRAINER`.
        engine: what drives it, "cocotb" or "fast": a harness in C++, with "verilator" and without waves.
        bus: what reaches the design's registers.
    """

    simulator: str
    version: str
    verilog: str
    workdir: str
    run: str
    optimize: bool
    waves: Format | None = None
    inference: bool = False
    engine: Engine = "cocotb"
    bus: str = NATIVE

    @property
    def design(self) -> Design:
        """What kind of design it is."""
        return (inference_design if self.inference else trainer_design)(self.bus)

    @property
    def build_folder(self) -> Path:
        """Where this design's build is, or will be."""
        parts = (
            self.simulator,
            self.version,
            build_arguments(self.simulator, self.engine),
            make_variables(self.optimize),
            self.waves,
            *self._driver,
            self.verilog,
        )
        return Path(self.workdir) / f"build-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"

    @property
    def _driver(self) -> tuple[str, ...]:
        """What a compiled design depends on, of what drives it."""
        if self.engine == "fast":
            return (HARNESS.read_text(),)
        import cocotb

        return cocotb.__version__, sys.version

    def save(self) -> Path:
        path = Path(self.run) / "plan.json"
        path.write_text(json.dumps(asdict(self)))
        return path
