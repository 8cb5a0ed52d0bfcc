"""Plans of boards with inference alone, and what is refused before any tool runs."""

import pytest

from bephw.boards import board, build_inference
from bephw.boards.bitstream.flow import prepare
from bephw.boards.bitstream.inference_top import InferenceTop
from bephw.errors import BephwError
from bephw.rtl_gen.designs import make_design
from tests.logic_networks import random_network


@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-85f", "tang-nano-20k"])
def test_plan(name):
    settings, state = random_network(0, [9, 12, 12], 3)
    settings = settings.replace({"board.name": name})
    target = board(name)
    files = prepare(target, settings, lambda: make_design(settings, state, "unrolled"), InferenceTop)
    constraints = next(files[f"bephw.{kind}"] for kind in ("pcf", "lpf", "cst") if f"bephw.{kind}" in files)
    for pin in (f"uart_{target.uart}__rx__io", f"uart_{target.uart}__tx__io"):
        assert pin in constraints


def test_what_is_refused(tmp_path):
    settings, state = random_network(0, [9, 12, 12], 3)
    with pytest.raises(BephwError, match="inference must be unrolled for a network of gates"):
        build_inference(settings, state, "folded", output=tmp_path / "out")
    with pytest.raises(BephwError, match="style of inference must be unrolled or folded, not 'fast'"):
        build_inference(settings, state, "fast", output=tmp_path / "out")
    with pytest.raises(BephwError, match=r"board\.baud must be"):
        build_inference(settings.replace({"board.baud": 12_000_000}), state, "unrolled", output=tmp_path / "out")
    assert not list(tmp_path.rglob("*.bit"))
