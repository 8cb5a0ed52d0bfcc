"""Widths of AXI4-Stream."""

import pytest

from bephw.rtl_gen.buses.axi4_stream import Axi4StreamSignature, whole_bytes


@pytest.mark.parametrize(("bits", "rounded"), [(1, 8), (8, 8), (9, 16), (64, 64), (785, 792)])
def test_widths_are_whole_bytes(bits, rounded):
    assert whole_bytes(bits) == rounded
    members = Axi4StreamSignature(bits, bits).members
    assert members["tdata"].shape == members["tuser"].shape == rounded


def test_what_has_no_bits_is_not_there():
    assert list(Axi4StreamSignature(5).members) == ["tdata", "tlast", "tvalid", "tready"]
