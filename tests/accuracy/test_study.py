"""The study: what is tried next depends on the search and its trials only, and survives a killed process."""

import json

import pytest

from bephw.errors import BephwError

pytest.importorskip("optuna")

from bephw.accuracy.study import Study


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.journal"


def value_of(trial):
    return trial.values["learning.nu"] * 0.5


def test_a_study_is_the_same_with_and_without_breaks(search, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    study = Study(whole, search())
    for _ in range(13):  # More than the sampler's random start.
        trial = study.ask()
        study.complete(trial, value_of(trial))
    for _ in range(13):
        study_afresh = Study(broken, search())
        trial = study_afresh.ask()
        study_afresh.complete(trial, value_of(trial))
    trials = Study(broken, search()).trials()
    assert trials == study.trials()
    assert len({json.dumps(trial.values) for trial in trials}) == 13, "no trial is a repetition"
    other = Study(tmp_path / "other", search("trials = 6", "trials = 6\nsampler_seed = 1"))
    assert other.ask().values != trials[0].values


def test_values_are_those_of_the_search(search, path):
    values = Study(path, search("trials = 6", "trials = 6\nsampler = 'random'")).ask().values
    assert list(values) == list(search().search)
    assert values["size"] in search().search["size"].choices
    assert values["learning.batch"] in (10, 30, 50)


def test_a_running_trial_is_found_again(search, path):
    trial = Study(path, search()).ask()
    again = Study(path, search())
    assert again.trials() == [trial]
    again.complete(trial, 0.25)
    (ended,) = Study(path, search()).trials()
    assert (ended.state, ended.value) == ("complete", 0.25)


def test_half_a_line_half_a_choice_and_the_journals_lock_are_left_behind(search, path):
    study = Study(path, search())
    first = study.ask()
    study.complete(first, 0.5)
    second = study.ask()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])  # Killed while it wrote the last value of the second trial.
    path.with_name("study.journal.lock").symlink_to(path)
    again = Study(path, search())
    assert [trial.state for trial in again.trials()] == ["complete"]
    assert again.ask().values == second.values, "the same choice as without the break"


def test_invalid_trials_say_why(search, path):
    study = Study(path, search())
    study.invalid(study.ask(), "learning.gamma must ...")
    (trial,) = Study(path, search()).trials()
    assert (trial.state, trial.value, trial.reason) == ("invalid", None, "learning.gamma must ...")


def test_trials_below_the_median_are_pruned(search, path):
    content = search("trials = 6", "trials = 6\nprune = true")
    study = Study(path, content)
    for value in (0.5, 0.6, 0.7, 0.8, 0.9):
        trial = study.ask()
        assert not study.pruned(trial, 1, value)
        study.complete(trial, value)
    bad, good = study.ask(), study.ask()
    assert study.pruned(bad, 1, 0.65)
    assert not study.pruned(good, 1, 0.75)
    again = Study(path, content)
    assert not again.pruned(good, 1, 0.75), "reported before the break: not an error"
    assert [(trial.state, trial.value) for trial in again.trials()[5:]] == [("pruned", 0.65), ("running", None)]


@pytest.mark.parametrize("text", ["{\n", '{"op_code": 99}\n', "[]\n"])
def test_a_damaged_journal_is_named(search, path, text):
    path.write_text(text)
    with pytest.raises(BephwError) as caught:
        Study(path, search())
    assert str(caught.value).startswith(f"{path}: damaged (")
    assert str(caught.value).endswith("): delete this file; runs that are finished are not done again")
