"""Terms, defined where they are used and once more at the end of the page."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

__all__ = ["TERMS", "Glossary"]

TERMS = {
    "held out": "Samples that were never learnt from, kept to measure with.",
    "golden model": "The program that says, bit for bit, what every implementation must compute.",
    "taught": "A sample teaches where its own class does not win by the margin that is asked for: only then do weights "
    "change. The share falls as the network learns.",
    "lane": "An XNOR gate with its place in a population count: it multiplies and adds one pair of bits a cycle. An "
    "array of rows × columns lanes works on so many outputs and inputs of a layer at a time.",
    "efficiency": "XNOR operations of a forward pass, divided by what all lanes could have done in the cycles that one "
    "training sample took, learning included. 100 % is every lane busy in every cycle.",
    "cycles a sample": "Clock cycles of the whole trainer, divided by the samples that passed it.",
    "busy": "Cycles a sample in which a part works. Parts work on different samples at the same time, so their cycles "
    "overlap and the longest sets the pace.",
    "counter": "What a weight learns with: a small number that steps up or down; its sign is the one-bit weight.",
    "reinforcement": "Now and then a counter moves away from zero, so that what was learnt is not forgotten: the rate "
    "is in events of 1/65,536 a sample.",
    "gamma": "Outputs in a group of which only the most easily changed one is updated.",
    "prototypes": "The fixed weights of the classifier, one row a class.",
    "epoch": "One pass over all training samples.",
    "block RAM": "Memory blocks on the chip, where weights and counters lie.",
}


class Glossary:
    """Makes terms of the page, and remembers which were used."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def term(self, name: str, words: str | None = None) -> Markup:
        """`words` (the term itself where None) with the definition on hover, and a way to the glossary."""
        self._used.add(name)
        anchor, text = name.replace(" ", "-"), escape(words or name)
        return Markup(f'<a class="term" href="#term-{anchor}" title="{escape(TERMS[name], quote=True)}">{text}</a>')

    def used(self) -> list[tuple[str, str, str]]:
        """Anchor, term and definition of all that the page has used so far."""
        return [(name.replace(" ", "-"), name, TERMS[name]) for name in sorted(self._used)]
