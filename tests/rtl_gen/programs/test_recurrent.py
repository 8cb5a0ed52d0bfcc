"""Which parts a recurrent network has, and how they fit one another (what they do: tests/sim/test_rtl_random.py)."""

import pytest
from amaranth.hdl import Fragment, Module

from bephw.rtl_gen.layer import Layer
from bephw.rtl_gen.programs.recurrent import Recurrent
from bephw.rtl_gen.recurrent.cell import Cell
from bephw.settings import Settings


@pytest.mark.parametrize("sizes", [[9, 6, 4], [5, 4, 3, 2]])
def test_parts(sizes):
    settings = Settings.build(
        network={"sizes": sizes, "classes": 3}, learning={"algorithm": "bep-tt"}, data={"steps": 3}
    )
    program, m = Recurrent(settings, None), Module()
    m.submodules += [*program.layers, *program.classifiers]
    Fragment.get(m, None)
    assert [type(layer) for layer in program.layers] == [Cell, *[Layer] * (len(sizes) - 2)]
    assert len(program.classifiers) == 1
    # Every layer sends lessons to the one below it, and the cell to itself.
    assert [hasattr(layer, "below") for layer in program.layers] == [False, *[True] * (len(sizes) - 2)]
