"""Arguments of operators, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.errors import check
from bephw.exchange.carried import Carried, exact
from bephw.exchange.graph import Node

__all__ = ["ONE_BIT", "Arguments", "by_channel", "carried_data", "check_one_bit", "constant_of", "numbers_of"]

ONE_BIT = ("Quant", "IntQuant")
"""Quantisers of any number of bits, taken with one."""

Arguments = Sequence["Carried | NDArray[Any] | None"]


def carried_data(node: Node, arguments: Arguments) -> Carried:
    """The first argument, which depends on the sample."""
    data = arguments[0]
    check(isinstance(data, Carried), f"{node}: only its first input may depend on the sample")
    assert isinstance(data, Carried)
    return data


def numbers_of(node: Node, argument: Any) -> NDArray[np.float64]:
    """A constant argument, finite."""
    check(argument is not None and not isinstance(argument, Carried), f"{node}: an input that must be constant is not")
    array = np.asarray(argument)
    check(array.dtype.kind in "iufb", f"{node}: must have numbers, not {array.dtype}")
    check(bool(np.isfinite(array).all()), f"{node}: must have finite numbers, but one is NaN or infinity")
    return array.astype(np.float64)


def constant_of(node: Node, argument: Any) -> NDArray[Any]:
    """A constant argument as fractions."""
    return exact(numbers_of(node, argument))


def by_channel(node: Node, data: Carried, argument: Any, *, last: bool = False) -> NDArray[Any]:
    """A constant for each channel, or one for all, in a shape that fits `data`."""
    fractions = isinstance(argument, np.ndarray) and argument.dtype == object
    values: NDArray[Any] = argument if fractions else constant_of(node, argument)
    axis = len(data.shape) - 1 if last or len(data.shape) < 2 else 1
    right = values.ndim == 1 and len(values) in (1, data.shape[axis])
    check(right, f"{node}: must have a number for each of {data.shape[axis]} channels, not shape {values.shape}")
    shape = [1] * len(data.shape)
    shape[axis] = len(values)
    return values.reshape(shape)


def check_one_bit(node: Node, arguments: Arguments) -> NDArray[np.float64]:
    """The zero point of a quantiser of `ONE_BIT`. Raises `BephwError` unless it has one bit, with a sign: in QONNX that
    is -1 and +1."""
    bits = numbers_of(node, arguments[3]).ravel().tolist()
    several = f"{node}: quantises to several bits ({', '.join(f'{count:g}' for count in bits[:3])})"
    check(bits == [1], f"{several}; weights and activations must have one (BipolarQuant)")
    signed = bool(node.attributes.get("signed", 1))
    check(signed, f"{node}: rounds to 0 and 1; a quantiser of one bit must be signed (or BipolarQuant)")
    return numbers_of(node, arguments[2])
