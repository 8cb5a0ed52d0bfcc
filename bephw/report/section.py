"""What a section of the page is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Section", "Table"]


@dataclass(frozen=True)
class Section:
    """One section: its template, its heading, a short name for the list of contents, and what the template shows."""

    template: str
    title: str
    name: str
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Headings, and rows of cells that are text already; `numeric` columns (from 0) are set flush right."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[int] = ()
