"""`bephw report` and `bephw train --compare`: files in, one page out, one line for what is no document."""

import json

import pytest


@pytest.fixture
def document(tmp_path):
    """`document(content)` is the path of a JSON file."""

    def write(content, name="figures.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_training_simulation_and_page(run, settings_file, tmp_path):
    train, page = tmp_path / "train.json", tmp_path / "out" / "report.html"
    code, out, _ = run("train", settings_file(), "--compare", "--json", train)
    assert code == 0
    assert "logistic regression" in out
    figures = json.loads(train.read_text())
    assert figures["references"][0]["sees"] == "64 features, not encoded"
    assert sum(map(sum, figures["confusion"]["counts"])) == 359
    assert figures["examples"]["kind"] == "image"
    code, out, _ = run("report", train, "--output", page)
    assert (code, out) == (0, f"report: {page}\n")
    text = page.read_text()
    for words in ("handwritten digits", "logistic regression", "What it gets right", "taken for"):
        assert words in text


def test_without_compare_nothing_else_is_trained(run, settings_file, tmp_path):
    assert run("train", settings_file(), "--json", tmp_path / "f.json")[0] == 0
    figures = json.loads((tmp_path / "f.json").read_text())
    assert "references" not in figures
    assert "confusion" in figures


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"command": "train", "seconds": NaN}', "not valid JSON: NaN is no number"),
        ("[" * 100_000, "not valid JSON:"),
        ("[1]", "must be an object with a key 'command', as commands write with --json"),
        ({"seconds": 1}, "must be an object with a key 'command', as commands write with --json"),
        ({"command": "dance"}, "command must be one of accuracy, build, check, demo, doctor, emit,"),
        ({"command": "train", "epochs": 5}, "figures are not as a command writes them (learning: "),
    ],
)
def test_what_is_no_document(refuse, document, tmp_path, content, line):
    path = document(content)
    fine = document({"command": "doctor", "tools": [], "missing": []}, "fine.json")
    page = tmp_path / "page.html"
    assert refuse("report", fine, path, "--output", page).startswith(f"{path}: {line}")
    assert not page.exists()


def test_no_text_at_all(refuse, tmp_path):
    path = tmp_path / "picture.json"
    path.write_bytes(b"\x89PNG\xff\xfe")
    assert refuse("report", path, "--output", tmp_path / "page.html").startswith(
        f"{path}: is not UTF-8 text (byte 0x89"
    )
