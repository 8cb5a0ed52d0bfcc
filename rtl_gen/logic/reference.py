"""A learnt network as plain combinational Verilog, gate by gate as it is: what the netlist is proved equal to."""

from __future__ import annotations

from collections.abc import Iterator

from bephw.logic_state import LogicLayer, LogicState

__all__ = ["reference_verilog"]

# What gate i computes (bephw/logic_state.py). Shares nothing with the netlist: else both could be wrong alike.
EXPRESSIONS = (
    "1'b0",
    "{a} & {b}",
    "{a} & ~{b}",
    "{a}",
    "~{a} & {b}",
    "{b}",
    "{a} ^ {b}",
    "{a} | {b}",
    "~({a} | {b})",
    "~({a} ^ {b})",
    "~{b}",
    "{a} | ~{b}",
    "~{a}",
    "~{a} | {b}",
    "~({a} & {b})",
    "1'b1",
)


def reference_verilog(state: LogicState, inputs: int, name: str) -> str:
    """Module `name` with ports `inputs` and `outputs`, those of the last layer."""
    last = len(state.layers) - 1
    lines = [
        f"module {name}(input [{inputs - 1}:0] inputs, output [{len(state.layers[-1].gate) - 1}:0] outputs);",
        *(f"wire [{len(layer.gate) - 1}:0] layer_{number};" for number, layer in enumerate(state.layers)),
    ]
    below = "inputs"
    for number, layer in enumerate(state.layers):
        lines += _assignments(layer, below, f"layer_{number}")
        below = f"layer_{number}"
    return "\n".join([*lines, f"assign outputs = layer_{last};", "endmodule", ""])


def _assignments(layer: LogicLayer, below: str, own: str) -> Iterator[str]:
    columns = (layer.gate.tolist(), layer.index_a.tolist(), layer.index_b.tolist())
    for place, (gate, a, b) in enumerate(zip(*columns, strict=True)):
        yield f"assign {own}[{place}] = {EXPRESSIONS[gate].format(a=f'{below}[{a}]', b=f'{below}[{b}]')};"
