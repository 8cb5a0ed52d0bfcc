"""Operators that multiply bits by a matrix of bits: the layers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.exchange.carried import Carried, exact
from bephw.exchange.graph import Graph, Node
from bephw.exchange.network import FoundNetwork, Layer
from bephw.exchange.operators.arguments import Arguments, carried_data, constant_of, numbers_of
from bephw.exchange.operators.quantisers import inputs

__all__ = ["gemm", "matches", "multiplied"]


def multiplied(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """MatMul."""
    first, second = arguments
    right = isinstance(first, Carried) and not isinstance(second, Carried)
    check(right, f"{node}: must multiply what depends on the sample by a constant matrix, in this order")
    assert isinstance(first, Carried)
    return _products(graph, network, node, first, numbers_of(node, second))


def gemm(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """`alpha * A B + beta * C`."""
    data = carried_data(node, arguments)
    check(not isinstance(arguments[1], Carried), f"{node}: its second input must be constant")
    check(not node.attributes.get("transA", 0), f"{node}: transA must be 0")
    weights = numbers_of(node, arguments[1])
    weights = weights.T if node.attributes.get("transB", 0) else weights
    result = _products(graph, network, node, data, weights)
    result = result.scaled(exact(np.array(node.attributes.get("alpha", 1.0))))
    if len(arguments) < 3 or arguments[2] is None:
        return result
    return result.shifted(constant_of(node, arguments[2]) * Fraction(node.attributes.get("beta", 1.0)))


def matches(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """XnorPopcountMatMul: bits 0 and 1 on both sides, the number of matches."""
    data = carried_data(node, arguments)
    weights = numbers_of(node, arguments[1])
    zero_or_one = bool(np.isin(weights, (0, 1)).all())
    check(zero_or_one, f"{node}: weights must be 0 and 1")
    half = Fraction(1, 2)
    right = bool((abs(data.scale) == half).all() and (data.offset == half).all()) and data.kind == "bits"
    check(right, f"{node}: its input must be bits 0 and 1")
    bipolar = data.scaled(exact(np.array(2))).shifted(exact(np.array(-1)))
    products = _products(graph, network, node, bipolar, 2 * weights - 1)
    inputs = weights.shape[0]
    return products.scaled(exact(np.array(0.5))).shifted(exact(np.array(inputs / 2)))


def _products(graph: Graph, network: FoundNetwork, node: Node, data: Carried, weights: NDArray[np.float64]) -> Carried:
    """A new layer: the sums of `data` (.., inputs) times `weights` (inputs, outputs)."""
    if data.kind == "features":
        data = _already_bits(graph, network, node, data)
    check(data.kind == "bits", f"{node}: multiplies {data.kind}, which must be quantised to bits before")
    check(weights.ndim == 2, f"{node}: weights must be a matrix, not of shape {weights.shape}")
    in_line = data.depth == len(network.layers)
    check(in_line, f"{node}: what it multiplies goes elsewhere, too: branches are not taken")
    inputs, outputs = weights.shape
    right = data.shape[-1] == data.index.size == inputs
    check(right, f"{node}: {inputs} rows of weights do not fit an input of shape {data.shape}")
    _check_weights(node, weights)
    size = abs(weights[0])
    factor = abs(data.scale.ravel()[0])
    even = bool((abs(data.scale) == factor).all())
    check(even and bool(factor), f"{node}: the two values of its input bits must be equally far apart in all elements")
    signs = np.where(weights < 0, -1, 1)
    offset = _offsets(signs, data.offset.ravel())
    signs = signs * np.where(data.scale.ravel() < 0, -1, 1)[:, None]
    positive = np.empty((outputs, inputs), np.bool_)
    positive[:, data.index.ravel()] = signs.T > 0
    network.layers.append(Layer(str(node), positive))
    sums = replace(Carried.plain("sums", (*data.shape[:-1], outputs)), depth=data.depth + 1)
    return sums.scaled(exact(size) * factor).shifted(exact(size) * offset)


def _check_weights(node: Node, weights: NDArray[np.float64]) -> None:
    """Each column has to be + and - one scale."""
    rule = f"{node}: weights must be + and - one scale, for each output"
    sizes = abs(weights)
    if bool((sizes == sizes[0]).all() and (sizes[0] > 0).all()):
        return
    if bool((sizes == 0).any()):
        raise BephwError(f"{rule}, but some are 0 (padding with zeros, and ternary weights, are not taken)")
    row, column = np.argwhere(sizes != sizes[0])[0].tolist()
    raise BephwError(f"{rule}, but output {column} has {weights[0, column]:g} and {weights[row, column]:g}")


def _offsets(signs: NDArray[np.int64], offsets: NDArray[Any]) -> NDArray[Any]:
    """What constant parts (inputs,) of the inputs add to the sums, for weights (inputs, outputs) of + and - 1."""
    total = exact(np.zeros(signs.shape[1]))
    for value in set(offsets.tolist()) - {0}:
        total = total + value * exact(signs[offsets == value].sum(axis=0))
    return total


def _already_bits(graph: Graph, network: FoundNetwork, node: Node, data: Carried) -> Carried:
    """An input that the file says has two values only."""
    quantised = f"{node}: its input has to be quantised to bits before (or noted as BIPOLAR or BINARY in the file)"
    check(bool(graph.values), quantised)
    binary = graph.values == "BINARY"
    bits = inputs(network, node, data, np.full(data.index.size, 0.5 if binary else 0.0))
    if binary:
        bits = bits.scaled(exact(np.array(0.5))).shifted(exact(np.array(0.5)))
    return bits.scaled(data.scale).shifted(data.offset)
