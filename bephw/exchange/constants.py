"""What is known without the input: weights on their way through quantisers and transpositions, shapes, scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.exchange.graph import Graph, Node
from bephw.exchange.operators.arguments import ONE_BIT, check_one_bit, numbers_of

ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Where")
COMPUTED = {
    *ELEMENTWISE,
    *("Neg", "Abs", "Sqrt", "Reciprocal", "Sign", "Clip", "ReduceMean", "ReduceSum", "ReduceMax"),
    *("Cast", "Identity", "Constant", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten"),
    *("Concat", "Gather", "Slice"),
}
MOST_ELEMENTS = 2**26  # half a GB of numbers: 8,192 x 8,192


def computed(graph: Graph, node: Node, arguments: Sequence[NDArray[Any] | None]) -> NDArray[Any]:
    """The output of a node of whose inputs all are known. Raises `BephwError` naming the node."""
    if node.custom:
        return _quantised(node, arguments)
    check(node.operator in COMPUTED, f"{node}: not taken of constants")
    return standard(graph, node, arguments)


def _quantised(node: Node, arguments: Sequence[NDArray[Any] | None]) -> NDArray[Any]:
    """One-bit weights."""
    one_bit = node.operator in ONE_BIT
    check(node.operator == "BipolarQuant" or one_bit, f"{node}: not taken of constants; only BipolarQuant is")
    values, scale = numbers_of(node, arguments[0]), numbers_of(node, arguments[1])
    zero = check_one_bit(node, arguments) if one_bit else np.zeros(())
    check(bool((scale != 0).all()), f"{node}: scale must not be 0")
    _check_size(node, [values, scale, zero], MOST_ELEMENTS)
    at_least_zero = values / scale + zero >= 0 if one_bit else values >= 0
    return (np.where(at_least_zero, 1.0, -1.0) - zero) * scale


def standard(
    graph: Graph, node: Node, arguments: Sequence[NDArray[Any] | None], most: int = MOST_ELEMENTS
) -> NDArray[Any]:
    """The first output, of `most` elements, of one of ONNX's own operators, by ONNX's reference.

    Raises `BephwError` naming the node.
    """
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    _check_size(node, arguments, most)
    given = {name: value for name, value in zip(node.inputs, arguments, strict=True) if name}
    opset = graph.versions.get("", graph.versions.get("ai.onnx", 1))
    inputs = [helper.make_tensor_value_info(name, 1, None) for name in given]
    outputs = [helper.make_tensor_value_info(node.outputs[0], 1, None)]
    model = helper.make_model(
        helper.make_graph([node.source], "one node", inputs, outputs), opset_imports=[helper.make_opsetid("", opset)]
    )
    try:
        (result, *_) = list(ReferenceEvaluator(model).run(None, given))
    except Exception as error:  # whatever NumPy says of shapes that do not fit
        reason = str(error).splitlines() or [type(error).__name__]
        raise BephwError(f"{node}: cannot be computed: {reason[0]}") from error
    return np.asarray(result)


def _check_size(node: Node, arguments: Sequence[NDArray[Any] | None], most: int) -> None:
    """Before memory is asked for: of operators that may give more than goes in."""
    shapes = [argument.shape for argument in arguments if argument is not None]
    elements = 0.0
    if node.operator in (*ELEMENTWISE, "BipolarQuant", *ONE_BIT):
        try:
            elements = _product(np.broadcast_shapes(*shapes))
        except ValueError as error:
            raise BephwError(f"{node}: its inputs' shapes do not fit together") from error
    elif node.operator == "Concat":
        elements = sum(map(_product, shapes))
    elif node.operator == "Gather" and len(shapes) == 2:
        axis = node.attributes.get("axis", 0)
        inside = -len(shapes[0]) <= axis < len(shapes[0])
        elements = _product(shapes[0]) * _product(shapes[1]) / max(shapes[0][axis], 1) if inside else 0
    check(elements <= most, f"{node}: must have at most {most} elements, not {elements:.0f}")


def _product(shape: Sequence[int]) -> float:
    """As a float, which does not overflow."""
    return float(np.prod([float(size) for size in shape]))
