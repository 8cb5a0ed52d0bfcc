"""Which parts the local rule has, and how they fit one another (what they do: tests/sim/)."""

import pytest
from amaranth.hdl import Fragment, Module

from bephw.rtl_gen.programs.local import Local
from bephw.settings import Settings


@pytest.mark.parametrize("sizes", [[9, 6], [9, 6, 4], [9, 6, 4, 8]])
def test_parts(sizes):
    settings = Settings.build(network={"sizes": sizes, "classes": 3}, learning={"algorithm": "lbes"})
    program, m = Local(settings, None), Module()
    m.submodules += [*program.layers, *program.classifiers]
    Fragment.get(m, None)
    assert len(program.layers) == len(program.classifiers) == len(sizes) - 1
    assert not any(hasattr(layer, "below") for layer in program.layers)
    for layer, classifier in zip(program.layers, program.classifiers, strict=True):
        assert layer.lessons[0].payload.shape() == classifier.lessons.payload.shape()
        assert layer.outputs[0].payload.shape() == classifier.chunks[0].payload.shape()
