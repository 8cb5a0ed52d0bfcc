"""The table's file: what it means, and one line for everything that is wrong with it."""

from pathlib import Path

import pytest

from bephw.accuracy.cells import cells
from bephw.accuracy.table import Column, Compare, Row, Table, read_table
from bephw.errors import BephwError

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_table(table):
    content = table()
    assert (content.title, content.seeds, content.metric, content.folds) == ("Two gates", (1, 2), "last", None)
    assert content.rows[1].changes == {"network.sizes": [64, 9, 9]}
    assert content.columns[0].name == "wide"


def test_published_figures_as_a_list_a_table_or_one_mean(table):
    content = table()
    (wide, tight), (six, nine), (compare,) = content.columns, content.rows, content.compare
    assert [content.published(wide, row) for row in (six, nine)] == [50.5, 60.0]
    assert content.published(tight, six) is None
    assert [content.published_gain(compare, row) for row in (six, nine)] == [None, 1.5]
    assert content.published_mean_gain(compare) is None
    content = table('{ "9" = 1.5 }', "[1, 2]")
    assert content.published_mean_gain(content.compare[0]) == 1.5
    content = table('{ "9" = 1.5 }', "10.57")
    assert content.published_mean_gain(content.compare[0]) == 10.57
    assert content.published_gain(content.compare[0], nine) is None


def test_the_title_is_the_file_name_where_there_is_none(table):
    assert table('title = "Two gates"', "").title == "table"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds = [1, 2]", "", "seeds: required"),
        ("seeds = [1, 2]", "seeds = []", "seeds: must have at least 1 entry, not []"),
        ("seeds = [1, 2]", "seeds = [1, 2.5]", "seeds[1]: must be an integer, not 2.5"),
        ("seeds = [1, 2]", "seeds = [1, 1]", "seeds must differ from each other, not have [1] twice"),
        ("seeds = [1, 2]", "seeds = [1]\nfolds = 1", "folds: must be at least 2, not 1"),
        ("seeds = [1, 2]", "seeds = [1]\nmetric = 'best'", "metric: must be 'last' or 'best_validation', not 'best'"),
        ("seeds = [1, 2]", "seeds = [1]\nsed = 1", "sed: unknown key"),
        ("seeds = [1, 2]", "seeds = ", "not valid TOML"),
        ('name = "9"', 'name = "6"', "rows must differ from each other, not have ['6'] twice"),
        ('name = "9"', 'nam = "9"', "rows[1].name: required"),
        ('name = "9"', "name = 9", "rows[1].name: must be a string, not 9"),
        ('name = "9"', 'name = "9"\ngamma = 3', "rows[1].gamma: unknown key"),
        ('set = { "learning.nu" = 0.1 }', "set = 3", "columns[1].set: must be a table, not 3"),
        ('name = "tight"', 'name = "tight"\nrows = { "7" = {} }', "columns[1].rows must name rows (6, 9), not '7'"),
        ('name = "tight"', 'name = "tight"\nrows = { "9" = 3 }', "columns[1].rows: must be a table, not 3"),
        (
            'name = "tight"',
            'name = "tight"\nrows = { "9" = { "learning.seed" = 1 } }',
            "columns[1].rows['9']: learning.seed must be left out: seeds of the table set it",
        ),
        ("[50.5, 60]", "[50.5]", "columns[0].published must have 2 numbers, one a row, not 1"),
        ("[50.5, 60]", "[50.5, 'x']", "columns[0].published[1] must be a number, not 'x'"),
        ("[50.5, 60]", "60", "columns[0].published must be a list or a table, not 60"),
        ("[50.5, 60]", "{ '7' = 1 }", "columns[0].published must name rows (6, 9), not '7'"),
        ("[50.5, 60]", "{ '9' = true }", "columns[0].published['9'] must be a number, not True"),
        ("against = ", "with = ", "compare[0].against: required"),
        ('against = "wide"', 'against = "x"', "compare[0].against must be one of wide, tight, not 'x'"),
        ('{ "9" = 1.5 }', "[1]", "compare[0].published_gain must have 2 numbers, one a row, not 1"),
        ("gamma = 3", "seed = 3", "settings: learning.seed must be left out: seeds of the table set it"),
        (
            '"learning.nu" = 0.1',
            '"learning" = { seed = 1 }',
            "columns[1].set: learning.seed must be left out: seeds of the table set it",
        ),
    ],
)
def test_what_is_wrong(table_file, old, new, message):
    path = table_file(old, new)
    with pytest.raises(BephwError) as caught:
        read_table(path)
    assert str(caught.value).startswith(f"table {path}: {message}")


def test_folds_and_data_seeds_are_the_tables_own(table):
    with pytest.raises(BephwError, match=r"settings: data\.fold must be left out: folds of the table set it$"):
        table(
            "seeds = [1, 2]",
            "seeds = [1]\nfolds = 3",
            "[settings.network]",
            "[settings.data]\nfold = 1\n[settings.network]",
        )
    table("seeds = [1, 2]", "seeds = [1]", "[settings.network]", "[settings.data]\nseed = 1\n[settings.network]")
    with pytest.raises(BephwError, match=r"data\.seed must be left out: seeds, with seed_data = true, of the table"):
        table(
            "seeds = [1, 2]",
            "seeds = [1]\nseed_data = true",
            "[settings.network]",
            "[settings.data]\nseed = 1\n[settings.network]",
        )


def test_lists_and_files_that_are_none(tmp_path):
    path = tmp_path / "x.toml"
    with pytest.raises(BephwError, match=r"^table .*x\.toml: cannot be read: No such file or directory$"):
        read_table(path)
    for text, message in (
        ("rows = 3", "rows: must be a list, not 3"),
        ("rows = [3]", "rows[0]: must be a table, not 3"),
        ("seeds = [1]\nsettings = 3", "settings: must be a table, not 3"),
        ("seeds = [1]", "rows: required"),
        ("seeds = [1]\nrows = []", "rows: must have at least 1 entry, not ()"),
    ):
        path.write_text(text)
        with pytest.raises(BephwError) as caught:
            read_table(path)
        assert str(caught.value) == f"table {path}: {message}"


@pytest.mark.parametrize("model", [Table, Row, Column, Compare])
def test_the_document_names_every_key(model):
    text = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    part = text.split("## Tables of accuracies\n")[1].split("\n## ")[0]
    for name, field in model.model_fields.items():
        key = field.alias or name
        assert f"`{key}`" in part or f"`[{key}]`" in part or f"`[[{key}]]`" in part, key


def test_the_documents_example_is_a_table(tmp_path):
    text = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    path = tmp_path / "example.toml"
    path.write_text(text.split("## Tables of accuracies\n")[1].split("```toml\n")[1].split("```")[0])
    assert len(cells(read_table(path))) == 20
