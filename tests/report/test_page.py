"""The page: self-contained, valid, escaped, in the reader's order, and only with figures that are there."""

import itertools
import re

import html5lib
import pytest

from bephw.errors import BephwError
from bephw.report import render
from bephw.report.documents import COMMANDS

HOSTILE = '<script>alert("x")</script>\'"&</style>'


@pytest.fixture(scope="module")
def page(documents):
    """Of a demo."""
    return render([documents.DEMO])


def without_assets(page):
    """Less the library's script, which is no markup of ours."""
    return re.sub(r"<script>.*?</script>", "<script></script>", page, flags=re.DOTALL)


def test_nothing_is_fetched(documents):
    page = without_assets(render(documents.ALL))
    assert not re.search(
        r"""(src|href|poster|data|action)\s*=\s*["']?(?!data:|#)[a-z/]""", re.sub(r'data-\w+="', "", page)
    )
    assert not re.search(r"@import|url\((?!#)|<link|<iframe|<base|<object|<embed", page)
    # Namespaces of pictures, and the schema that a chart names, are names, not addresses to load from.
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert addresses <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "https://vega.github.io/schema/vega-lite/v6.json",
    }


def test_it_is_small(documents):
    assert len(render(documents.ALL).encode()) < 1_500_000


@pytest.mark.parametrize("name", ["DEMO", "FULL_TRAIN", "PLAN", "DOCTOR", "ACCURACY", "EMIT"])
def test_it_is_valid_html(documents, name):
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(render([getattr(documents, name)]))
    assert [(place, kind) for place, kind, _ in parser.errors] == []


def test_ids_are_there_once(documents):
    page = without_assets(render(documents.ALL))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_the_order_is_the_readers(documents):
    for order in itertools.islice(itertools.permutations(documents.ALL[1:5]), 0, 24, 7):
        headings = re.findall(r"<h2>(.*?)</h2>", without_assets(render([*order, documents.ALL[5]])))
        assert headings == [
            "How it learns handwritten digits",
            "What it gets right, and what wrong",
            "Which class is taken for which",
            "The design: 64-6-3",
            "On the chip",
            "Is the hardware what it should be?",
            "The data",
            "What to do next",
            "Details",
            "Terms",
        ]


def test_what_failed_comes_first(documents, text):
    page = render([{**documents.DEMO, "passed": False, "problems": ["a < b & c"]}])
    assert '<header class="failed">' in page
    assert text(page[page.index("<h1>") :]).strip().startswith("Not as it should be: a &lt; b &amp; c.")


@pytest.mark.parametrize("name", ["examples", "confusion", "data", "references"])
def test_names_are_escaped(documents, name):
    train = {**documents.FULL_TRAIN, "warnings": [HOSTILE]}
    if name == "examples":
        sample = {**train["examples"]["samples"][0], "label": HOSTILE, "prediction": HOSTILE + "2"}
        train["examples"] = {**train["examples"], "samples": [sample]}
    elif name == "confusion":
        classes = [{"name": f"{HOSTILE}{index}", "samples": 1, "right": 1} for index in range(30)]
        counts = [[1] * 30 for _ in range(30)]
        train["confusion"] = {"classes": classes, "counts": counts, "confused": []}
    elif name == "data":
        train["data"] = {"name": HOSTILE, "classes": [{"name": HOSTILE, "train": 1, "test": 1}], "train_samples": 1}
    else:
        train["references"] = [{"name": HOSTILE, "sees": HOSTILE, "test_accuracy": 0.5}]
    page = render([train], title=HOSTILE)
    assert "<script>alert" not in page
    assert without_assets(page).count("</style>") == 1
    parser = html5lib.HTMLParser()
    parser.parse(page)
    assert parser.errors == []


def test_equal_figures_equal_bytes(documents, page):
    assert render([documents.DEMO]) == page


def test_it_reads_without_script(page):
    assert page.count('<div class="still"') == page.count('<figure class="chart">') == 1
    assert "<svg" in page[page.index('<div class="still"') :]


def test_a_page_without_charts_has_no_library(documents):
    assert len(render([documents.BUILD, documents.DOCTOR])) < 100_000


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_emptiest_document_is_a_page(command):
    assert "<h1>" in render([{"command": command}])


def _partial(document, depth=2):
    """The document less each of its keys, and less each key of its parts."""
    for key in document:
        if key != "command":
            yield {name: value for name, value in document.items() if name != key}
            if isinstance(document[key], dict) and depth > 1:
                for part in _partial(document[key], depth - 1):
                    yield {**document, key: part}


@pytest.mark.parametrize("name", ["SIM", "BUILD", "EMIT", "CHECK", "DOCTOR", "TRAIN"])
def test_parts_that_are_missing_are_absent_or_named(documents, name):
    """Never a traceback, never a zero: a page without the part, or one line that names what is missing."""
    for partial in _partial(getattr(documents, name)):
        try:
            render([partial])
        except BephwError as error:
            assert re.match(r"document 1: figures are not as a command writes them \(.*: no '\w+'\)", str(error))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("TRAIN", {"epochs": "many"}),
        ("TRAIN", {"epochs": [1, 2]}),
        ("TRAIN", {"test_accuracy": "high"}),
        ("SIM", {"phases": [1]}),
        ("SIM", {"compared": 4}),
        ("BUILD", {"luts": "all"}),
        ("BUILD", {"floor_plan": [1]}),
        ("DOCTOR", {"tools": 1}),
        ("ACCURACY", {"cells": [1]}),
    ],
)
def test_figures_of_another_kind_are_refused(documents, name, changes):
    with pytest.raises(BephwError, match=r"^b\.json: figures are not as a command writes them"):
        render([documents.CHECK, {**getattr(documents, name), **changes}], sources=["a.json", "b.json"])
    with pytest.raises(BephwError, match=r"^document 1: command must be one of .*, not 'other'$"):
        render([{"command": "other"}])
