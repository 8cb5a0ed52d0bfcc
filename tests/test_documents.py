"""Documents say what is true: commands run, examples are valid, every key is explained."""

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from bephw.accuracy.cells import cells
from bephw.accuracy.table import read_table
from bephw.boards.bitstream.fit import check_fit
from bephw.boards.catalogue import board, boards
from bephw.cli.entry import group
from bephw.gnet.embedding import embedded_settings
from bephw.settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")])
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- test -->\n```(\w+)\n(.*?)```", README, re.DOTALL)
# Documents whose blocks go on from one another, each in a folder of its own.
WALKTHROUGHS = ("docs/your-data.md", "docs/host.md")


@pytest.fixture
def workplace(tmp_path):
    """A folder with the examples in it, so that results do not land in the repository."""
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    return tmp_path


def run(language, text, folder):
    """What a block of Python or of bephw's commands prints."""
    if language == "python":
        commands = [[sys.executable, "-c", text]]
    else:
        commands = [shlex.split(line) for line in text.splitlines()]
        assert all(command[0] == "bephw" for command in commands)
        commands = [[sys.executable, "-m", *command] for command in commands]
    printed = ""
    for command in commands:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        printed += done.stdout
    return printed


@pytest.mark.parametrize(("language", "text"), BLOCKS, ids=[text.splitlines()[0] for _, text in BLOCKS])
def test_readme_blocks_run(language, text, workplace):
    run(language, text, workplace)


