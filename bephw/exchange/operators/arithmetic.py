"""Operators that scale and shift numbers."""

from __future__ import annotations

import numpy as np

from bephw.errors import check
from bephw.exchange.carried import Carried, exact
from bephw.exchange.graph import Graph, Node
from bephw.exchange.network import FoundNetwork
from bephw.exchange.operators.arguments import Arguments, by_channel, carried_data, constant_of

__all__ = ["arithmetic", "batch_normalised", "cast", "negated", "same"]


def arithmetic(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Add, Sub, Mul, Div with one constant."""
    first, second = arguments
    both = isinstance(first, Carried) and isinstance(second, Carried)
    check(not both, f"{node}: both of its inputs depend on the sample (a residual connection?); one has to be constant")
    data = first if isinstance(first, Carried) else second
    assert isinstance(data, Carried)
    constant = constant_of(node, second if data is first else first)
    operator = node.operator
    if operator == "Mul":
        return data.scaled(constant)
    if operator == "Add":
        return data.shifted(constant)
    if operator == "Sub":
        return data.shifted(-constant) if data is first else data.scaled(exact(np.array(-1))).shifted(constant)
    check(data is first, f"{node}: divides by what depends on the sample")
    check(bool((constant != 0).all()), f"{node}: divides by 0")
    return data.scaled(1 / constant)


def negated(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Neg."""
    return carried_data(node, arguments).scaled(exact(np.array(-1)))


def same(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Identity, and Dropout, which does nothing at inference."""
    return carried_data(node, arguments)


def cast(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Cast, to numbers with a fraction."""
    from onnx import TensorProto

    kinds = (TensorProto.FLOAT, TensorProto.DOUBLE)
    check(node.attributes.get("to") in kinds, f"{node}: may lose digits; only casts to float and double are taken")
    return carried_data(node, arguments)


def batch_normalised(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """`gamma * (x - mean) / sqrt(variance + epsilon) + beta`; the factor is rounded once, to float64."""
    data = carried_data(node, arguments)
    check(not node.attributes.get("training_mode", 0), f"{node}: is in training mode; export for inference")
    gamma, beta, mean, variance = (by_channel(node, data, argument) for argument in arguments[1:5])
    epsilon = node.attributes.get("epsilon", 1e-5)
    spread = np.array([float(entry) + epsilon for entry in variance.ravel()]).reshape(variance.shape)
    check(bool((spread > 0).all()), f"{node}: variance plus epsilon must be above 0, not {spread.min():g}")
    deviation = exact(np.sqrt(spread))
    return data.shifted(-mean).scaled(exact((gamma / deviation).astype(np.float64))).shifted(beta)
