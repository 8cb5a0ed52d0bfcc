"""Small binary networks as ONNX files, in the styles of the tools that write them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="networks as ONNX files need onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

DOMAIN = "qonnx.custom_op.general"


class Chain:
    """A graph of one line: each operator takes what the one before it gave."""

    def __init__(self, shape, *, domain=DOMAIN, opset=11):
        self.shape, self.domain, self.opset = tuple(shape), domain, opset
        self.nodes, self.constants, self.last = [], [], "x"

    def constant(self, values, dtype=np.float32):
        """Name of a new initialiser."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, operator, *inputs, **attributes):
        """A node of any inputs; returns its output, and leaves the line as it is."""
        output = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=f"{operator}_{output}", **attributes))
        return output

    def then(self, operator, *constants, custom=False, first=None, **attributes):
        """The line goes on through a node, with `constants` as its further inputs."""
        if custom:
            attributes["domain"] = self.domain
        names = [entry if isinstance(entry, str) else self.constant(entry) for entry in constants]
        inputs = [*([] if first is None else [first]), self.last, *names]
        self.last = self.node(operator, *inputs, **attributes)
        return self

    def integers(self, operator, values, **attributes):
        """Through a node whose second input is integers."""
        return self.then(operator, self.constant(values, np.int64), **attributes)

    def bipolar(self, scale=1.0):
        """To bits, -scale and +scale."""
        return self.then("BipolarQuant", scale, custom=True)

    def reshape(self, *shape):
        """To another shape."""
        return self.integers("Reshape", shape)

    def weights(self, latent, scale=1.0):
        """Quantised weights (inputs, outputs), as Brevitas writes them: latent ones (outputs, inputs), transposed."""
        quantised = self.node(
            "BipolarQuant", self.constant(np.transpose(latent)), self.constant(scale), domain=self.domain
        )
        return self.node("Transpose", quantised, perm=[1, 0])

    def model(self, annotation=None):
        """The model."""
        graph = helper.make_graph(
            self.nodes,
            "test",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)],
            initializer=self.constants,
        )
        if annotation:
            note = graph.quantization_annotation.add(tensor_name="x")
            note.quant_parameter_tensor_names.add(key="finn_datatype", value=annotation)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid(self.domain, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=7)

    def save(self, path: Path, annotation=None) -> Path:
        """Write the model."""
        onnx.save(self.model(annotation), str(path))
        return path


def batch_norm(random, channels):
    """gamma, beta, mean, variance: some gammas negative, some 0."""
    gamma = random.normal(size=channels)
    gamma[random.random(channels) < 0.2] = 0
    return gamma, random.normal(size=channels), random.normal(0, 3, channels), random.uniform(0.5, 20, channels)


def brevitas(random, sizes=(12, 9, 7, 4), domain=DOMAIN):
    """BipolarQuant, MatMul, BatchNormalization; scalar numbers at the head."""
    chain = Chain((1, 1, 3, sizes[0] // 3), domain=domain).reshape(1, -1).then("Mul", 2.0).then("Sub", 1.0).bipolar()
    for inputs, outputs in pairwise(sizes[:-1]):
        chain.then("MatMul", chain.weights(random.normal(size=(inputs, outputs)), scale=0.125))
        chain.then("BatchNormalization", *batch_norm(random, outputs), epsilon=1e-5).bipolar()
    chain.then("MatMul", chain.weights(random.normal(size=sizes[-2:])))
    return chain.then("Sub", 0.4).then("Div", 17.8).then("Mul", -0.7).then("Neg").then("Add", [-1.1])


def finn(random, sizes=(12, 9, 7, 4)):
    """MultiThreshold and XnorPopcountMatMul, bits 0 and 1; TopK."""
    chain = Chain((1, sizes[0]), domain="finn.custom_op.general").then("Div", 255.0)
    chain.then("MultiThreshold", [[0.5]], custom=True, out_dtype="BINARY")
    for inputs, outputs in pairwise(sizes[:-1]):
        chain.then("XnorPopcountMatMul", random.integers(0, 2, (inputs, outputs)), custom=True)
        limits = random.integers(0, inputs + 1, (outputs, 1)) + random.choice([0, 0.25], (outputs, 1))
        chain.then("MultiThreshold", limits, custom=True, out_dtype="BINARY")
    return chain.then("XnorPopcountMatMul", random.integers(0, 2, sizes[-2:]), custom=True)


def gemm(random, sizes=(12, 9, 7, 4)):
    """Gemm with a scale for each output and a bias, a limit for each feature, signs turned round, uneven bits."""
    chain = Chain((1, sizes[0])).then("Sub", random.normal(size=sizes[0])).then("Div", random.choice([-2, 3], sizes[0]))
    chain.bipolar(-0.5).then("Add", 0.25)
    for inputs, outputs in pairwise(sizes[:-1]):
        weights = random.choice([-1, 1], (outputs, inputs)) * random.choice([0.25, 2, 3], (outputs, 1))
        chain.then("Gemm", weights, random.normal(size=outputs), transB=1, alpha=0.5, beta=2.0)
        bias = 0.25 if outputs != sizes[-2] else 0.75  # the classes must have one offset
        chain.then("MultiThreshold", [[0.125]], custom=True, out_scale=-1.5, out_bias=bias)
    return chain.then("MatMul", random.choice([-2.0, 2.0], sizes[-2:])).then("LogSoftmax", axis=1)
