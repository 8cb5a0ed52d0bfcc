"""Operators behind the last layer: the class with the largest sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bephw.errors import check
from bephw.exchange.carried import Carried
from bephw.exchange.graph import Graph, Node
from bephw.exchange.network import FoundNetwork
from bephw.exchange.operators.arguments import Arguments, carried_data

__all__ = ["largest", "rising"]


def rising(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Softmax and the like: the largest stays the largest."""
    data = carried_data(node, arguments)
    if node.operator in ("Softmax", "LogSoftmax"):
        _check_axis(node, data, node.attributes.get("axis", -1 if graph.versions.get("", 13) >= 13 else 1))
    return replace(data, kind="class")


def largest(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """ArgMax, TopK with k = 1: the class."""
    data = carried_data(node, arguments)
    if node.operator == "TopK":
        count = node.attributes.get("k") if len(arguments) < 2 else arguments[1]
        one = count is not None and not isinstance(count, Carried) and np.asarray(count).ravel().tolist() == [1]
        check(one and node.attributes.get("largest", 1), f"{node}: must give the largest one")
        _check_axis(node, data, node.attributes.get("axis", -1))
        values = node.outputs[0] == graph.output
        check(not values, f"{node}: the network must give which is the largest one, not how large it is")
    else:
        check(not node.attributes.get("select_last_index", 0), f"{node}: of equal ones the first must be given")
        _check_axis(node, data, node.attributes.get("axis", 0))
    return replace(data, kind="class")


def _check_axis(node: Node, data: Carried, axis: int) -> None:
    sizes = data.shape
    right = -len(sizes) <= axis < len(sizes) and sizes[axis] == data.index.size
    check(right, f"{node}: axis must be that of the classes, not {axis}")
