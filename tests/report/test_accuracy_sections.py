"""Tables and searches on a page."""

from bephw.report.accuracy_sections import accuracy_sections, tune_sections
from bephw.report.documents import Documents

GAIN = {"gain": 1.5, "std": None, "n": 1, "published_gain": None}


def test_a_table(documents):
    (section,) = accuracy_sections(Documents.of([documents.ACCURACY]))
    (table,) = section.content["tables"]
    assert (section.title, table.headings) == ("A table", ["", "one", "two"])
    assert table.rows == [["a", "80.00 ± 1.00 [79]", "-"]]
    assert section.content["pictures"][0]["data"].startswith("data:image/svg+xml;base64,")
    assert "Not complete" not in section.content["text"]


def test_a_table_with_gains_that_is_not_complete(documents):
    compare = {**GAIN, "column": "two", "against": "one", "rows": [{"row": "a", **GAIN}]}
    document = {**documents.ACCURACY, "compare": [compare], "complete": False}
    (section,) = accuracy_sections(Documents.of([document]))
    assert section.content["tables"][1].headings == ["", "two over one"]
    assert section.content["tables"][1].rows == [["a", "+1.50"]]
    assert "Not complete" in section.content["text"]


def test_a_search_shows_its_best_trials(documents):
    (section,) = tune_sections(Documents.of([documents.TUNE]))
    (table,) = section.content["tables"]
    assert table.headings == ["trial", "validation accuracy, %", "learning.nu"]
    assert table.rows[0] == ["11", "55.00", "0.5"]
    assert len(table.rows) == 10
