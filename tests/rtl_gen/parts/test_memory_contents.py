"""Contents written word by word: the same netlist."""

import pytest
from amaranth.back import rtlil
from amaranth.hdl import *
from amaranth.lib.memory import Memory

from bephw.rtl_gen.parts.memory_contents import memory_contents_by_word
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings


def memory(shape, depth, init):
    """Its netlist."""
    m = Module()
    m.submodules.memory = memory = Memory(shape=shape, depth=depth, init=init)
    read, out = memory.read_port(), Signal(shape)
    address = Signal.like(read.addr)
    m.d.comb += [read.addr.eq(address), out.eq(read.data)]
    return rtlil.convert(m, ports=[address, out], name="top", emit_src=False)


@pytest.mark.parametrize(
    ("shape", "depth", "init"),
    [
        (8, 4, [1, 2, 255]),
        (1, 2, [1]),
        (3, 5, []),
        (signed(4), 3, [-1, -8, 7]),
        (70, 2, [1 << 69, 5]),
        (8, 1, [3]),
    ],
)
def test_the_same_text(shape, depth, init):
    expected = memory(shape, depth, init)
    with memory_contents_by_word():
        assert memory(shape, depth, init) == expected
    assert "$meminit_v2" in expected


def test_the_same_text_of_a_trainer():
    settings = Settings.build(network={"sizes": [7, 6, 4], "classes": 3}, learning={"gamma": 2}).with_folding(2, 3)
    expected = rtlil.convert(Trainer(settings), name="top", emit_src=False)
    with memory_contents_by_word():
        assert rtlil.convert(Trainer(settings), name="top", emit_src=False) == expected


def test_amaranths_own_way_is_back_after_an_error():
    original = rtlil.ModuleEmitter.emit_memory
    with pytest.raises(ZeroDivisionError), memory_contents_by_word():
        assert rtlil.ModuleEmitter.emit_memory is not original
        raise ZeroDivisionError
    assert rtlil.ModuleEmitter.emit_memory is original
