"""bephw.host.board: a trainer as Python sees it, over a good line to the board in plain Python."""

import re

import numpy as np
import pytest

from bephw.boards.link.identity import describe, identity_block
from bephw.boards.link.sizes import LEAST_SIZES
from bephw.errors import BephwError
from bephw.golden.initial import initial_state
from bephw.host.board import Board
from bephw.host.connection import Connection
from bephw.rtl_gen.registers.map import Command, Transfer, register_map
from bephw.settings import Settings
from tests.host.model_board import ModelBoard

SETTINGS = Settings.build(
    network={"sizes": [12, 9, 7], "classes": 3}, learning={"bits": 11}, hardware={"stream_width": 8, "columns": 6}
)


class Direct:
    """A port without a line."""

    def __init__(self, board):
        self.board, self.time = board, 0.0

    def write(self, data):
        self.board.feed(data)

    def read(self):
        self.time += 1e-4
        self.board.work()
        return self.board.report()

    def close(self):
        pass


class Keeping(ModelBoard):
    """Every write to a register, in order; and state that is read is what the last transfer is of."""

    def power_up(self):
        super().power_up()
        self.writes, self.spaces = [], {}

    def _carry_out(self, kind, units, operand):
        super()._carry_out(kind, units, operand)
        if kind == 2:
            value = self.registers[self.address]
            self.writes.append((self.address, value))
            if self.address == register_map(SETTINGS)["transfer"].address:
                if value & Transfer.DUMP:
                    self.state.extend(self.spaces[value & 0xFFFF])
                else:
                    self.spaces[value] = []
        if kind == 5:
            self.state.clear()
            list(self.spaces.values())[-1].extend(operand)


@pytest.fixture
def connected():
    model = Keeping(identity_block(SETTINGS, LEAST_SIZES), LEAST_SIZES.window, LEAST_SIZES.replies, element=2)
    port = Direct(model)
    return Board(Connection(port, clock=lambda: port.time), SETTINGS), model


def test_registers_by_name(connected):
    board, model = connected
    registers = register_map(SETTINGS)
    board.write("margin", -3)
    assert board.read("margin", "batch") == [-3, 0]
    board.write("rate_1", 2**31)
    assert board.read("rate_1") == [2**31]
    assert model.writes == [(registers["margin"].address, 2**32 - 3), (registers["rate_1"].address, 2**31)]


def test_statistics(connected):
    board, model = connected
    model.registers[register_map(SETTINGS)["taught"].address] = 5
    found = board.statistics()
    assert found["taught"] == 5 and found["samples"] == 0
    assert {"samples", "taught", "updates", "cycles"} <= set(found)
    assert not {"batch", "margin", "status"} & set(found)


def test_the_end_of_a_batch(connected):
    board, model = connected
    board.end_batch()
    assert model.writes == [(register_map(SETTINGS)["command"].address, Command.END_BATCH)]


def test_state_goes_and_comes(connected):
    board, model = connected
    state = initial_state(SETTINGS)
    board.load_state(state)
    assert sorted(model.spaces) == [0, 1, 2]
    assert model.writes[-1] == (register_map(SETTINGS)["command"].address, Command.END_BATCH)
    found, expected = board.read_state().to_arrays(), state.to_arrays()
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in expected.items()
    }


def test_labels_that_are_no_class_stay_none(connected):
    """As all ones; the model keeps the label that it was told."""
    board, model = connected
    model.sample_words = 2
    board.stream(np.zeros((4, 12), np.uint8), [2, 3, 8, 65535])
    assert [label for _, label in model.samples] == [2, 3, 3, 3]


@pytest.mark.parametrize("share", ["sizes", "algorithm", "bits", "settings"])
def test_another_trainer_is_not_talked_to(share):
    other = {
        "sizes": {"network.sizes": [12, 9, 8]},
        "algorithm": {"learning.algorithm": "lbes"},
        "bits": {"learning.bits": 10},
        "settings": {"hardware.slots": 5},
    }[share]
    model = Keeping(identity_block(SETTINGS, LEAST_SIZES), LEAST_SIZES.window, LEAST_SIZES.replies)
    port = Direct(model)
    connection = Connection(port, clock=lambda: port.time)
    wanted = SETTINGS.replace(other)
    value = re.escape(str(describe(wanted, LEAST_SIZES)[share]))
    with pytest.raises(BephwError, match=rf"the board has another trainer: its {share} must be {value}, not "):
        Board(connection, wanted)
    assert model.writes == []