NUMBER = re.compile(r"\d+(?:\.\d+)?")
WALK = re.compile(r"<!-- (test|output)(?:: (\S+))? -->\n```(\w*)\n(.*?)```", re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("name", WALKTHROUGHS)
def test_walkthroughs_run(name, workplace):
    """Block after block; what one prints ends with what the document shows, percentages to within 1.5 points."""
    printed = ""
    for kind, file, language, text in WALK.findall((REPOSITORY / name).read_text(encoding="utf-8")):
        if file:
            (workplace / file).write_text(text, encoding="utf-8")
        elif kind == "test":
            printed = run(language, text, workplace)
        else:
            lines = printed.splitlines()[-len(text.splitlines()) :]
            assert [NUMBER.sub("#", line) for line in lines] == [NUMBER.sub("#", line) for line in text.splitlines()]
            shown, got = ([float(number) for number in NUMBER.findall(part)] for part in (text, "\n".join(lines)))
            assert got == pytest.approx(shown, abs=1.5)


def test_there_are_blocks_to_run():
    assert len(BLOCKS) >= 3


@pytest.mark.parametrize("path", sorted(REPOSITORY.glob("examples/*.toml")), ids=lambda path: path.name)
def test_examples_are_valid(path):
    settings = Settings.from_toml(path)
    assert path.read_text(encoding="utf-8").startswith("# "), "an example says what it is"
    assert settings.board.name in {entry.name for entry in boards()}
    if settings.learning.algorithm == "gnet":
        embedded_settings(settings)  # No trainer in hardware; folding is that of the embedded network.
    else:
        check_fit(board(settings.board.name), settings)


@pytest.mark.parametrize("path", sorted(REPOSITORY.glob("examples/tables/*.toml")), ids=lambda path: path.name)
def test_tables_are_valid(path):
    assert path.read_text(encoding="utf-8").startswith("# "), "an example says what it is"
    assert cells(read_table(path))


ACCURACY = (REPOSITORY / "docs" / "accuracy.md").read_text(encoding="utf-8")
MEASURED = dict(re.findall(r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", ACCURACY, re.DOTALL))


def grid(text):
    """The first Markdown table of `text`, as {row: {column: cell}}."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    names, _, *rows = lines[: next((i for i, line in enumerate(lines) if i and not line[0]), len(lines))]
    return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in rows}


@pytest.mark.parametrize("name", MEASURED)
def test_measured_tables_are_those_of_the_files(name):
    table, measured = read_table(REPOSITORY / "examples" / "tables" / f"{name}.toml"), grid(MEASURED[name])
    assert list(measured) == [row.name for row in table.rows]
    assert all(list(cells) == [column.name for column in table.columns] for cells in measured.values())
    assert f"\n    bephw accuracy examples/tables/{name}.toml\n" in MEASURED[name]


def bracketed(text):
    return float(text.split("[")[1].rstrip("]")) if "[" in text else None


@pytest.mark.parametrize("name", MEASURED)
def test_published_figures_are_those_of_the_files(name):
    table, measured = read_table(REPOSITORY / "examples" / "tables" / f"{name}.toml"), grid(MEASURED[name])
    for column in table.columns:
        for row in table.rows:
            assert bracketed(measured[row.name][column.name]) == table.published(column, row)
    gains = grid(MEASURED[name].partition("\nGain in points")[2]) if table.compare else {}
    for compare in table.compare:
        title = f"{compare.column} over {compare.against}"
        for row in table.rows:
            assert bracketed(gains[row.name][title]) == table.published_gain(compare, row)
        if "mean" in gains:
            assert bracketed(gains["mean"][title]) == table.published_mean_gain(compare)


def test_the_readmes_accuracies_are_those_of_the_tables():
    headlines = runpy.run_path(str(REPOSITORY / "docs" / "tables.py"))["HEADLINES"]
    lines = re.search(r"<!-- accuracy:begin -->\n(.*?)<!-- accuracy:end -->", README, re.DOTALL)[1].splitlines()[2:]
    for (data, name, row, column), line in zip(headlines, lines, strict=True):
        shown = [cell.strip() for cell in line.strip("|").split("|")]
        cells = [grid(MEASURED[name])[row]] if row else grid(MEASURED[name]).values()
        mean = sum(float(cell[column].split(" ±")[0]) for cell in cells) / len(cells)
        assert shown[:2] == [data, row or "recurrent"]
        assert float(shown[2].split(" ")[0]) == pytest.approx(mean, abs=0.011)
        published = bracketed(cells[0][column]) if row else None
        assert ("published" in shown[2]) == (published is not None)
        assert published is None or f"(published: {published:.1f})" in shown[2]


RELATED = (REPOSITORY / "docs" / "related.md").read_text(encoding="utf-8")
quoted_figures = runpy.run_path(str(REPOSITORY / "docs" / "quoted_figures.py"))
QUOTED, origin = quoted_figures["QUOTED"], quoted_figures["origin"]


@pytest.mark.parametrize("quoted", QUOTED.findall(RELATED), ids=lambda quoted: quoted[0])
def test_our_figures_in_related_work_are_the_measured_ones(quoted):
    shown, *source = quoted
    decimals = len(shown.partition(".")[2])
    assert float(shown.replace(",", "")) == pytest.approx(origin(*source), abs=0.5001 * 10**-decimals)


def test_figures_of_related_work_are_renewed():
    stale = re.sub(rf"{quoted_figures['FIGURE']}<!-- bephw", "1.25<!-- bephw", RELATED, count=1)
    assert stale != RELATED and "1.25<!-- bephw" not in quoted_figures["renewed"](stale)
    assert len(quoted_figures["renewed"](stale)) == pytest.approx(len(RELATED), abs=8)
    assert quoted_figures["renewed"](RELATED) == RELATED


def test_every_mark_of_related_work_is_a_figures():
    assert RELATED.count("<!--") == len(QUOTED.findall(RELATED)) > 30


# What else has digits in our rows, beside a row's name: names of chips, of lookup tables, of data, of the licence.
NAMES = re.compile(r"ECP5-85F-6|iCE40UP5K|LUT4|\d+ kbit|8 x 8|batches of \d+|BSD 2-Clause")
OUR_ROWS = [line for line in RELATED.splitlines() if line.startswith("| bephw")]


@pytest.mark.parametrize("line", OUR_ROWS, ids=lambda line: line.split("|")[1].strip())
def test_no_figure_of_ours_in_the_tables_of_related_work_is_without_its_origin(line):
    _, _, *cells = line.split("|")
    assert not re.search(r"\d", NAMES.sub("", QUOTED.sub("", " ".join(cells))))


def _tables(model, prefix=""):
    """(name of the TOML table, its keys) of the settings object and all within it."""
    keys = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _tables(field.annotation, f"{prefix}.{name}".strip("."))
        else:
            keys.append(name)
    if prefix:
        yield prefix, keys


@pytest.mark.parametrize(("table", "keys"), list(_tables(Settings)), ids=lambda value: value if value is str else "")
def test_settings_document_names_every_key_and_no_other(table, keys):
    text = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    part = re.search(rf"^## \[{re.escape(table)}\]$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert part is not None, f"docs/settings.md has no part [{table}]"
    assert re.findall(r"^\| `(\w+)`", part[1], re.MULTILINE) == keys


def test_settings_document_gives_the_defaults():
    text = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    for part in Settings.model_fields.values():
        for name, field in part.annotation.model_fields.items():
            if isinstance(field.default, (bool, int, float)):
                default = str(field.default).lower() if isinstance(field.default, bool) else f"{field.default:,}"
                assert f"| `{name}` | {default} |" in text, f"{name}: the default is {default}"


def test_command_document_names_every_command():
    text = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `bephw (\w+)", text, re.MULTILINE)) == set(group.commands)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_documents_name_are_there(path):
    for folder, name in re.findall(
        r"`((?:bephw|rtl_gen|sim|boards|tests|docs|benchmarks)/)([\w/]*\.?\w*)`", path.read_text("utf-8")
    ):
        assert (REPOSITORY / folder / name).exists(), f"{path.name} names {folder}{name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"
