"""Which parts a perceptron has, and how they fit one another (what they do: tests/rtl_gen/test_trainer.py)."""

import pytest
from amaranth.hdl import Fragment, Module

from bephw.rtl_gen.programs.perceptron import Perceptron
from bephw.settings import Settings


@pytest.mark.parametrize(("algorithm", "sizes"), [("bep", [9, 6, 4]), ("cp+r", [9, 6])])
def test_parts(algorithm, sizes):
    settings = Settings.build(network={"sizes": sizes, "classes": 3}, learning={"algorithm": algorithm})
    program, m = Perceptron(settings, None), Module()
    m.submodules += [*program.layers, *program.classifiers]
    Fragment.get(m, None)
    assert len(program.layers) == len(sizes) - 1
    assert len(program.classifiers) == 1
    assert [hasattr(layer, "below") for layer in program.layers] == [index > 0 for index in range(len(sizes) - 1)]
