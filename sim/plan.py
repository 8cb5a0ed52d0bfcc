"""What a run of a simulator is: which design, how compiled, where."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from bephw.sim.compiler_options import HARNESS, build_arguments, make_variables
from bephw.sim.waves import Format

__all__ = ["ENGINES", "INFERENCE", "TOP", "TRAINER", "Design", "Engine", "Plan"]

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


def _ports(*streams: str) -> tuple[str, ...]:
    """Ports of streams, with clock and reset."""
    return ("clk", "rst", *(f"{name}__{part}" for name in streams for part in ("payload", "valid", "ready")))


CSR = ("csr__address", "csr__write_data", "csr__write", "csr__read_data")
TRAINER = Design("bephw_trainer", "bephw.sim.bench", (*_ports("samples", "predictions", "load", "dump"), *CSR))
INFERENCE = Design("bephw_inference", "bephw.sim.inference_bench", (*_ports("samples", "predictions"), "steps"))
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

    @property
    def design(self) -> Design:
        """What kind of design it is."""
        return INFERENCE if self.inference else TRAINER

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
