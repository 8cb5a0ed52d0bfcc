"""Sites for an ECP5's block RAMs where a design takes most of them.

They lie in a few rows across the chip. nextpnr's static placer spreads them with the logic, and then moves each to
whichever site is left: with nine in ten taken, next to nothing of the order is left either. So they are given their
sites before: near to those with which they share logic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CROWDED", "DIES", "Die", "assign_block_rams"]

Cell = dict[str, Any]
RAM = "DP16KD"
CROWDED = 0.75  # share of the block RAMs from which on they get sites: below, nextpnr finds as good ones
WIDEST = 400  # pins of nets that say anything about places; wider ones go everywhere
CLIQUE = 4  # pins of nets whose pins are all joined with each other; wider ones are joined with a point of their own
BEGINNINGS = (("barycenter", 0), ("randomized", 1), ("randomized", 2))  # of an assignment, and seeds
LIMITS = {"maxiter": 30, "tol": 1e-4}


@dataclass(frozen=True)
class Die:
    """Where a die has its block RAMs: in every row of `rows`, four after each of `columns`, two tiles apart."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]

    @property
    def sites(self) -> list[tuple[int, int, str]]:
        """x, y and nextpnr's name of each."""
        places = [(x + 2 * place, place) for x in self.columns for place in range(4)]
        return [(x, y, f"X{x}/Y{y}/EBR{place}") for y in self.rows for x, place in places]


# By nextpnr's option. Found by asking it to place as many as there are.
DIES: Mapping[str, Die] = {
    "--25k": Die((*range(4, 23, 9), *range(33, 61, 9)), (25, 37)),
    "--45k": Die((*range(4, 32, 9), *range(42, 79, 9)), (10, 34, 58)),
    "--85k": Die((*range(4, 59, 9), *range(69, 115, 9)), (22, 46, 70, 82)),
}


def assign_block_rams(netlist: dict[str, Any], die: Die) -> int:
    """Give every block RAM of a netlist as Yosys writes it (JSON) a site, if `CROWDED` of the sites or more are taken.

    How strongly two RAMs belong together is the conductance between them when every net is a resistor and all other
    cells float. Sites are then assigned so that the sum of conductance times distance is small (`scipy`'s fast
    approximate solution of the quadratic assignment problem). Depends on nothing but the netlist; takes some two
    minutes for 70,000 cells and 200 RAMs. Changes the netlist in place and returns the number of RAMs with a site.
    """
    modules = [module for module in netlist["modules"].values() if _rams(module)]
    sites = die.sites
    if len(modules) != 1 or not CROWDED * len(sites) <= len(_rams(modules[0])) <= len(sites):
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
    return np.maximum(found + found.T, 0) / 2


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
    """The place of each RAM."""
    from scipy.optimize import quadratic_assignment

    spare = len(places) - len(conductance)
    padded = np.pad(conductance, (0, spare))
    distance = np.abs(places[:, None] - places).sum(axis=2).astype(float)
    # From different beginnings: the middle of all assignments says nothing where all RAMs look alike.
    found = [
        quadratic_assignment(padded, distance, options={"P0": begin, "rng": np.random.default_rng(seed), **LIMITS})
        for begin, seed in BEGINNINGS
    ]
    return min(found, key=lambda result: result.fun).col_ind[: len(conductance)]
