"""One self-contained HTML page: style, script and pictures are inside it, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bephw import __version__
from bephw.errors import BephwError
from bephw.report.accuracy_sections import accuracy_sections, tune_sections
from bephw.report.charts import chart_script
from bephw.report.chip import chip_sections
from bephw.report.confusion import confusion_sections
from bephw.report.data import data_sections
from bephw.report.design import design_sections
from bephw.report.details import detail_sections
from bephw.report.documents import Documents
from bephw.report.equality import equality_sections
from bephw.report.glossary import Glossary
from bephw.report.learning import learning_sections
from bephw.report.next_steps import next_sections
from bephw.report.samples import sample_sections
from bephw.report.section import Section
from bephw.report.summary import key_figures, problems, sentence, warnings_of

__all__ = ["render"]

# The order is the reader's: what it can do, then how, then whether to believe it, then the rest.
MAKERS: Sequence[Callable[[Documents], list[Section]]] = (
    learning_sections,
    sample_sections,
    confusion_sections,
    accuracy_sections,
    tune_sections,
    design_sections,
    chip_sections,
    equality_sections,
    data_sections,
    next_sections,
    detail_sections,
)

# What code that reads figures raises where they are of another kind.
MISUSES = (KeyError, TypeError, AttributeError, ValueError, IndexError, ZeroDivisionError, OverflowError)


def render(
    documents: Sequence[Mapping[str, Any]], title: str = "bephw report", sources: Sequence[str] | None = None
) -> str:
    """The page for the JSON documents of `--json`: any commands, in any order, of any completeness.

    A section is there where its figures are. Equal documents give equal bytes. `sources` are names of the documents
    for messages. Raises `BephwError` for a document that no command writes, or figures of another kind than its
    command's.
    """
    names = sources or [f"document {number}" for number in range(1, len(documents) + 1)]
    for name, document in zip(names, documents, strict=True):
        _made(Documents.of, [document], name)
    collected = Documents.of(documents)
    try:
        head = _head(collected)
        sections = [section for maker in MAKERS for section in maker(collected)]
    except MISUSES:
        # Which document it was, and which of its figures, is asked only now.
        for name, document in zip(names, documents, strict=True):
            for maker in (_head, *MAKERS):
                _made(maker, Documents.of([document]), name)
        raise
    glossary = Glossary()
    environment = Environment(
        loader=PackageLoader("bephw.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["term"] = glossary.term
    environment.filters["in_script"] = in_script
    charts = any(section.content.get("chart") for section in sections)
    return environment.get_template("page.html.j2").render(
        title=title,
        version=__version__,
        sections=_numbered(sections),
        glossary=glossary,
        style=Markup(_asset("style.css")),
        script=_code(_asset("page.js")),
        charts=_code(chart_script()) if charts else None,
        **head,
    )


def in_script(text: str) -> Markup:
    """JSON that can stand within a script element."""
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _head(documents: Documents) -> dict[str, Any]:
    return {
        "sentence": sentence(documents),
        "problems": problems(documents),
        "warnings": warnings_of(documents),
        "figures": key_figures(documents),
    }


def _made(maker: Callable[[Any], Any], content: Any, source: str) -> Any:
    """What `maker` makes of it. Raises `BephwError` that begins with `source`."""
    try:
        return maker(content)
    except BephwError as error:
        raise BephwError(f"{source}: {error}") from error
    except MISUSES as error:
        what = maker.__name__.strip("_").removesuffix("_sections").replace("_", " ")
        kind = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise BephwError(f"{source}: figures are not as a command writes them ({what}: {kind})") from error


def _numbered(sections: Sequence[Section]) -> list[tuple[str, Section]]:
    return [(f"section-{number}", section) for number, section in enumerate(sections)]


def _asset(name: str) -> str:
    return files("bephw.report").joinpath("templates", name).read_text(encoding="utf-8")


def _code(script: str) -> Markup:
    """Script that can stand within its element: nothing in it may end that, or begin a comment."""
    return Markup(script.replace("</script", "<\\/script").replace("<!--", "<\\!--"))
