"""What `verilator -Wall` says of emitted Verilog that is so because of how Yosys writes it: waived, rule by rule."""

from __future__ import annotations

__all__ = ["waivers"]

RULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("All modules are in one file, named after the top module.", "DECLFILENAME", ("Filename * does not match *",)),
    (
        "Registers have a value at power-up, which FPGAs load with their configuration; Yosys writes it at the "
        "declaration.",
        "PROCASSINIT",
        ("Procedural assignment to declaration with initial value: *",),
    ),
    (
        "Operands are as wide as in the netlist, and constants as wide as they need to be; Verilog extends the "
        "shorter one, by its sign where both are signed, and that is what is meant.",
        "WIDTHEXPAND",
        ("Operator * expects * bits on the * generates * bits.",),
    ),
    (
        "A comparison with zero is written as a logical not, a choice of one bit as a shift whose other bits are "
        "dropped.",
        "WIDTHTRUNC",
        (
            "Logical operator LOGNOT expects 1 bit on the *",
            "Operator ASSIGNW expects * Assign RHS's SHIFTR generates *",
        ),
    ),
    (
        "Fields of ports and of signals have names of their own, for waveforms, whether anything reads them by "
        "that name or not; and a module is written whole, whatever of it an instance uses.",
        "UNUSEDSIGNAL",
        ("Signal is not used: *", "Bits of signal are not used: *"),
    ),
)


def waivers(name: str) -> str:
    """A configuration file for Verilator, with which it has nothing to say of `name`.v.

    For use as `verilator --lint-only -Wall name.vlt name.v`. Every line is for one message of one rule, in this one
    file; what they leave, above all anything that makes simulation and synthesis differ (latches, loops, undriven or
    twice driven signals), is warned of as ever.
    """
    lines = ["`verilator_config", ""]
    for reason, rule, messages in RULES:
        lines.append(f"// {reason}")
        lines += [f'lint_off -rule {rule} -file "*{name}.v" -match "{message}"' for message in messages]
    return "\n".join(lines) + "\n"
