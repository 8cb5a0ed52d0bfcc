"""Operators that move numbers without changing them."""

from __future__ import annotations

import numpy as np

from bephw.errors import check
from bephw.exchange.carried import Carried
from bephw.exchange.constants import standard
from bephw.exchange.graph import MOST_FEATURES, Graph, Node
from bephw.exchange.network import FoundNetwork
from bephw.exchange.operators.arguments import Arguments, carried_data

__all__ = ["laid_out"]


def laid_out(graph: Graph, network: FoundNetwork, node: Node, arguments: Arguments) -> Carried:
    """Reshape, Flatten, Transpose, Squeeze, Unsqueeze, of features Gather: ONNX's reference moves the places."""
    data = carried_data(node, arguments)
    places = np.arange(data.index.size, dtype=np.int64).reshape(data.shape)
    moved = standard(graph, node, [places, *arguments[1:]], MOST_FEATURES)  # type: ignore[list-item]
    whole = data.kind == "features" or np.array_equal(np.sort(moved, axis=None), places.ravel())
    check(whole, f"{node}: takes some of what has been computed only: that is taken of features, not of {data.kind}")
    return data.laid_out(data.index.ravel()[moved], moved)
