"""What each operator on the way of a sample does to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bephw.exchange.carried import Carried
from bephw.exchange.graph import Graph, Node
from bephw.exchange.network import FoundNetwork
from bephw.exchange.operators.arguments import ONE_BIT, Arguments
from bephw.exchange.operators.arithmetic import arithmetic, batch_normalised, cast, negated, same
from bephw.exchange.operators.layout import laid_out
from bephw.exchange.operators.products import gemm, matches, multiplied
from bephw.exchange.operators.quantisers import bipolar, multi_threshold, one_bit, sign
from bephw.exchange.operators.scores import largest, rising

__all__ = ["CUSTOM_OPERATORS", "LEAST_INPUTS", "OPERATORS"]

CUSTOM_OPERATORS = ("BipolarQuant", "MultiThreshold", "XnorPopcountMatMul", *ONE_BIT)
"""QONNX's own; the others are ONNX's."""

LEAST_INPUTS = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Pow", "MatMul", "Gemm", "Gather", "Reshape"), 2),
    **dict.fromkeys(CUSTOM_OPERATORS, 2),
    **dict.fromkeys(ONE_BIT, 4),
    "BatchNormalization": 5,
}
"""How many inputs an operator cannot do without; others need one."""

OPERATORS: Mapping[str, Callable[[Graph, FoundNetwork, Node, Arguments], Carried]] = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div"), arithmetic),
    "Neg": negated,
    **dict.fromkeys(("Identity", "Dropout"), same),
    "Cast": cast,
    "BatchNormalization": batch_normalised,
    **dict.fromkeys(("Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Gather"), laid_out),
    "BipolarQuant": bipolar,
    **dict.fromkeys(ONE_BIT, one_bit),
    "Sign": sign,
    "MultiThreshold": multi_threshold,
    "MatMul": multiplied,
    "Gemm": gemm,
    "XnorPopcountMatMul": matches,
    **dict.fromkeys(("Softmax", "LogSoftmax", "Sigmoid"), rising),
    **dict.fromkeys(("ArgMax", "TopK"), largest),
}
