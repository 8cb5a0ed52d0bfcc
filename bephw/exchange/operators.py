"""Operators on the way of a sample, by what they do to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import BephwError, check
from bephw.exchange.carried import Carried, exact
from bephw.exchange.constants import standard
from bephw.exchange.graph import Graph, Node
from bephw.exchange.network import FoundNetwork, Layer, at_least

__all__ = ["OPERATORS", "Arguments"]

Arguments = Sequence["Carried | NDArray[Any] | None"]


# -- numbers times numbers, plus numbers ------------------------------------------------------------------------------


def _arithmetic(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Add, Sub, Mul, Div with one constant."""
    first, second = arguments
    both = isinstance(first, Carried) and isinstance(second, Carried)
    check(not both, f"{node}: both of its inputs depend on the sample (a residual connection?); one has to be constant")
    data = first if isinstance(first, Carried) else second
    assert isinstance(data, Carried)
    constant = _constant(node, second if data is first else first)
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


def _negated(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    return _data(node, arguments).scaled(exact(np.array(-1)))


def _same(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    return _data(node, arguments)


def _cast(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    from onnx import TensorProto

    kinds = (TensorProto.FLOAT, TensorProto.DOUBLE)
    check(node.attributes.get("to") in kinds, f"{node}: may lose digits; only casts to float and double are taken")
    return _data(node, arguments)


def _batch_normalised(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """`gamma * (x - mean) / sqrt(variance + epsilon) + beta`; the factor is rounded once, to float64."""
    data = _data(node, arguments)
    check(not node.attributes.get("training_mode", 0), f"{node}: is in training mode; export for inference")
    gamma, beta, mean, variance = (_channels(node, data, argument) for argument in arguments[1:5])
    epsilon = node.attributes.get("epsilon", 1e-5)
    spread = np.array([float(entry) + epsilon for entry in variance.ravel()]).reshape(variance.shape)
    check(bool((spread > 0).all()), f"{node}: variance plus epsilon must be above 0, not {spread.min():g}")
    deviation = exact(np.sqrt(spread))
    return data.shifted(-mean).scaled(exact((gamma / deviation).astype(np.float64))).shifted(beta)


# -- shapes -----------------------------------------------------------------------------------------------------------


def _laid_out(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Reshape, Flatten, Transpose, Squeeze, Unsqueeze, of features Gather: ONNX's reference moves the places."""
    data = _data(node, arguments)
    places = np.arange(data.index.size, dtype=np.int64).reshape(data.shape)
    moved = standard(graph, node, [places, *arguments[1:]])  # type: ignore[list-item]
    whole = data.kind == "features" or moved.size == places.size
    check(whole, f"{node}: takes some of what has been computed only: that is taken of features, not of {data.kind}")
    return data.laid_out(data.index.ravel()[moved], moved)


# -- from numbers to bits ---------------------------------------------------------------------------------------------


def _bipolar(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """`scale` where the input is at least 0, else `-scale`."""
    data, scale = _data(node, arguments), _constant(node, arguments[1])
    check(bool((scale != 0).all()), f"{node}: scale must not be 0")
    return _binarised(network, node, data).scaled(scale)


def _sign(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """ONNX's own sign is 0 at 0, which is no bit: taken where no sum can be 0."""
    data = _data(node, arguments)
    scale, offset = data.by_element()
    inputs = network.layers[data.depth - 1].weights.shape[1] if data.depth else 0
    for at, (factor, constant) in enumerate(zip(scale, offset, strict=True)):
        root = -constant / factor if factor else None
        reached = data.kind != "sums" or (
            not constant if root is None else root.denominator == 1 and abs(root) <= inputs and (root + inputs) % 2 == 0
        )
        check(not reached, f"{node}: is 0 where element {at} is 0, which no bit can be: use BipolarQuant")
    return _binarised(network, node, data)


def _multi_threshold(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """With one threshold: `out_scale + out_bias` where the input is at least the threshold, else `out_bias`."""
    data, thresholds = _data(node, arguments), _constant(node, arguments[1])
    check(thresholds.ndim == 2, f"{node}: thresholds must be a matrix, not of shape {thresholds.shape}")
    bits = f"{node}: must have one threshold, a bit, not {thresholds.shape[1]} (multi-bit activations are not taken)"
    check(thresholds.shape[1] == 1, bits)
    last = node.attributes.get("data_layout", "NCHW").endswith("C") and len(data.shape) > 2
    scale, bias = (exact(np.array(node.attributes.get(name, default))) for name, default in _THRESHOLD_DEFAULTS)
    check(bool(scale != 0), f"{node}: out_scale must not be 0")
    limits = _channels(node, data, thresholds[:, 0], last=last)
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
    bits = _inputs(network, node, data, np.array(limits))
    return bits.scaled(exact(np.where(data.scale < 0, -1, 1)))


def _inputs(network: FoundNetwork, node: Node, data: Carried, limits: NDArray[np.float64]) -> Carried:
    """The inputs of the first matrix, in the order in which `data` has them."""
    check(network.limits is None, f"{node}: the input is compared twice")
    network.features, network.limits = data.index.ravel(), limits
    return Carried.plain("bits", data.shape)


def _limit(factor: Fraction, constant: Fraction) -> float:
    """That a feature exceeds where `factor * feature + constant >= 0`, or with a negative factor where it is below 0."""
    if factor == 0:
        return float(np.finfo(np.float64).min if constant >= 0 else np.finfo(np.float64).max)
    root = -constant / factor
    if factor > 0:
        return at_least(root)
    above = at_least(root)  # exceeded by whatever is at least the root; the root itself belongs below
    following = float(np.nextafter(above, np.inf))
    return following if Fraction(following) == root else above


# -- bits times weights -----------------------------------------------------------------------------------------------


def _multiplied(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """MatMul."""
    first, second = arguments
    right = isinstance(first, Carried) and not isinstance(second, Carried)
    check(right, f"{node}: must multiply what depends on the sample by a constant matrix, in this order")
    assert isinstance(first, Carried)
    return _products(graph, network, node, first, _numbers(node, second))


def _gemm(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """`alpha * A B + beta * C`."""
    data = _data(node, arguments)
    check(not isinstance(arguments[1], Carried), f"{node}: its second input must be constant")
    check(not node.attributes.get("transA", 0), f"{node}: transA must be 0")
    weights = _numbers(node, arguments[1])
    weights = weights.T if node.attributes.get("transB", 0) else weights
    result = _products(graph, network, node, data, weights)
    result = result.scaled(exact(np.array(node.attributes.get("alpha", 1.0))))
    if len(arguments) < 3 or arguments[2] is None:
        return result
    return result.shifted(_constant(node, arguments[2]) * Fraction(node.attributes.get("beta", 1.0)))


def _matches(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """XnorPopcountMatMul: bits 0 and 1 on both sides, the number of matches."""
    data = _data(node, arguments)
    weights = _numbers(node, arguments[1])
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
    bits = _inputs(network, node, data, np.full(data.index.size, 0.5 if binary else 0.0))
    if binary:
        bits = bits.scaled(exact(np.array(0.5))).shifted(exact(np.array(0.5)))
    return bits.scaled(data.scale).shifted(data.offset)


# -- from sums to a class ---------------------------------------------------------------------------------------------


def _rising(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Softmax and the like: the largest stays the largest."""
    data = _data(node, arguments)
    if node.operator in ("Softmax", "LogSoftmax"):
        _check_axis(node, data, node.attributes.get("axis", -1 if graph.versions.get("", 13) >= 13 else 1))
    return replace(data, kind="class")


def _largest(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """ArgMax, TopK with k = 1: the class."""
    data = _data(node, arguments)
    if node.operator == "TopK":
        count = node.attributes.get("k") if len(arguments) < 2 else arguments[1]
        one = count is not None and not isinstance(count, Carried) and np.asarray(count).ravel().tolist() == [1]
        check(one and node.attributes.get("largest", 1), f"{node}: must give the largest one")
        _check_axis(node, data, node.attributes.get("axis", -1))
    else:
        check(not node.attributes.get("select_last_index", 0), f"{node}: of equal ones the first must be given")
        _check_axis(node, data, node.attributes.get("axis", 0))
    return replace(data, kind="class")


def _check_axis(node: Node, data: Carried, axis: int) -> None:
    sizes = data.shape
    right = -len(sizes) <= axis < len(sizes) and sizes[axis] == data.index.size
    check(right, f"{node}: axis must be that of the classes, not {axis}")


# -- arguments --------------------------------------------------------------------------------------------------------


def _data(node: Node, arguments: Arguments) -> Carried:
    """The first argument, which depends on the sample."""
    data = arguments[0]
    check(isinstance(data, Carried), f"{node}: only its first input may depend on the sample")
    assert isinstance(data, Carried)
    return data


def _numbers(node: Node, argument: Any) -> NDArray[np.float64]:
    """A constant argument, finite."""
    check(argument is not None and not isinstance(argument, Carried), f"{node}: an input that must be constant is not")
    array = np.asarray(argument)
    check(array.dtype.kind in "iufb", f"{node}: must have numbers, not {array.dtype}")
    check(bool(np.isfinite(array).all()), f"{node}: must have finite numbers, but one is NaN or infinity")
    return array.astype(np.float64)


def _constant(node: Node, argument: Any) -> NDArray[Any]:
    """A constant argument as fractions."""
    return exact(_numbers(node, argument))


def _channels(node: Node, data: Carried, argument: Any, *, last: bool = False) -> NDArray[Any]:
    """A constant for each channel, or one for all, in a shape that fits `data`."""
    values = argument if argument is not None and np.asarray(argument).dtype == object else _constant(node, argument)
    axis = len(data.shape) - 1 if last or len(data.shape) < 2 else 1
    right = values.ndim == 1 and len(values) in (1, data.shape[axis])
    check(right, f"{node}: must have a number for each of {data.shape[axis]} channels, not shape {values.shape}")
    shape = [1] * len(data.shape)
    shape[axis] = len(values)
    return values.reshape(shape)


OPERATORS: Mapping[str, Callable[[Graph, FoundNetwork, Node, Arguments], Carried]] = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div"), _arithmetic),
    "Neg": _negated,
    **dict.fromkeys(("Identity", "Dropout"), _same),
    "Cast": _cast,
    "BatchNormalization": _batch_normalised,
    **dict.fromkeys(("Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Gather"), _laid_out),
    "BipolarQuant": _bipolar,
    "Sign": _sign,
    "MultiThreshold": _multi_threshold,
    "MatMul": _multiplied,
    "Gemm": _gemm,
    "XnorPopcountMatMul": _matches,
    **dict.fromkeys(("Softmax", "LogSoftmax", "Sigmoid"), _rising),
    **dict.fromkeys(("ArgMax", "TopK"), _largest),
}
