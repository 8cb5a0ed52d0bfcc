"""bephw.virtual.verilog: every family's own cells have a model, and the pins have the names that all boards share."""

import re

import pytest

from bephw.boards import board
from bephw.settings import Settings
from bephw.virtual.verilog import CELLS, board_verilog
from tests.boards.conftest import StandIn

MODELS = set(re.findall(r"^module (\w+)", CELLS.read_text(), re.MULTILINE))
NAMES = ("icebreaker", "ice40-hx8k-b-evn", "tinyfpga-bx", "versa-ecp5", "tang-nano-9k", "ccgm1a1-evb")


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_has_a_model(name):
    settings = Settings.build(
        network={"sizes": [8, 6], "classes": 100},
        board={"name": name, "clock_mhz": {"tang-nano-9k": 54.0}.get(name, 24.0), "baud": 115_200},
    )
    text = board_verilog(board(name), settings, lambda: StandIn(settings))
    design = text[: text.index("module SB_IO")]
    modules = {module.strip("\\ ") for module in re.findall(r"^module (\\\S+ |\w+)", design, re.MULTILINE)}
    instances = re.findall(r"^  (?:\(\*.*\*\)\s*)?(\\\S+ |[A-Z]\w+) (?:#\(|\\?\S+ ?\()", design, re.MULTILINE)
    cells = {instance.strip("\\ ") for instance in instances} - modules
    assert cells and cells <= MODELS
    for port in ("crystal_pin", "receive_pin", "transmit_pin"):
        assert re.search(rf"^  (?:input|output|inout) {port};", design, re.MULTILINE)
