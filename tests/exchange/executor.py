"""QONNX's own executor, a sample at a time."""

from __future__ import annotations

import warnings

import numpy as np


def outputs(model, x, tensor=None):
    """Output (n, ..) of a model of batch 1 for samples (n, features), or what `tensor` is on the way."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrapper = ModelWrapper(model).transform(InferShapes())
        name = wrapper.graph.input[0].name
        shape = wrapper.get_tensor_shape(name)
        found = []
        for sample in x:
            context = execute_onnx(wrapper, {name: sample.reshape(shape)}, return_full_exec_context=True)
            found.append(context[tensor or wrapper.graph.output[0].name].reshape(-1))
    return np.array(found)
