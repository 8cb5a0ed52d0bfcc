"""bephw.boards.ecp5.row_spreading: where logic moves, and that nextpnr can route what has moved."""

import copy
import itertools
import re
from unittest.mock import DEFAULT, patch

import numpy as np
import pytest
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from hypothesis import given
from hypothesis import strategies as st

from bephw.boards.bitstream.out_of_context import out_of_context
from bephw.boards.bitstream.place_and_route import AIMS
from bephw.boards.ecp5 import row_spreading
from bephw.boards.ecp5.dies import DIES
from bephw.boards.ecp5.row_spreading import CROWDED, ROOMY, spread_rows
from tests.boards.ecp5.placing import places_given

DIE = DIES["--25k"]
LOGIC_TILES = {"25k": 24_288 // 8, "45k": 43_848 // 8, "85k": 83_640 // 8}  # eight LUT4 each


def design(cells):
    """Cells of (place, nets of inputs, nets of a carry in and out); the first input is an output."""
    named = {}
    for index, (place, nets, *carries) in enumerate(cells):
        pins = {"CLK": 1, **{f"P{pin}": net for pin, net in enumerate(nets)}}
        for carry in carries:
            pins |= dict(zip(("FCI", "FCO"), carry, strict=True))
        named[f"cell{index}"] = {
            "attributes": {"NEXTPNR_BEL": place},
            "port_directions": {pin: "output" if pin in ("P0", "FCO") else "input" for pin in pins},
            "connections": {pin: [net] for pin, net in pins.items()},
        }
    return {"modules": {"top": {"cells": named}}}


def places(made):
    return [cell["attributes"]["NEXTPNR_BEL"] for cell in made["modules"]["top"]["cells"].values()]


def rows_of(made):
    return [int(re.search(r"Y(\d+)/", place)[1]) for place in places(made)]


def crossing(rows, wires, columns=(2, 62)):
    """As many wires from end to end of each row."""
    net, cells = 2, []
    for row, count in zip(rows, wires, strict=True):
        for index in range(count):
            place = f"SLICE{'ABCD'[index // 2 % 4]}.K{index % 2}"
            cells += [(f"X{x}/Y{row}/{place}", (net,)) for x in columns]
            net += 1
    return design(cells)


@pytest.mark.parametrize("option", DIES)
def test_logic_rows_have_all_tiles(option):
    """Each has as many; 12F and 25F have the same die."""
    tiles = LOGIC_TILES[option[-3:].replace("12k", "25k")]
    assert tiles % len(DIES[option].logic_rows) == 0


@pytest.mark.parametrize(
    "option", ["--25k", *(pytest.param(die, marks=pytest.mark.slow) for die in ("--45k", "--85k"))]
)
def test_nextpnr_knows_the_rows(option, tmp_path):
    """It places a table in each."""
    wanted = {f"table{row}": f"X5/Y{row}/SLICEA.K0" for row in DIES[option].logic_rows}
    cells = {
        name: {
            "hide_name": 0, "type": "LUT4", "parameters": {"INIT": "0110100110010110"},
            "attributes": {"keep": "1", "BEL": place},
            "port_directions": {**dict.fromkeys("ABCD", "input"), "Z": "output"},
            "connections": {**{pin: [2] for pin in "ABCD"}, "Z": [3 + index]},
        }
        for index, (name, place) in enumerate(wanted.items())
    }  # fmt: skip
    assert places_given(cells, option, tmp_path) == wanted


@st.composite
def placed(draw):
    rows = sorted(draw(st.sets(st.sampled_from(DIE.logic_rows), min_size=1)))
    return rows, draw(st.lists(st.integers(0, 8), min_size=len(rows), max_size=len(rows)))


@given(placed())
def test_tiles_stay_whole_and_in_their_columns(drawn):
    """And come to lie in rows of logic, one at a place."""
    rows, wires = drawn
    wires[0] = max(wires[0], 1)
    made = crossing(rows, wires)
    pin = {"attributes": {"NEXTPNR_BEL": "X0/Y0/PIOA"}, "port_directions": {"O": "output"}, "connections": {"O": [2]}}
    made["modules"]["top"]["cells"]["pin"] = pin
    before = copy.deepcopy(made)
    moved = spread_rows(made, DIE)
    pairs = list(zip(places(before), places(made), strict=True))
    assert pairs.pop() == ("X0/Y0/PIOA", "X0/Y0/PIOA")
    to = {}
    for old, new in pairs:
        x, y, cell = re.fullmatch(r"X(\d+)/Y(\d+)/(.*)", old).groups()
        after = re.fullmatch(rf"X{x}/Y(\d+)/{re.escape(cell)}", new)
        assert after and to.setdefault((int(x), int(y)), int(after[1])) == int(after[1])
    assert set(to.values()) <= set(DIE.logic_rows)
    assert len(set(places(made))) == len(places(made))
    assert moved == sum(y != row for (_, y), row in to.items())
    for cells in (before, made):
        for cell in cells["modules"]["top"]["cells"].values():
            cell["attributes"].clear()
    assert before == made


@given(placed())
def test_rows_keep_their_order(drawn):
    """All tiles in use are in the same columns here, and so none has to make way for another."""
    rows, wires = drawn
    made = crossing(rows, [wire + 1 for wire in wires])
    spread_rows(made, DIE)
    assert rows_of(made) == sorted(rows_of(made))
    assert len(set(rows_of(made))) == len(rows)


@given(st.integers(0, 2**32))
def test_carry_chains_stay_together(seed):
    """Of two tiles in a row, among others that are full of wires."""
    random = np.random.default_rng(seed)
    cells, chained, net = [], [], 1000
    for row in random.choice(DIE.logic_rows, 30, replace=False):
        for x in (3, 10, 30):
            begins = len(cells)
            cells += [(f"X{x}/Y{row}/SLICEA.K0", (net, net + 2), (net + 4, net + 5))]
            cells += [(f"X{x + 1}/Y{row}/SLICEA.K0", (net + 1, net + 3), (net + 5, net + 6))]
            chained.append(begins)
            net += 10
        cells += [(f"X{x}/Y{row}/SLICEB.K0", (2, int(random.integers(3, 60)), net)) for x in (2, 50, 60)]
    made = design(cells)
    with patch.object(row_spreading, "CROWDED", 1), patch.object(row_spreading, "ROOMY", 1):
        assert spread_rows(made, DIE)
    rows = rows_of(made)
    assert all(rows[first] == rows[first + 1] for first in chained)
    assert len(set(places(made))) == len(places(made))


def test_where_tied_tiles_find_no_room_rows_move_as_wholes():
    """Sparse ones, too, which were the second time around."""
    made = crossing(DIE.logic_rows[:30], [8] * 10 + [6] * 20, columns=(2, 4, 62))
    for cell in list(made["modules"]["top"]["cells"].values())[3 * 8 * 10 :: 3]:
        cell["attributes"]["NEXTPNR_BEL"] = cell["attributes"]["NEXTPNR_BEL"].replace("X2/", "X3/")
    before, place = copy.deepcopy(made), row_spreading._placed
    with patch.object(row_spreading, "_placed", side_effect=[{}, DEFAULT], wraps=place):
        assert spread_rows(made, DIE)
    whole = {}
    for old, new in zip(rows_of(before), rows_of(made), strict=True):
        assert whole.setdefault(old, new) == new
    assert len(set(whole.values())) == 30


def test_full_rows_move_as_wholes():
    """Those with a quarter of the tiles may be torn apart."""
    full, sparse = DIE.logic_rows[:12], DIE.logic_rows[12:30]
    cells, random = [], np.random.default_rng(1)
    for rows, count in ((full, 36), (sparse, 10)):
        for row in rows:
            for x in random.choice(np.arange(2, 42), count, replace=False):
                cells.append((f"X{x}/Y{row}/SLICEA.K0", random.integers(2, 600, 3).tolist()))
    made = design(cells)
    before = copy.deepcopy(made)
    assert spread_rows(made, DIE)
    whole = {row: set() for row in (*full, *sparse)}
    for old, new in zip(rows_of(before), rows_of(made), strict=True):
        whole[old].add(new)
    assert all(len(whole[row]) == 1 for row in full)
    assert len(set.union(*(whole[row] for row in full))) == len(full)
    assert any(len(whole[row]) > 1 for row in sparse)


def test_rows_get_as_much_room_as_wires_want():
    """Sixty tiles long, two of them in use: a wire is worth 30 tiles, and seven of them are shared by four rows."""
    made = crossing([20, 21, 22, 23], [1, 1, 4, 1])
    assert CROWDED < 60 * 7 / 8
    assert spread_rows(made, DIE)
    order = {row: index for index, row in enumerate(DIE.logic_rows)}
    found = [order[row] for row in sorted(set(rows_of(made)))]
    for above, below in itertools.pairwise(found):
        assert below - above == pytest.approx(60 * 7 / 8 / ROOMY, abs=1)


def test_no_more_room_than_there_is():
    rows = DIE.logic_rows[: 2 * len(DIE.logic_rows) // 3]
    made = crossing(rows, [8] * len(rows))
    spread_rows(made, DIE)
    used = set(rows_of(made))
    assert len(used) == len(rows)
    assert DIE.logic_rows.index(min(used)) <= 1 and DIE.logic_rows.index(max(used)) >= len(DIE.logic_rows) - 2


def test_rows_with_few_cells_become_fewer():
    """Twenty with a tile each, in a column of its own, so that others have more room."""
    made, sparse = (
        crossing(DIE.logic_rows[:20], [8] * 20, columns=(*range(2, 20), 62)),
        crossing(DIE.logic_rows[20:40], [1] * 20, columns=(20,)),
    )
    others = {f"other{name}": cell for name, cell in sparse["modules"]["top"]["cells"].items()}
    for index, cell in enumerate(others.values()):
        cell["attributes"]["NEXTPNR_BEL"] = f"X{20 + index}/{cell['attributes']['NEXTPNR_BEL'].partition('/')[2]}"
        cell["connections"] = {}
    made["modules"]["top"]["cells"] |= others
    assert spread_rows(made, DIE)
    rows = rows_of(made)
    many, few = set(rows[: -len(others)]), set(rows[-len(others) :])
    assert len(many) == 20 and len(few) <= 5
    assert len(set(places(made))) == len(places(made))


def test_clocks_and_short_wires_are_no_crowd():
    """Clocks have wires of their own."""
    made = crossing([20, 21], [8, 8], columns=(2, 2 + CROWDED // 4))
    before = copy.deepcopy(made)
    assert spread_rows(made, DIE) == 0
    assert made == before


class Mixer(wiring.Component):
    """Bits in another order, and each together with three others, a few times over: wires all over the place."""

    def __init__(self, bits, layers):
        self._bits, self._layers = bits, layers
        super().__init__({"i": In(bits), "o": Out(bits)})

    def elaborate(self, platform):
        m = Module()
        now, random = self.i, np.random.default_rng(1)
        for layer in range(self._layers):
            after = Signal(self._bits, name=f"after_{layer}")
            for bit in range(self._bits):
                a, b, c, d = (now[int(other)] for other in random.integers(0, self._bits, 4))
                m.d.sync += after[bit].eq((a & b) ^ (c | d))
            now = after
        m.d.comb += self.o.eq(now)
        return m


def test_what_is_spread_is_routed(monkeypatch):
    """By nextpnr, with the rows of a design moved that would be routed without."""
    monkeypatch.setattr(row_spreading, "CROWDED", 0)
    monkeypatch.setattr(row_spreading, "ROOMY", 3)
    said = []
    found = out_of_context(Mixer(64, 3), clock_mhz=50, on_line=said.append)
    assert f"(PASS at {50 * AIMS[0]:.2f} MHz)" in [line for line in said if "Max frequency" in line][-1]
    assert any(re.fullmatch(r"LFE5U-85F-6BG381: tiles moved apart: [1-9]\d*", line) for line in said)
    assert found.fmax_mhz >= 50 and found.path and found.luts >= 150
