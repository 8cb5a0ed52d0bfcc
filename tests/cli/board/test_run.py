"""`bephw board run`: what it serves, what it prints, and what it refuses before it compiles anything."""

from pathlib import Path

import pytest

from bephw.virtual import kept, served


class Standing:
    """Stands in for a served board: a host comes and goes, then somebody presses Ctrl-C."""

    made: list = []

    def __init__(self, program, clock_mhz, baud, *, tcp, terminal, on_event):
        self.made.append((program, clock_mhz, baud, tcp, terminal))
        self.urls = ("socket://localhost:4000", "/dev/pts/3")
        self._on_event = on_event

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def wait(self):
        for event in ("host tcp", "cycles 1000", "cycles 5000", "gone"):
            self._on_event(event)
        raise KeyboardInterrupt


@pytest.fixture
def compiled(monkeypatch):
    """What was asked for, of boards and of servers."""
    asked = []
    monkeypatch.setattr(kept, "kept_board", lambda *arguments, **options: asked.append(options) or Path("program"))
    monkeypatch.setattr(served, "ServedBoard", Standing)
    Standing.made = []
    return asked


def test_it_says_where_the_board_is_until_it_is_stopped(run, settings_file, compiled):
    code, out, err = run("board", "run", settings_file(), "--board", "icebreaker", "--clock", "24", "--fast")
    first, second, came, rate, gone, stopped = out.splitlines()
    assert (code, err) == (0, "")
    assert first == "serving icebreaker at socket://localhost:4000"
    assert second == "serving icebreaker at /dev/pts/3"
    assert (came, gone, stopped) == ("a host has come (tcp)", "it has left", "stopped")
    assert rate.endswith(" cycles/s")
    assert compiled[0]["fast"]
    assert Standing.made == [(Path("program"), 24.0, 1_000_000, 4000, True)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--board", "nowhere"], "nowhere"),
        (["--set", "learning.reinforcement=bernoulli"], "learning.reinforcement must be events in hardware"),
        (["--set", "board.baud=7000000"], "board.baud must be"),
        (["--state", "nowhere.npz"], "nowhere.npz: cannot be read"),
        (["--tcp", "70000"], "70000"),
    ],
)
def test_what_is_wrong_is_one_line(run, settings_file, compiled, options, message):
    code, out, err = run("board", "run", settings_file(), *options)
    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1]
    assert not compiled and not Standing.made
