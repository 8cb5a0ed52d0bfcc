"""bephw.boards.ecp5.row_spreading: where rows move, and that what nextpnr then routes is the same design."""

import copy
import re

import numpy as np
import pytest
from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from hypothesis import given
from hypothesis import strategies as st

from bephw.boards.bitstream.out_of_context import out_of_context
from bephw.boards.ecp5 import row_spreading
from bephw.boards.ecp5.dies import DIES
from bephw.boards.ecp5.row_spreading import CROWDED, ROOMY, spread_rows

DIE = DIES["--25k"]
LOGIC_TILES = {"25k": 24_288 // 8, "45k": 43_848 // 8, "85k": 83_640 // 8}  # eight LUT4 each


def design(cells):
    """Cells of (place, nets)."""
    named = {
        f"cell{index}": {
            "type": "TRELLIS_COMB",
            "attributes": {"NEXTPNR_BEL": place},
            "connections": {"CLK": [1], **{f"P{pin}": [net] for pin, net in enumerate(nets)}},
        }
        for index, (place, nets) in enumerate(cells)
    }
    return {"modules": {"top": {"cells": named}}}


def places(made):
    return [cell["attributes"]["NEXTPNR_BEL"] for cell in made["modules"]["top"]["cells"].values()]


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


@st.composite
def placed(draw):
    rows = sorted(draw(st.sets(st.sampled_from(DIE.logic_rows), min_size=1)))
    return rows, draw(st.lists(st.integers(0, 8), min_size=len(rows), max_size=len(rows)))


@given(placed())
def test_rows_keep_order_columns_and_cells(drawn):
    """And lie in rows of logic."""
    rows, wires = drawn
    wires[0] = max(wires[0], 1)
    made = crossing(rows, wires)
    made["modules"]["top"]["cells"]["pin"] = {"attributes": {"NEXTPNR_BEL": "X0/Y0/PIOA"}, "connections": {"O": [2]}}
    before = copy.deepcopy(made)
    moved = spread_rows(made, DIE)
    pairs = list(zip(places(before), places(made), strict=True))
    to = {}
    for old, new in pairs[:-1]:
        x, y, cell = re.fullmatch(r"X(\d+)/Y(\d+)/(.*)", old).groups()
        after = re.fullmatch(rf"X{x}/Y(\d+)/{re.escape(cell)}", new)
        assert after and to.setdefault(int(y), int(after[1])) == int(after[1])
    assert sorted(to.values()) == [to[row] for row in sorted(to)]
    assert len(set(places(made))) == len(places(made))
    assert set(to.values()) <= set(DIE.logic_rows)
    assert pairs[-1] == ("X0/Y0/PIOA", "X0/Y0/PIOA")
    assert moved == sum(old != new for old, new in to.items())
    for cells in (before, made):
        for cell in cells["modules"]["top"]["cells"].values():
            cell["attributes"].clear()
    assert before == made


def test_a_row_gets_as_much_room_as_its_wires_want():
    """Sixty tiles long, two of them in use: a wire is worth 30."""
    rows = [20, 21, 22, 23]
    made = crossing(rows, [1, 1, 4, 1])
    assert CROWDED < 60 * 7 / 8
    assert spread_rows(made, DIE)
    first, second, third, fourth = sorted({int(re.search(r"Y(\d+)", place)[1]) for place in places(made)})
    order = {row: index for index, row in enumerate(DIE.logic_rows)}
    near, far = order[second] - order[first], order[third] - order[second]
    assert near == pytest.approx(30 / ROOMY, abs=1)
    assert far == order[fourth] - order[third] == pytest.approx((30 + 120) / 2 / ROOMY, abs=1)


def test_no_more_room_than_there_is():
    rows = DIE.logic_rows[: 2 * len(DIE.logic_rows) // 3]
    made = crossing(rows, [8] * len(rows))
    spread_rows(made, DIE)
    used = {int(re.search(r"Y(\d+)", place)[1]) for place in places(made)}
    assert len(used) == len(rows)
    assert DIE.logic_rows.index(min(used)) <= 1 and DIE.logic_rows.index(max(used)) >= len(DIE.logic_rows) - 2


def test_rows_with_few_cells_take_no_room():
    """Ten rows, each with cells in a column that no other has, become one."""
    rows = DIE.logic_rows[:20]
    made, sparse = (
        crossing(rows, [8] * 20, columns=(2, 40)),
        crossing(DIE.logic_rows[20:30], [1] * 10, columns=(50, 52)),
    )
    others = {f"other{name}": cell for name, cell in sparse["modules"]["top"]["cells"].items()}
    for index, cell in enumerate(others.values()):
        cell["attributes"]["NEXTPNR_BEL"] = f"X{50 + index}/{cell['attributes']['NEXTPNR_BEL'].partition('/')[2]}"
    made["modules"]["top"]["cells"] |= others
    assert spread_rows(made, DIE)
    found = [int(re.search(r"Y(\d+)", place)[1]) for place in places(made)]
    many, few = set(found[: -len(others)]), set(found[-len(others) :])
    assert len(many) == 20 and len(few) == 1
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
    assert any(re.fullmatch(r"LFE5U-85F-6BG381: rows spread: [1-9]\d*", line) for line in said)
    assert found.fmax_mhz >= 50 and found.path and found.luts >= 150
