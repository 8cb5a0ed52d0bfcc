"""The JSON documents of a page, in the parts that a reader asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bephw.errors import BephwError
from bephw.report.words import network_name

__all__ = ["COMMANDS", "Document", "Documents"]

Document = Mapping[str, Any]

COMMANDS = ("accuracy", "build", "check", "demo", "doctor", "emit", "plan", "predict", "prove", "sim", "train", "tune")
ON_A_BOARD = "host "  # before the names of those that a board did
PARTS = ("train", "emit", "sim")  # of a demo; its builds are a list


@dataclass(frozen=True)
class Documents:
    """What commands measured.

    Attributes:
        given: the documents as they came; a demo is one.
        single: those of one command each, a demo's parts in its place.
    """

    given: tuple[Document, ...]
    single: tuple[Document, ...]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Documents:
        """Raises `BephwError` for a document of no command, or a demo whose parts are none."""
        for document in documents:
            _check(document)
        return cls(tuple(documents), tuple(part for document in documents for part in _flat(document)))

    def by(self, command: str) -> list[Document]:
        """All documents of a command, in the order in which they came."""
        return [document for document in self.single if _command(document) == command]

    def titled(self, title: str, document: Document) -> str:
        """`title`, with the network's name where several documents of its command are on the page."""
        name = network_name(document)
        return f"{title}: {name}" if name and len(self.by(_command(document))) > 1 else title

    @property
    def demos(self) -> list[Document]:
        """The demos among them."""
        return [document for document in self.given if document["command"] == "demo"]


def _command(document: Document) -> str:
    return str(document["command"]).removeprefix(ON_A_BOARD)


def _check(document: Document) -> None:
    command = document.get("command") if isinstance(document, Mapping) else None
    if not isinstance(command, str) or command.removeprefix(ON_A_BOARD) not in COMMANDS:
        raise BephwError(f"command must be one of {', '.join(COMMANDS)}, not {command!r}")


def _flat(document: Document) -> Iterator[Document]:
    if document["command"] != "demo":
        yield document
        return
    parts = [document[name] for name in PARTS if document.get(name)]
    for part in [*parts, *(document.get("builds") or ())]:
        _check(part)
        yield part
