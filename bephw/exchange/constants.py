"""What is known without the input: weights on their way through quantisers and transpositions, shapes, scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.exchange.graph import LARGEST_FILE, Graph, Node

ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "Pow")
COMPUTED = {
    *ELEMENTWISE,
    *("Neg", "Abs", "Sqrt", "Reciprocal", "Cast", "Identity", "Constant", "Transpose", "Reshape", "Squeeze"),
    *("Unsqueeze", "Flatten", "Concat", "Gather", "Slice"),
}


def computed(graph: Graph, node: Node, arguments: Sequence[NDArray[Any] | None]) -> NDArray[Any]:
    """The output of a node of whose inputs all are known. Raises `BephwError` naming the node."""
    if node.custom:
        check(node.operator == "BipolarQuant", f"{node}: not taken of constants; only BipolarQuant is")
        values, scale = arguments[:2]
        assert values is not None and scale is not None
        check(bool(np.isfinite(values).all()), f"{node}: its input must be finite, but holds NaN or infinity")
        return np.where(values >= 0, 1.0, -1.0) * scale
    check(node.operator in COMPUTED, f"{node}: not taken of constants")
    if node.operator in ELEMENTWISE:
        _check_size(node, arguments)
    return standard(graph, node, arguments)


def standard(graph: Graph, node: Node, arguments: Sequence[NDArray[Any] | None]) -> NDArray[Any]:
    """The first output of one of ONNX's own operators, by ONNX's reference. Raises `BephwError` naming the node."""
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    given = {name: value for name, value in zip(node.inputs, arguments, strict=True) if name}
    opset = graph.versions.get("", graph.versions.get("ai.onnx", 1))
    inputs = [helper.make_tensor_value_info(name, 1, None) for name in given]
    outputs = [helper.make_tensor_value_info(node.outputs[0], 1, None)]
    model = helper.make_model(
        helper.make_graph([node.source], "one node", inputs, outputs), opset_imports=[helper.make_opsetid("", opset)]
    )
    try:
        result = ReferenceEvaluator(model).run(None, given)[0]
    except Exception as error:  # whatever NumPy says of shapes that do not fit
        reason = str(error).splitlines() or [type(error).__name__]
        raise BephwError(f"{node}: cannot be computed: {reason[0]}") from error
    return np.asarray(result)


def _check_size(node: Node, arguments: Sequence[NDArray[Any] | None]) -> None:
    """Before memory is asked for."""
    try:
        shape = np.broadcast_shapes(*(argument.shape for argument in arguments if argument is not None))
    except ValueError as error:
        raise BephwError(f"{node}: its inputs' shapes do not fit together") from error
    elements = int(np.prod([float(size) for size in shape]))
    check(elements <= LARGEST_FILE, f"{node}: must have at most {LARGEST_FILE} elements, not {elements}")
