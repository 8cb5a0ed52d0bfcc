"""bephw.boards.ecp5.block_ram_sites: which RAMs belong together, and that these come to lie together."""

import copy
import random

import numpy as np
import pytest

from bephw.boards.ecp5.block_ram_sites import CROWDED, _conductance, assign_block_rams
from bephw.boards.ecp5.dies import DIES
from bephw.errors import BephwError
from tests.boards.ecp5.placing import places_given

NUMBERS = {"12k": 56, "25k": 56, "45k": 108, "85k": 208}  # block RAMs that nextpnr says there are


def ram(**pins):
    return {"type": "DP16KD", "connections": {pin: [net] for pin, net in pins.items()}}


def lut(*nets):
    return {"type": "LUT4", "connections": {pin: [net] for pin, net in zip("ABCDZ", nets, strict=False)}}


def netlist(cells):
    return {"modules": {"black_box": {}, "top": {"cells": cells}}}


def ring(count, seed=0):
    """RAMs, each of which feeds the next one through a LUT, and their names, which say nothing, in the ring's order."""
    names = [f"ram{index}" for index in range(count)]
    random.Random(seed).shuffle(names)
    cells = {}
    for index, name in enumerate(names):
        into, out, between = 3 * index, 3 * ((index + 1) % count), 3 * index + 1
        cells[name] = ram(DIA0=into, DOA0=between, CLKA="0")
        cells[f"lut{index}"] = lut(between, "1", "x", "x", out)
    return netlist(dict(sorted(cells.items()))), names


@pytest.mark.parametrize("option", DIES)
def test_as_many_sites_as_block_rams(option):
    sites = DIES[option].sites
    assert len({name for *_, name in sites}) == len({site[:2] for site in sites}) == len(sites) == NUMBERS[option[-3:]]


def found_by_resistors(cells, rams, conductors):
    """The same by a dense inverse, from pairs of nodes and their conductance."""
    nodes = sorted({node for pair in conductors for node in pair})
    laplacian = np.zeros((len(nodes),) * 2)
    for (a, b), value in conductors.items():
        a, b = nodes.index(a), nodes.index(b)
        laplacian[[a, b], [a, b]] += value
        laplacian[[a, b], [b, a]] -= value
    outer = [nodes.index(name) for name in rams]
    inner = [index for index in range(len(nodes)) if index not in outer]
    rest = laplacian[np.ix_(outer, inner)] @ np.linalg.inv(laplacian[np.ix_(inner, inner)])
    schur = laplacian[np.ix_(outer, outer)] - rest @ laplacian[np.ix_(inner, outer)]
    return -schur + np.diag(np.diag(schur))


def test_conductance():
    """Nets of two, three and five cells, one that goes back to its own cell, and cells that hang on nothing."""
    cells = {
        "a": ram(DOA0=1, DOA1=2),
        "b": ram(DIA0=3, DIA1=4),
        "c": ram(DIA0=5),
        "d": ram(CLKA="0"),
        "p": lut(1, "x", "x", "x", 3),
        "q": lut(2, 5, 5, "x", 4),
        "r": lut(5, 2, "1"),
        "s": lut(5, "x", "x", "x", 6),
        "t": lut(5, "x", "x", "x", 9),
        "lone": lut("0", "1", "x", "x", 12),
        "pair": lut(20, "x", "x", "x", 21),
        "other": lut(21, "x", "x", "x", 20),
    }
    conductors = {
        ("a", "p"): 1, ("p", "b"): 1,  # nets 1, 3
        ("a", "q"): 0.5, ("a", "r"): 0.5, ("q", "r"): 0.5,  # net 2
        ("q", "b"): 1,  # net 4
        **{(cell, "*"): 1.25 for cell in "cqrst"},  # net 5
    }  # fmt: skip
    expected = np.zeros((4, 4))
    expected[:3, :3] = found_by_resistors(cells, "abc", conductors)
    np.testing.assert_allclose(_conductance(cells, list("abcd")), expected, atol=0.02)


def length(cells, names):
    """Distance once around, of RAMs that have sites."""
    places = {name: place for *place, name in DIES["--25k"].sites}
    at = [places[cells[name]["attributes"]["BEL"]] for name in names]
    return sum(abs(x - u) + abs(y - v) for (x, y), (u, v) in zip(at, at[1:] + at[:1], strict=True))


@pytest.mark.parametrize("count", [45, 56])
def test_neighbours_lie_together(count):
    made, names = ring(count)
    before = copy.deepcopy(made)
    again = copy.deepcopy(made)
    assert assign_block_rams(made, DIES["--25k"]) == count
    cells = made["modules"]["top"]["cells"]
    assert len({cells[name]["attributes"]["BEL"] for name in names}) == count
    shuffled = random.Random(1).sample(names, count)
    # Once around all of them and back is 150 tiles at least; in any order it is ten times that.
    assert length(cells, names) < length(cells, shuffled) / 3
    assign_block_rams(again, DIES["--25k"])
    assert again == made, "nothing but the netlist decides"
    for name in names:
        del cells[name]["attributes"]["BEL"]
        del cells[name]["attributes"]
    assert made == before


def test_more_than_there_are_sites_are_refused():
    """nextpnr's static placer would not, and come to no end."""
    made, _ = ring(57)
    with pytest.raises(BephwError, match="place and route: the design has 57 block RAMs, and the chip 56"):
        assign_block_rams(made, DIES["--25k"])


@pytest.mark.parametrize("count", [0, 1, 30])
def test_where_there_is_room_nextpnr_decides(count):
    assert count < CROWDED * 56
    made, _ = ring(count)
    before = copy.deepcopy(made)
    assert assign_block_rams(made, DIES["--25k"]) == 0
    assert made == before


@pytest.mark.parametrize(
    "option", [pytest.param(option, marks=() if option == "--25k" else pytest.mark.slow) for option in DIES]
)
def test_nextpnr_knows_the_sites(option, tmp_path):
    """All of them, as it places a RAM on each."""
    cells = {
        f"ram{index}": {
            "hide_name": 0, "type": "DP16KD", "parameters": {"DATA_WIDTH_A": "18", "DATA_WIDTH_B": "18"},
            "attributes": {"keep": "1", "BEL": name}, "port_directions": {"CLKA": "input", "DOA0": "output"},
            "connections": {"CLKA": [2], "DOA0": [3 + index]},
        }
        for index, (*_, name) in enumerate(DIES[option].sites)
    }  # fmt: skip
    wanted = {name: cell["attributes"]["BEL"] for name, cell in cells.items()}
    assert places_given(cells, option, tmp_path) == wanted
