"""What may not be meant in a table or a search: lines for the user, none where all is well."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bephw.accuracy.search import Choices, Search
from bephw.words import counted

__all__ = ["gathered", "search_doubts"]


def gathered(places: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """Each warning once, of all that were given at (named) places, and where it was given if not everywhere."""
    found: dict[str, dict[str, None]] = {}
    names: dict[str, None] = {}
    for name, lines in places:
        names[name] = None
        for line in lines:
            found.setdefault(line, {})[name] = None
    return [
        line if len(at) == len(names) else f"{line} (in {len(at)} of {len(names)}, the first {next(iter(at))})"
        for line, at in found.items()
    ]


def search_doubts(search: Search) -> list[str]:
    """More trials than there are settings to try."""
    spaces = search.search.values()
    if not all(isinstance(space, Choices) for space in spaces):
        return []
    settings = math.prod(len(space.choices) for space in spaces if isinstance(space, Choices))
    if search.trials <= settings:
        return []
    there = f"{'is' if settings == 1 else 'are'} {counted(settings, 'combination')}"
    return [f"trials = {search.trials}, but there {there} of choices: the others repeat them"]
