"""An ONNX file as what the importer walks: nodes on the way from the one input to the one output, and constants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, MissingError, check
from bephw.words import counted

__all__ = ["CUSTOM_DOMAINS", "MOST_FEATURES", "Graph", "Node", "onnx_package", "read_graph"]

# Whatever wrote it, the operators are the same.
CUSTOM_DOMAINS = ("onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general")
STANDARD_DOMAINS = ("", "ai.onnx")
MOST_FEATURES = 2**20  # of a sample: far more than the bits that a network may have
LARGEST_FILE = 2**30  # bytes; the largest network that the settings admit has weights of 4 GB as floats, and no use


@dataclass(frozen=True)
class Node:
    """One operator.

    Attributes:
        name: as in the file, or its first output where it has none.
        operator: its type.
        custom: whether it is one of QONNX's own.
        inputs: names of tensors; an input that is left out is "".
        outputs: names of tensors.
        attributes: by name, as Python values and arrays.
        source: the ONNX node itself.
    """

    name: str
    operator: str
    custom: bool
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    source: Any

    def __str__(self) -> str:
        return f"node {self.name!r} ({self.operator})"


@dataclass(frozen=True)
class Graph:
    """A whole network.

    Attributes:
        nodes: those that the output depends on, in an order in which they can be computed.
        constants: initialisers by name; numbers with a fraction as float64.
        input: name of the input.
        shape: of the input.
        values: "BIPOLAR" or "BINARY" where the file says that the input has such values, else "".
        output: name of the output.
        versions: of the operators, by domain.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, NDArray[Any]]
    input: str
    shape: tuple[int, ...]
    values: str
    output: str
    versions: Mapping[str, int]


def onnx_package() -> Any:
    """ONNX's package. Raises `MissingError` where it is not installed."""
    try:
        import onnx
    except ImportError as error:
        raise MissingError("networks as ONNX files need onnx: install it with pip install 'bephw[onnx]'") from error
    return onnx


def read_graph(path: Path) -> Graph:
    """Read `path`. Raises `BephwError` naming the file, or its node, and the reason."""
    graph, versions = _load(path)
    try:
        constants = {tensor.name: _array(tensor) for tensor in graph.initializer}
    except BephwError as error:
        raise BephwError(f"{path}: {error}") from error
    source = _the_only_input(graph, constants, str(path))
    check(len(graph.output) == 1, f"{path}: must have one output, not {len(graph.output)}")
    output = graph.output[0].name
    nodes = _needed([_node(node, str(path)) for node in graph.node], output)
    made = {source.name, *constants, *(name for node in nodes for name in node.outputs)}
    for node in nodes:
        for name in node.inputs:
            check(
                not name or name in made, f"{path}: {node}: input {name!r} comes from nowhere: a missing initialiser?"
            )
    check(output in made, f"{path}: output {output!r} comes from nowhere")
    return Graph(
        nodes=tuple(nodes),
        constants=constants,
        input=source.name,
        shape=_static_shape(source, str(path)),
        values=_annotation(graph, source.name),
        output=output,
        versions=versions,
    )


def _load(path: Path) -> tuple[Any, dict[str, int]]:
    """The graph, and versions of operators by domain."""
    onnx = onnx_package()
    try:
        size = path.stat().st_size
        check(size <= LARGEST_FILE, f"{path}: must have at most {LARGEST_FILE} bytes, not {size}")
        content = path.read_bytes()
    except OSError as error:
        raise MissingError(f"{path}: cannot be read: {error.strerror or error}") from error
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception as error:  # protobuf's own kinds of errors differ from version to version
        raise BephwError(f"{path}: not a whole ONNX file") from error
    check(model.HasField("graph") and len(model.graph.node) > 0, f"{path}: not an ONNX file, or one without nodes")
    return model.graph, {entry.domain: entry.version for entry in model.opset_import}


def _array(tensor: Any) -> NDArray[Any]:
    """An initialiser. Numbers with a fraction become float64: what is computed from them is rounded once."""
    from onnx import TensorProto, numpy_helper

    name = f"initialiser {tensor.name!r}"
    check(tensor.data_location != TensorProto.EXTERNAL, f"{name}: lies in another file: save the model as one file")
    # Sizes of damaged files are checked before memory is asked for.
    elements = 1
    for size in tensor.dims:
        elements *= max(size, 0)
    check(elements <= LARGEST_FILE, f"{name}: must have at most {LARGEST_FILE} elements, not {elements}")
    try:
        array = numpy_helper.to_array(tensor)
    except Exception as error:
        raise BephwError(f"{name}: damaged: {str(error).splitlines()[0] if str(error) else 'no data'}") from error
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _node(source: Any, path: str) -> Node:
    import onnx

    name = source.name or (source.output[0] if source.output else "")
    custom = source.domain in CUSTOM_DOMAINS
    known = custom or source.domain in STANDARD_DOMAINS
    domains = ", ".join(CUSTOM_DOMAINS)
    check(known, f"{path}: node {name!r} ({source.op_type}): domain must be ONNX's or {domains}, not {source.domain!r}")
    attributes = {}
    for entry in source.attribute:
        value = onnx.helper.get_attribute_value(entry)
        if isinstance(value, onnx.TensorProto):
            value = _array(value)
        attributes[entry.name] = value.decode(errors="replace") if isinstance(value, bytes) else value
    return Node(name, source.op_type, custom, tuple(source.input), tuple(source.output), attributes, source)


def _the_only_input(graph: Any, constants: Mapping[str, Any], path: str) -> Any:
    """Older files list initialisers among the inputs, too."""
    found = [entry for entry in graph.input if entry.name not in constants]
    names = ", ".join(repr(entry.name) for entry in found[:3])
    check(len(found) == 1, f"{path}: must have one input, not {len(found)}" + (f" ({names})" if found else ""))
    return found[0]


def _static_shape(source: Any, path: str) -> tuple[int, ...]:
    """Sizes of the input, of which the first is the batch, of one sample."""
    what = f"{path}: input {source.name!r}"
    check(source.type.tensor_type.HasField("shape"), f"{what}: shape must be known")
    sizes = []
    for axis, size in enumerate(source.type.tensor_type.shape.dim):
        known = size.dim_value > 0
        check(
            known,
            f"{what}: shape must be known, but axis {axis} is {size.dim_param or 'open'!r}: export with a batch of 1",
        )
        sizes.append(size.dim_value)
    check(len(sizes) >= 2, f"{what}: must have a batch of 1 and the features, not shape {sizes}")
    check(sizes[0] == 1, f"{what}: must have a batch of 1, not of {sizes[0]}")
    features = math.prod(sizes)
    check(features <= MOST_FEATURES, f"{what}: must have at most {counted(MOST_FEATURES, 'feature')}, not {features}")
    return tuple(sizes)


def _annotation(graph: Any, name: str) -> str:
    """What QONNX's tools have noted of the values of a tensor, as far as it matters here."""
    for entry in graph.quantization_annotation:
        if entry.tensor_name == name:
            for pair in entry.quant_parameter_tensor_names:
                if pair.key == "finn_datatype" and pair.value in ("BIPOLAR", "BINARY"):
                    return pair.value
    return ""


def _needed(nodes: list[Node], output: str) -> list[Node]:
    """Those that `output` depends on, in their order."""
    makers = {name: place for place, node in enumerate(nodes) for name in node.outputs}
    wanted, needed = [output], set()
    while wanted:
        place = makers.get(wanted.pop())
        if place is not None and place not in needed:
            needed.add(place)
            wanted += [name for name in nodes[place].inputs if name]
    return [nodes[place] for place in sorted(needed)]
