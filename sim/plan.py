"""What a run of a simulator is: which design, how compiled, where."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from bephw.sim.compiler_options import BUILD_ARGUMENTS, make_variables
from bephw.sim.waves import Format

__all__ = ["INFERENCE", "TOP", "TRAINER", "Design", "Plan"]


@dataclass(frozen=True)
class Design:
    """A kind of design.

    Attributes:
        top: name of its top module.
        bench: module with its test bench.
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
    """

    simulator: str
    version: str
    verilog: str
    workdir: str
    run: str
    optimize: bool
    waves: Format | None = None
    inference: bool = False

    @property
    def design(self) -> Design:
        """What kind of design it is."""
        return INFERENCE if self.inference else TRAINER

    @property
    def build_folder(self) -> Path:
        """Where this design's build is, or will be."""
        import cocotb

        parts = (
            self.simulator,
            self.version,
            BUILD_ARGUMENTS[self.simulator],
            make_variables(self.optimize),
            self.waves,
            cocotb.__version__,
            sys.version,
            self.verilog,
        )
        return Path(self.workdir) / f"build-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"

    def save(self) -> Path:
        path = Path(self.run) / "plan.json"
        path.write_text(json.dumps(asdict(self)))
        return path
