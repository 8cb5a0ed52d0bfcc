"""A published perceptron in float32, all samples at once: NumPy and the file's own numbers, nothing of bephw."""

from __future__ import annotations

import numpy as np
from onnx import helper, numpy_helper


def batch_outputs(model, x, tensor):
    """What `tensor` is for samples `x` (n, features); the model is one line of layers, of a batch of 1."""
    known = {entry.name: numpy_helper.to_array(entry) for entry in model.graph.initializer}
    known[model.graph.input[0].name] = x.astype(np.float32)
    for node in model.graph.node:
        arguments = [known.get(name) for name in node.input]
        attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        if node.op_type in OPERATORS:  # others compute the shape that Reshape is told, which is not needed here
            known[node.output[0]] = OPERATORS[node.op_type](*arguments, **attributes)
    return known[tensor]


def _normalised(x, gamma, beta, mean, variance, epsilon, **_):
    factor = gamma / np.sqrt(variance + np.float32(epsilon))
    return x * factor + (beta - mean * factor)


OPERATORS = {
    "Reshape": lambda x, shape: x.reshape(len(x), -1),
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
    "BipolarQuant": lambda x, scale: np.where(x >= 0, scale, -scale),
    "Transpose": lambda x, perm: x.transpose(perm),
    "MatMul": np.matmul,
    "BatchNormalization": _normalised,
}
