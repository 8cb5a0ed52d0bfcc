"""Values of ports, whatever type cocotb has for them."""

from types import SimpleNamespace

import pytest

from bephw.sim.port_value import unsigned

types = pytest.importorskip("cocotb.types")


@pytest.mark.parametrize("value", [0, 1])
def test_one_bit(value):
    assert unsigned(SimpleNamespace(value=types.Logic(value))) == value


@pytest.mark.parametrize("bits", ["0", "1", "10", "1" * 40])
def test_many_bits(bits):
    assert unsigned(SimpleNamespace(value=types.LogicArray(bits))) == int(bits, 2)


@pytest.mark.parametrize("value", [types.Logic("X"), types.LogicArray("1Z")])
def test_what_is_unknown_is_refused(value):
    with pytest.raises(ValueError, match=r"Can't convert|Cannot convert"):
        unsigned(SimpleNamespace(value=value))
