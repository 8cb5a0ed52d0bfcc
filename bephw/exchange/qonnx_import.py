"""A binary network from a QONNX file: settings, state and encoder that give its predictions, in integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bephw.errors import BephwError, check
from bephw.exchange.carried import Carried
from bephw.exchange.constants import computed
from bephw.exchange.encoder import encoder
from bephw.exchange.graph import Graph, Node, read_graph
from bephw.exchange.head import Head, take_head
from bephw.exchange.input_range import InputRange
from bephw.exchange.network import FoundNetwork
from bephw.exchange.operators.table import CUSTOM_OPERATORS, LEAST_INPUTS, OPERATORS
from bephw.flow.learnt import Learnt
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.words import counted

__all__ = ["read_qonnx"]

MULTI_BIT = ("FloatQuant", "Trunc")
AFTER_THE_CLASS = ("Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "ArgMax", "TopK")


def read_qonnx(path: Path, inputs: InputRange | None = None, data: dict[str, Any] | None = None) -> Learnt:
    """The network of a QONNX file: a perceptron of binary weights and activations.

    Its hidden neurons get integer thresholds (`z >= threshold`, numerics.md section 2), derived in exact arithmetic
    from the file's numbers (batch normalisation's factor rounded once, to float64); the first quantiser becomes the
    encoder; scales and offsets of the classes become integers that order all sums as they do, or go where all classes
    have the same ones.

    Args:
        path: an ONNX file.
        inputs: how the features of data relate to the network's inputs; as they are where None.
        data: `settings.data` of what is returned.

    Raises `BephwError` naming the node that is not taken and the reason, `MissingError` where there is no such file.
    """
    graph = read_graph(path)
    network = FoundNetwork()
    try:
        result = _walk(graph, network, inputs or InputRange())
        head = take_head(network, result)
        return _learnt(network, head, int(np.prod(graph.shape)), data or {})
    except BephwError as error:
        raise BephwError(f"{path}: {error}") from error


def _walk(graph: Graph, network: FoundNetwork, inputs: InputRange) -> Carried:
    """What the output of the graph holds; `network` is filled in on the way."""
    tensors: dict[str, Any] = {
        "": None,
        **graph.constants,
        graph.input: inputs.of(Carried.plain("features", graph.shape)),
    }
    for node in graph.nodes:
        for name in node.inputs:
            check(name in tensors, f"{node}: input {name!r} is computed later: nodes must be in order")
        arguments = [tensors[name] for name in node.inputs]
        result = _result(graph, network, node, arguments)
        tensors.update(dict.fromkeys(node.outputs, result))
    result = tensors[graph.output]
    check(isinstance(result, Carried), f"output {graph.output!r}: does not depend on the input")
    return result


def _result(graph: Graph, network: FoundNetwork, node: Node, arguments: list[Any]) -> Any:
    """What a node gives. Raises `BephwError` naming it."""
    _check_inputs(node)
    try:
        return _computed(graph, network, node, arguments)
    except BephwError as error:
        # What lies below does not know of nodes.
        raise error if str(error).startswith("node ") else BephwError(f"{node}: {error}") from error
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:
        # Attributes of a type, or shapes, that the operator cannot have.
        reason = str(error).splitlines() or [type(error).__name__]
        raise BephwError(f"{node}: is not as such an operator must be: {reason[0]}") from error


def _check_inputs(node: Node) -> None:
    least = LEAST_INPUTS.get(node.operator, 0 if node.operator == "Constant" else 1)
    found = len([name for name in node.inputs[:least] if name])
    check(found >= least, f"{node}: must have {counted(least, 'input')}, not {found}")


def _computed(graph: Graph, network: FoundNetwork, node: Node, arguments: list[Any]) -> Any:
    carried = [argument for argument in arguments if isinstance(argument, Carried)]
    if node.operator == "Shape" and carried:
        return np.array(carried[0].shape, np.int64)
    if not carried:
        return computed(graph, node, arguments)
    bits = f"{node}: quantises to several bits; weights and activations must have one (BipolarQuant)"
    check(node.operator not in MULTI_BIT, bits)
    right = node.custom == (node.operator in CUSTOM_OPERATORS)
    check(right, f"{node}: there is no such operator in domain {node.source.domain!r}")
    check(node.operator in OPERATORS, f"{node}: is not taken: only perceptrons of one-bit weights and activations are")
    if carried[0].kind == "class":
        check(node.operator in AFTER_THE_CLASS, f"{node}: comes after the class was found")
        return carried[0]
    return OPERATORS[node.operator](graph, network, node, arguments)


def _learnt(network: FoundNetwork, head: Head, features: int, data: dict[str, Any]) -> Learnt:
    check(len(network.layers) > 0, "must have at least one hidden layer")
    for layer in network.layers:
        check(layer.thresholds is not None, f"{layer.node}: its sums are not quantised to bits")
    encoding, order = encoder(network, features)
    network.layers[0].weights = network.layers[0].weights[:, order]
    sizes = [encoding.bits, *(len(layer.weights) for layer in network.layers)]
    scored = {} if head.scales is None else {"scores": True}
    form = {"sizes": sizes, "classes": len(head.prototypes), "thresholds": True, **scored}
    settings = Settings.build(network=form, data=data)
    layers = len(network.layers)
    state = NetworkState(
        counters=tuple(layer.weights.astype(np.int16) - np.int16(1) for layer in network.layers),
        prototypes=head.prototypes,
        generators=np.arange(1, layers + 1, dtype=np.uint32),  # nothing is learnt, but a state has some
        accumulators=np.zeros(layers, np.uint32),
        thresholds=tuple(layer.thresholds for layer in network.layers if layer.thresholds is not None),
        scales=head.scales,
        offsets=head.offsets,
    ).validate(settings)
    return Learnt(settings, state, encoding)
