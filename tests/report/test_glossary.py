"""Terms."""

import pytest

from bephw.report.glossary import Glossary


def test_a_term_carries_its_definition_and_is_listed_once():
    glossary = Glossary()
    made = glossary.term("cycles a sample", "<cycles>")
    assert 'href="#term-cycles-a-sample"' in made
    assert "&lt;cycles&gt;" in made
    glossary.term("cycles a sample")
    glossary.term("lane")
    assert [name for _, name, _ in glossary.used()] == ["cycles a sample", "lane"]


def test_unknown_terms_are_mistakes():
    with pytest.raises(KeyError):
        Glossary().term("coinage")
