"""Operators that compare: from features or sums to bits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.exchange.carried import Carried, exact
from bephw.exchange.graph import Graph, Node
from bephw.exchange.network import FoundNetwork, at_least
from bephw.exchange.operators.arguments import Arguments, by_channel, carried_data, check_one_bit, constant_of

__all__ = ["bipolar", "inputs", "multi_threshold", "one_bit", "sign"]


def bipolar(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """`scale` where the input is at least 0, else `-scale`."""
    data, scale = carried_data(node, arguments), constant_of(node, arguments[1])
    check(bool((scale != 0).all()), f"{node}: scale must not be 0")
    return _binarised(network, node, data).scaled(scale)


def one_bit(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Quant of one bit with a sign: +1 where `input / scale + zero` is at least 0, else -1; less zero, times scale."""
    data, scale, zero = carried_data(node, arguments), constant_of(node, arguments[1]), check_one_bit(node, arguments)
    check(bool((scale != 0).all()), f"{node}: scale must not be 0")
    quantised = _binarised(network, node, data.scaled(1 / scale).shifted(exact(zero)))
    return quantised.shifted(exact(-zero)).scaled(scale)


def sign(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """ONNX's own sign is 0 at 0, which is no bit: taken where no sum can be 0."""
    data = carried_data(node, arguments)
    scale, offset = data.by_element()
    inputs = network.layers[data.depth - 1].weights.shape[1] if data.depth else 0
    for at, (factor, constant) in enumerate(zip(scale, offset, strict=True)):
        root = -constant / factor if factor else None
        reached = data.kind != "sums" or (
            not constant if root is None else root.denominator == 1 and abs(root) <= inputs and (root + inputs) % 2 == 0
        )
        check(not reached, f"{node}: is 0 where element {at} is 0, which no bit can be: use BipolarQuant")
    return _binarised(network, node, data)


def multi_threshold(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """With one threshold: `out_scale + out_bias` where the input is at least the threshold, else `out_bias`."""
    data, thresholds = carried_data(node, arguments), constant_of(node, arguments[1])
    check(thresholds.ndim == 2, f"{node}: thresholds must be a matrix, not of shape {thresholds.shape}")
    bits = f"{node}: must have one threshold, a bit, not {thresholds.shape[1]} (multi-bit activations are not taken)"
    check(thresholds.shape[1] == 1, bits)
    last = node.attributes.get("data_layout", "NCHW").endswith("C") and len(data.shape) > 2
    scale, bias = (exact(np.array(node.attributes.get(name, default))) for name, default in _THRESHOLD_DEFAULTS)
    check(bool(scale != 0), f"{node}: out_scale must not be 0")
    limits = by_channel(node, data, thresholds[:, 0], last=last)
    half = scale * Fraction(1, 2)
    return _binarised(network, node, data.shifted(-limits)).scaled(half).shifted(half + bias)


_THRESHOLD_DEFAULTS = (("out_scale", 1.0), ("out_bias", 0.0))


def _binarised(network: FoundNetwork, node: Node, data: Carried) -> Carried:
    """+1 where `data` is at least 0, else -1."""
    if data.kind == "features":
        return _encoded(network, node, data)
    check(data.kind == "sums", f"{node}: its input must be features or sums, not {data.kind}")
    layer = network.layers[data.depth - 1]
    check(layer.thresholds is None, f"{node}: the sums of {layer.node} are compared twice")
    scale, offset = data.by_element()
    inputs = layer.weights.shape[1]
    thresholds = []
    for factor, constant in zip(scale, offset, strict=True):
        lowest = math.ceil(-constant / abs(factor)) if factor else (-inputs if constant >= 0 else inputs + 1)
        thresholds.append(min(max(lowest, -inputs), inputs + 1))
    layer.thresholds = np.array(thresholds, np.int32)
    # A neuron with a negative factor is active for low sums: with its weights turned round, for high ones.
    layer.weights = layer.weights ^ np.array([factor < 0 for factor in scale])[:, None]
    return data.turned_into("bits")


def _encoded(network: FoundNetwork, node: Node, data: Carried) -> Carried:
    """Bits of features: the encoder's are 1 above a limit, so where the factor is negative they mean -1."""
    factors, constants = data.scale.ravel(), data.offset.ravel()
    limits = [_limit(factor, constant) for factor, constant in zip(factors, constants, strict=True)]
    bits = inputs(network, node, data, np.array(limits))
    return bits.scaled(exact(np.where(data.scale < 0, -1, 1)))


def inputs(network: FoundNetwork, node: Node, data: Carried, limits: NDArray[np.float64]) -> Carried:
    """The inputs of the first matrix, in the order in which `data` has them."""
    check(network.limits is None, f"{node}: the input is compared twice")
    network.features, network.limits = data.index.ravel(), limits
    return Carried.plain("bits", data.shape)


def _limit(factor: Fraction, constant: Fraction) -> float:
    """That a feature exceeds where `factor * feature + constant >= 0`; with a negative factor, where it is below 0."""
    if factor == 0:
        return float(np.finfo(np.float64).min if constant >= 0 else np.finfo(np.float64).max)
    root = -constant / factor
    if factor > 0:
        return at_least(root)
    above = at_least(root)  # exceeded by whatever is at least the root; the root itself belongs below
    following = float(np.nextafter(above, np.inf))
    return following if Fraction(following) == root else above
