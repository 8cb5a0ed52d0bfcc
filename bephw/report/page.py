"""One self-contained HTML page: style and pictures are inside it, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bephw import __version__
from bephw.errors import BephwError
from bephw.report.sections import sections

__all__ = ["render"]


def render(documents: Sequence[Mapping[str, Any]], title: str = "bephw") -> str:
    """The page for the JSON documents of `--json`, in the order given.

    Raises `BephwError` naming the command whose document lacks a key.
    """
    parts = []
    for document in documents:
        try:
            parts += sections(document)
        except (KeyError, TypeError, AttributeError) as error:
            raise BephwError(f"figures of '{document['command']}' lack or misuse the key {error}") from error
    environment = Environment(
        loader=PackageLoader("bephw.report", package_path=""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(title=title, version=__version__, sections=parts)
