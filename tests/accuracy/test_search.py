"""The search's file: what it means, and one line for everything that is wrong with it."""

from pathlib import Path

import pytest

from bephw.accuracy.search import Choices, Range, Search, read_search
from bephw.errors import BephwError

REPOSITORY = Path(__file__).resolve().parents[2]

VALUES = {"learning.nu": 0.5, "learning.batch": 30, "learning.sigma": 1.0, "learning.gamma": 3}


def test_a_search(search):
    content = search()
    assert (content.trials, content.seeds, content.metric, content.sampler) == (6, (1, 2), "last", "tpe")
    assert list(content.search) == ["learning.nu", "learning.batch", "learning.sigma", "learning.gamma", "size"]


def test_settings_of_a_trial(search):
    content = search()
    settings = content.settings_of(VALUES | {"size": content.search["size"].choices[1]}, 7)
    assert settings.network.sizes == (16, 12)
    assert (settings.learning.nu, settings.learning.r, settings.learning.seed) == (0.5, 0.5, 7)


def test_numbers_are_integers_where_they_and_the_setting_are(search):
    spaces = search().search
    assert not spaces["learning.nu"].integers, "nu takes any number: 0 to 1 are not two choices"
    assert spaces["learning.batch"].integers
    assert not spaces["learning.sigma"].integers


def test_numbers_have_few_digits_and_stay_in_their_range(search):
    spaces = search("low = 0.1, high = 10", "low = 0.123456, high = 0.7654321").search
    assert spaces["learning.nu"].value(0.123456) == 0.1235
    assert spaces["learning.sigma"].value(0.123456) == 0.1235
    assert spaces["learning.sigma"].value(0.7654321) == 0.7654
    assert spaces["learning.sigma"].value(0.12341) == 0.123456, "not below the lowest"
    batch = spaces["learning.batch"].value(30)
    assert (batch, type(batch)) == (30, int)
    stepped = search(
        '"learning.nu" = { low = 0, high = 1 }', '"learning.nu" = { low = 0, high = 1, step = 0.1 }'
    ).search
    assert stepped["learning.nu"].value(0.1 + 0.2) == 0.3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("trials = 6", "", ": trials: required"),
        ("trials = 6", "trials = 0", ": trials: must be at least 1, not 0"),
        ("seeds = [1, 2]", "seeds = [1, 1]", ": seeds must differ from each other, not have [1] twice"),
        ("seeds = [1, 2]", "sampler = 'grid'", ": sampler: must be 'tpe' or 'random', not 'grid'"),
        ("seeds = [1, 2]", "seed = 3", ": seed: unknown key"),
        ("low = 0, high = 1 ", "low = 1, high = 1 ", ": search['learning.nu'].high must be above low = 1, not 1"),
        ("low = 0, high = 1 ", "low = 0 ", ": search['learning.nu'].high: required"),
        ("low = 0, high = 1 ", "low = 'a', high = 1 ", ": search['learning.nu'].low must be a number, not 'a'"),
        (
            "low = 0, high = 1 ",
            "low = 0, high = 1, log = true ",
            ": search['learning.nu'].low must be above 0 with log = ",
        ),
        ("low = 0, high = 1 ", "low = 0, high = 1, step = 0 ", ": search['learning.nu'].step must be above 0, not 0"),
        (
            "low = 0.1, high = 10",
            "low = 0.1, high = 1, step = 0.1",
            ": search['learning.sigma'].step must be left out with log",
        ),
        ("low = 0, high = 1 ", "low = 0, high = 1, lag = 1 ", ": search['learning.nu'].lag: unknown key"),
        (
            "{ low = 0, high = 1 }",
            "3",
            ": search['learning.nu'] must be a table with choices, or with low and high, not 3",
        ),
        (
            "{ low = 0, high = 1 }",
            "{}",
            ": search['learning.nu'] must be a table with choices, or with low and high, not {}",
        ),
        (
            "choices = [1, 2, 3]",
            "choices = []",
            ": search['learning.gamma'].choices: must have at least 1 entry, not []",
        ),
        ("choices = [1, 2, 3]", "choices = [4]", ": learning.gamma[0] must divide the layer's 6 outputs, not 4"),
        ("learning.nu", "learning.mu", ": learning.mu: unknown key"),
        ("learning.nu", "learning.seed", ": learning.seed must be left out: seeds of the search set it"),
        ("[settings.network]", "[settings.learning]\nseed = 1\n[settings.network]", ": learning.seed must be left out"),
    ],
)
def test_what_is_wrong(search_file, old, new, message):
    path = search_file(old, new)
    with pytest.raises(BephwError) as caught:
        read_search(path)
    assert str(caught.value).startswith(f"search {path}{message}")


def test_files_that_are_none(tmp_path):
    path = tmp_path / "x.toml"
    for text, message in (
        ("trials = 3", "search: required"),
        ("trials = 3\nsearch = 3", "search: must be a table, not 3"),
        ("trials = 3\nsearch = {}", "search: must have at least 1 entry, not {}"),
        ("trials = 3\nsettings = 3", "settings: must be a table, not 3"),
    ):
        path.write_text(text)
        with pytest.raises(BephwError) as caught:
            read_search(path)
        assert str(caught.value) == f"search {path}: {message}"


def test_what_must_stay_for_a_search_to_go_on(search):
    same = search().same_as()
    assert search("trials = 6", "trials = 9", "Two ways", "Other").same_as() == same
    assert search("low = 0, high = 1 ", "low = 0, high = 2 ").same_as() != same
    assert search("classes = 2", "classes = 3").same_as() != same


@pytest.mark.parametrize("model", [Search, Range, Choices])
def test_the_document_names_every_key(model):
    text = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    part = text.split("## Searches for hyperparameters\n")[1].split("\n## ")[0]
    for key in model.model_fields:
        assert f"`{key}`" in part or f"`[{key}]`" in part or f"`{key} = " in part, key


def test_the_examples_are_searches(tmp_path):
    text = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    path = tmp_path / "example.toml"
    path.write_text(text.split("## Searches for hyperparameters\n")[1].split("```toml\n")[1].split("```")[0])
    assert read_search(path).trials == 20
    assert read_search(REPOSITORY / "examples" / "searches" / "quick.toml").trials == 20


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "examples" / "searches").glob("*.toml")), ids=lambda path: path.stem
)
def test_the_examples_keep_samples_to_choose_by(path):
    """None of their sources has validation samples of its own."""
    found = read_search(path)
    settings = found.settings_of(
        {name: space.first for name, space in found.search.items()}, found.seeds[0], "a search"
    )
    assert settings.data.validation_fraction > 0
