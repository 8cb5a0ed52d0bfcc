"""Bars say what is finished, of all."""

import re

import pytest

from bephw.cli import terminal


@pytest.fixture
def drawn(monkeypatch):
    """Description and share of a bar at every call; bars draw into nothing."""
    from rich import progress

    seen = []
    update = progress.Progress.update

    def watch(self, task, **changes):
        update(self, task, **changes)
        found = self.tasks[0]
        seen.append((found.description, found.completed / found.total))

    monkeypatch.setattr(progress.Progress, "update", watch)
    return seen


def test_runs_under_way_count_for_their_part(drawn):
    with terminal.runs_bar("a [b]", "trials", 4) as show:
        show(1, 1.5)
        show(2, 1.5)  # Trials that cost nothing.
        show(4, 9.0)
    assert drawn == [
        (r"a \[b]: 1 of 4 trials", 0.375),
        (r"a \[b]: 2 of 4 trials", 0.5),
        (r"a \[b]: 4 of 4 trials", 1.0),
    ]


@pytest.mark.parametrize("command", ["accuracy", "tune"])
def test_what_is_finished_of_all(run, tmp_path, drawn, command):
    """Also after a break: what was there before counts, in label and bar."""
    content = {
        "accuracy": '[[rows]]\nname = "r"\n[[columns]]\nname = "c"\n',
        "tune": 'trials = {}\n[search]\n"learning.nu" = {{ low = 0.1, high = 0.9 }}\n',
    }[command]
    common = (
        "[settings.network]\nsizes = [64, 6]\nclasses = 10\n[settings.learning]\nepochs = 4\n"
        '[settings.data]\nname = "digits"\nvalidation_fraction = 0.2\n'
    )
    path = tmp_path / "t.toml"
    for many, first in ((2, 0), (4, 2)):
        seeds = f"seeds = {list(range(many))}\n" if command == "accuracy" else ""
        path.write_text(seeds + content.format(many) + common)
        assert run(command, path, "--output", tmp_path / "out", "--jobs", 1)[0] == 0
        what = "runs" if command == "accuracy" else "trials"
        finished = [int(re.fullmatch(rf"t: (\d+) of {many} {what}", label)[1]) for label, _ in drawn]
        shares = [share for _, share in drawn]
        assert finished == sorted(finished) and shares == sorted(shares)
        assert finished[0] >= first and finished[-1] == many
        assert shares[0] >= first / many and shares[-1] == 1
        assert all(share >= number / many for number, share in zip(finished, shares, strict=True))
        assert {many - 1, many} <= set(finished)  # Each end is told.
        drawn.clear()


def test_a_training_that_goes_on_begins_where_it_was(run, settings_file, tmp_path, monkeypatch):
    from rich.progress import Progress

    steps, advance = [], Progress.advance
    monkeypatch.setattr(Progress, "advance", lambda self, task, n=1: (steps.append(n), advance(self, task, n)))
    checkpoint = tmp_path / "c.npz"
    assert run("train", settings_file(), "--epochs", 2, "--checkpoint", checkpoint)[0] == 0
    assert sum(steps) == 2 * 1438
    steps.clear()
    assert run("train", settings_file(), "--epochs", 3, "--checkpoint", checkpoint, "--resume")[0] == 0
    assert (steps[0], sum(steps)) == (2 * 1438, 3 * 1438)
