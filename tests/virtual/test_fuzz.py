"""A small dose of benchmarks/link_fuzz.py: damaged frames, on a line that is 2 % off, change nothing on a board."""

import sys
from functools import partial
from pathlib import Path

import pytest

from bephw.host.errors import LinkError
from tests.virtual.conftest import PERCEPTRON

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def fuzz(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    sys.modules.pop("link_fuzz", None)
    import link_fuzz

    return link_fuzz


@pytest.mark.parametrize("baud_error", [0.0, 0.02, -0.02])
def test_nothing_changes(fuzz, perceptron, baud_error):
    assert fuzz.SETTINGS == PERCEPTRON
    found = fuzz.run(perceptron, 200, 1, baud_error=baud_error)
    assert found["frames"] == sum(found["kinds"].values()) == 200
    assert set(found["kinds"]) == set(fuzz.DAMAGE)
    assert found["samples"] > 0 and not found["overflow"]
    assert 0 < found["slowest_answer_seconds"] < 0.01


def test_a_change_would_be_found(fuzz, perceptron, monkeypatch):
    """A frame that is right and comes at its place is carried out: here, one that clears the statistics. The host,
    which did not send it, then takes the board's answers for those of another session."""
    from bephw.host.commands import write_register
    from bephw.host.frames import to_board
    from bephw.rtl_gen.registers.map import Command, register_map

    clear = write_register(register_map(PERCEPTRON)["command"].address, Command.CLEAR_STATISTICS)
    campaigns = []
    begin = fuzz.Campaign.__init__

    def kept(self, *arguments):
        campaigns.append(self)
        begin(self, *arguments)

    def right(rng, sent, others):
        return to_board(campaigns[0].board.connection.session._end, clear.code)

    monkeypatch.setattr(fuzz.Campaign, "__init__", kept)
    monkeypatch.setattr(fuzz, "DAMAGE", {"right": right})
    monkeypatch.setattr(fuzz, "Session", partial(fuzz.Session, silence=0.1))
    with pytest.raises((AssertionError, LinkError), match=r"statistics must be|has not answered"):
        fuzz.run(perceptron, 1, 1)
    assert campaigns[0].samples == 10 and campaigns[0].counts == {"right": 1}  # it was answered until then
