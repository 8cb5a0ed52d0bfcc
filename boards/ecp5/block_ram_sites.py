"""Sites for an ECP5's block RAMs where a design takes most of them.

They lie in a few rows across the chip. nextpnr's static placer spreads them with the logic, and then moves each to
whichever site is left: with nine in ten taken, next to nothing of the order is left either. So they are given their
sites before: near to those with which they share logic.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from bephw.boards.ecp5.dies import Die
from bephw.errors import check

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CROWDED", "assign_block_rams"]

Cell = dict[str, Any]
RAM = "DP16KD"
CROWDED = 0.75  # share of the block RAMs from which on they get sites; tried where nine in ten are taken
WIDEST = 400  # pins of nets that say anything about places; wider ones go everywhere
CLIQUE = 4  # pins of nets whose pins are all joined with each other; wider ones are joined with a point of their own
SEEDS, SWAPS_A_PLACE = range(3), 20_000  # of an assignment; some three seconds each


def assign_block_rams(netlist: dict[str, Any], die: Die) -> int:
    """Give every block RAM of a netlist as Yosys writes it (JSON) a site, if `CROWDED` of the sites or more are taken.

    How strongly two RAMs belong together is the conductance between them when every net is a resistor and all other
    cells float. Sites are then assigned so that the sum of conductance times distance is small. A netlist always gets
    the same sites. Takes some two minutes for 70,000 cells and 200 RAMs. Changes the netlist in place and returns the
    number of RAMs with a site.

    Raises `BephwError` where there are more RAMs than sites: nextpnr's static placer would look for a place for hours.
    """
    modules = [module for module in netlist["modules"].values() if _rams(module)]
    sites, taken = die.sites, sum(len(_rams(module)) for module in modules)
    check(taken <= len(sites), f"place and route: the design has {taken} block RAMs, and the chip {len(sites)}")
    if len(modules) != 1 or taken < CROWDED * len(sites):
        return 0
    cells, rams = modules[0]["cells"], _rams(modules[0])
    assigned = _assign(_conductance(cells, rams), np.array([site[:2] for site in sites]))
    for name, site in zip(rams, assigned, strict=True):
        cells[name].setdefault("attributes", {})["BEL"] = sites[site][2]
    return len(rams)


def _rams(module: Cell) -> list[str]:
    return [name for name, cell in module.get("cells", {}).items() if cell["type"] == RAM]


def _conductance(cells: dict[str, Cell], rams: list[str]) -> np.ndarray:
    """Between every two RAMs: the Schur complement of all other nodes."""
    from scipy.sparse.linalg import LinearOperator, cg

    joined = _joined(cells)
    order = {name: index for index, name in enumerate(cells)}
    inner = np.ones(joined.shape[0], dtype=bool)
    inner[[order[name] for name in rams]] = False
    total = joined.sum(axis=1)
    inner &= total > 0
    outer = np.array([order[name] for name in rams])
    among, towards, degree = joined[inner][:, inner], joined[inner][:, outer].toarray(), total[inner]
    # Nodes from which no way leads to a RAM float: a little towards the ground makes their potential known.
    degree = degree * (1 + 1e-6)
    size = (len(degree),) * 2
    matrix = LinearOperator(size, matvec=lambda v: degree * v - among @ v, dtype=float)
    jacobi = LinearOperator(size, matvec=lambda v: v / degree, dtype=float)
    found = joined[outer][:, outer].toarray()
    for index in range(len(rams)):
        potential, _ = cg(matrix, towards[:, index], rtol=1e-2, maxiter=100, M=jacobi)
        found[:, index] += towards.T @ potential
    np.fill_diagonal(found, 0)
    # Rounded, so that how a processor adds up does not decide about a swap.
    return np.maximum(np.round((found + found.T) / 2, 6), 0)


def _joined(cells: dict[str, Cell]) -> csr_array:
    """Weights between cells, and points for wide nets, that share nets; a net counts as much as any other."""
    from scipy.sparse import coo_array

    nets = defaultdict(set)
    for index, cell in enumerate(cells.values()):
        for bits in cell["connections"].values():
            for bit in bits:
                if isinstance(bit, int):
                    nets[bit].add(index)
    begins, ends, weights, points = list[int](), list[int](), list[float](), len(cells)
    for pins in map(sorted, nets.values()):
        if not 2 <= len(pins) <= WIDEST:
            continue
        if len(pins) <= CLIQUE:
            pairs = [(a, b) for place, a in enumerate(pins) for b in pins[:place]]
            weight = 1 / (len(pins) - 1)
        else:
            pairs = [(pin, points) for pin in pins]
            weight = len(pins) / (len(pins) - 1)
            points += 1
        begins += [a for a, _ in pairs]
        ends += [b for _, b in pairs]
        weights += [weight] * len(pairs)
    half = coo_array((weights, (begins, ends)), shape=(points, points)).tocsr()
    return half + half.T


def _assign(conductance: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The place of each RAM, by simulated annealing from several beginnings: two places swap what they have.

    With 207 RAMs of 784-255-255-10 the sum is an eighth below the best of eight answers of `scipy`'s quadratic
    assignment.
    """
    from numba import njit

    weights = np.pad(conductance, (0, len(places) - len(conductance)))
    distance = np.abs(places[:, None] - places).sum(axis=2).astype(float)
    usual = weights.sum() / len(places) * distance.mean() or 1.0  # what the nets of a RAM cost, anywhere
    annealed = njit(_anneal)
    swaps = SWAPS_A_PLACE * len(places)
    found = [annealed(weights, distance, swaps, usual / 7, usual / 1750, seed) for seed in SEEDS]
    return min(found, key=lambda at: (weights * distance[np.ix_(at, at)]).sum())[: len(conductance)]


def _anneal(
    weights: np.ndarray, distance: np.ndarray, swaps: int, hottest: float, coldest: float, seed: int
) -> np.ndarray:
    np.random.seed(seed)  # numba's own generator, of this thread
    at = np.random.permutation(len(weights))
    for swap in range(swaps):
        temperature = hottest * (coldest / hottest) ** (swap / swaps)
        a, b = np.random.randint(len(at)), np.random.randint(len(at))
        change = 0.0
        for other in range(len(at)):
            if other != a and other != b:
                nearer = distance[at[b], at[other]] - distance[at[a], at[other]]
                change += (weights[a, other] - weights[b, other]) * nearer
        if change <= 0 or np.random.random() < np.exp(-change / temperature):
            at[a], at[b] = at[b], at[a]
    return at
