"""A perceptron as a QONNX file, for tools that take one: FINN, qonnx's own executor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw import __version__
from bephw.data import Encoding
from bephw.errors import check
from bephw.exchange.graph import onnx_package
from bephw.files import write_bytes
from bephw.flow.learnt import Learnt
from bephw.state import NetworkState

__all__ = ["write_qonnx"]

DOMAIN = "qonnx.custom_op.general"
OPSET, DOMAIN_VERSION, IR_VERSION = 13, 1, 8
FLOAT32: np.dtype[Any] = np.dtype(np.float32)
EXACT_IN_FLOAT32 = 2**24  # integers below it


def write_qonnx(learnt: Learnt, path: Path) -> None:
    """Write `path`, whole or not at all: input (1, features) float32, output (1, classes), the sums z of the classes,
    or their scores where they have such: float32, or float64 where a score does not fit into float32.

    Features are those that the encoder takes; where there is none, or one with edges of images, they are the network's
    bits, as -1 and +1 (noted as BIPOLAR). A feature exceeds a limit of the encoder in float32 as in float64 wherever
    the feature itself is a float32. Raises `BephwError` for recurrent networks, and where the file cannot be written.
    """
    settings = learnt.settings
    onnx_package()
    check(
        not settings.recurrent, f"{path}: learning.algorithm must be of perceptrons, not {settings.learning.algorithm}"
    )
    check(
        isinstance(learnt.state, NetworkState), f"{path}: learning.algorithm must be of perceptrons, not logic (gates)"
    )
    write_bytes(path, _model(learnt).SerializeToString())


def _model(learnt: Learnt) -> Any:
    from onnx import TensorProto, helper

    builder = _Builder()
    encoding = learnt.encoding
    if encoding is not None and (encoding.edges is not None or encoding.thresholds is None):
        encoding = None
    features = learnt.settings.network.sizes[0] if encoding is None else encoding.features
    tensor = "features"
    if encoding is not None:
        tensor = _encoded(builder, encoding, tensor)
    state = learnt.state
    assert isinstance(state, NetworkState)
    for index, counters in enumerate(state.counters):
        thresholds = state.thresholds[index] if state.thresholds else None
        tensor = _layer(builder, f"layer_{index}", tensor, counters >= 0)
        if thresholds is not None:
            limits = builder.number(f"thresholds_{index}", thresholds)
            tensor = builder.add("Sub", f"above_thresholds_{index}", (1, len(counters)), tensor, limits)
        tensor = _quantised(builder, f"activation_{index}", (1, len(counters)), tensor)
    tensor = _layer(builder, "classifier", tensor, state.prototypes > 0)
    kind = FLOAT32
    if state.scales is not None and state.offsets is not None:
        tensor, kind = _scored(builder, tensor, state.prototypes.shape[1], state.scales, state.offsets)
    graph = helper.make_graph(
        builder.nodes,
        "bephw",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, features])],
        [helper.make_tensor_value_info(tensor, _onnx_type(kind), [1, learnt.settings.network.classes])],
        initializer=builder.constants,
        value_info=builder.shapes[:-1],  # the last one is the output
    )
    if encoding is None:
        note = graph.quantization_annotation.add(tensor_name="features")
        note.quant_parameter_tensor_names.add(key="finn_datatype", value="BIPOLAR")
    return helper.make_model(
        graph,
        producer_name="bephw",
        producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, DOMAIN_VERSION)],
        ir_version=IR_VERSION,
    )


def _encoded(builder: _Builder, encoding: Encoding, tensor: str) -> str:
    """Bits of features, -1 and +1: a feature exceeds a limit where it is at least the next number of float32."""
    assert encoding.thresholds is not None
    kept = np.arange(encoding.all_bits) if encoding.kept is None else encoding.kept
    levels = encoding.thresholds.shape[1]
    of_bits, shape = kept // levels, (1, len(kept))
    if not np.array_equal(of_bits, np.arange(encoding.features)):
        indices = builder.integers("features_of_bits", of_bits)
        tensor = builder.add("Gather", "bits_features", shape, tensor, indices, axis=1)
    limits = builder.number("limits", _following(encoding.thresholds.ravel()[kept]))
    return _quantised(builder, "encoder", shape, builder.add("Sub", "above_limits", shape, tensor, limits))


def _following(limits: NDArray[np.float64]) -> NDArray[np.float32]:
    """The smallest numbers of float32 above `limits`."""
    near = limits.astype(np.float32)
    return np.where(near.astype(np.float64) > limits, near, np.nextafter(near, np.float32(np.inf)))


def _layer(builder: _Builder, name: str, tensor: str, weights: NDArray[np.bool_]) -> str:
    """Sums z (1, outputs) of bits (1, inputs) times weights (outputs, inputs)."""
    columns = np.where(weights, 1, -1).T
    quantised = _quantised(builder, f"{name}_quantised", columns.shape, builder.number(f"{name}_weights", columns))
    return builder.add("MatMul", name, (1, len(weights)), tensor, quantised)


def _scored(
    builder: _Builder, tensor: str, inputs: int, scales: NDArray[np.int64], offsets: NDArray[np.int64]
) -> tuple[str, np.dtype[Any]]:
    """`scale * (z + inputs) / 2 + offset` of each class, and the type of the numbers, which has all of their digits."""
    most_halves = int((scales * inputs + offsets).max()) * 2
    kind: np.dtype[Any] = FLOAT32 if most_halves < EXACT_IN_FLOAT32 else np.dtype(np.float64)
    shape, halves = (1, len(scales)), scales / 2
    if kind == np.float64:
        tensor = builder.add("Cast", "sums_in_double", shape, tensor, to=_onnx_type(kind), type=kind)
    scale = builder.number("scales", halves, kind)
    offset = builder.number("offsets", halves * inputs + offsets, kind)
    scaled = builder.add("Mul", "scaled_sums", shape, tensor, scale, type=kind)
    return builder.add("Add", "scores", shape, scaled, offset, type=kind), kind


def _onnx_type(kind: np.dtype[Any]) -> int:
    """ONNX's number of a type."""
    from onnx import helper

    return int(helper.np_dtype_to_tensor_dtype(kind))


def _quantised(builder: _Builder, name: str, shape: Sequence[int], tensor: str) -> str:
    return builder.add("BipolarQuant", name, shape, tensor, builder.one(), domain=DOMAIN)


class _Builder:
    """Nodes and constants of a graph that grows."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.shapes: list[Any] = []

    def add(
        self,
        operator: str,
        name: str,
        shape: Sequence[int],
        *inputs: str,
        type: np.dtype[Any] = FLOAT32,
        **attributes: Any,
    ) -> str:
        """A node with one output of `shape` and `type`, whose name is returned."""
        from onnx import helper

        output = f"{name}_out"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=name, **attributes))
        self.shapes.append(helper.make_tensor_value_info(output, _onnx_type(type), shape))
        return output

    def number(self, name: str, values: NDArray[Any], type: np.dtype[Any] = FLOAT32) -> str:
        """A constant, of float32 or another type."""
        return self._constant(name, values.astype(type))

    def integers(self, name: str, values: NDArray[Any]) -> str:
        """A constant of int64."""
        return self._constant(name, values.astype(np.int64))

    def one(self) -> str:
        """The scale of all quantisers."""
        if not any(constant.name == "one" for constant in self.constants):
            self._constant("one", np.array(1, np.float32))
        return "one"

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
