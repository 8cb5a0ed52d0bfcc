"""The folder of a table: one file a finished run, so that nothing is done twice and nothing finished is lost.

    cells/KEY.json   the record of a run; KEY is a hash of what decides its result
    manifest.json    which key every run of the table had, by its name
    .lock            there and locked while a process works here; the lock goes with the process, however that ends

Files are written whole or not at all, and none is ever deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bephw.accuracy.cells import Cell, deciding, first_change
from bephw.accuracy.record import Record
from bephw.errors import BephwError
from bephw.files import make_folder, write_json
from bephw.locks import lock
from bephw.settings import Settings

__all__ = ["Store", "locked"]


@contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Make `folder` and hold its lock. Raises `BephwError` where another process holds it; `what` is its command."""
    path = make_folder(folder) / ".lock"
    with lock(path, f"folder {folder}: another {what} works here", "wait for it, or give another --output"):
        yield


class Store:
    """Records in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cells = folder / "cells"
        self._manifest = folder / "manifest.json"

    def path(self, key: str) -> Path:
        """File of the run with this key."""
        return self._cells / f"{key}.json"

    def save(self, key: str, settings: Settings, outcome: Mapping[str, Any]) -> Record:
        """Keep what a run gave."""
        record = Record(settings=deciding(settings), **outcome)
        write_json(self.path(key), record.model_dump(mode="json"))
        return record

    def load(self, key: str) -> Record | None:
        """The record, or None where the run is not finished. Raises `BephwError` for a damaged file."""
        path = self.path(key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BephwError(f"{path}: cannot be read: {error.strerror}") from error
        try:
            return Record.model_validate_json(content)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(map(str, problem["loc"]))
            reason = f"{place}: {problem['msg']}" if place else problem["msg"]
            raise BephwError(f"{path}: damaged ({reason}): delete this file, and its run is done again") from None

    def finished(self, cells: Sequence[Cell]) -> tuple[dict[str, Record], dict[str, str]]:
        """Records of the runs that are finished, by key; and how runs changed, by name.

        A run has changed where one of the same name, with other settings, was finished before.
        Raises `BephwError` for a damaged file.
        """
        records: dict[str, Record] = {}
        changes: dict[str, str] = {}
        keys = self._keys()
        for cell in cells:
            now = deciding(cell.settings)
            if cell.key not in records and (record := self.load(cell.key)) is not None:
                change = first_change(record.settings, now, ignore_new=True)
                if not change:
                    records[cell.key] = record
                    continue
                changes[cell.name] = change  # A default has changed since.
            elif cell.key not in records and (old := self.load(keys.get(cell.name, cell.key))) is not None:
                changes[cell.name] = first_change(old.settings, now)
        return records, changes

    def remember(self, cells: Sequence[Cell]) -> None:
        """Write down the keys of `cells` under their names, beside those that were there before."""
        write_json(self._manifest, {"cells": self._keys() | {cell.name: cell.key for cell in cells}})

    def tidy(self) -> None:
        """Remove what a killed process left half written."""
        for folder in (self.folder, self._cells):
            for suffix in ("json", "md", "svg", "png", "toml"):
                for path in folder.glob(f".*.{suffix}.*"):
                    path.unlink(missing_ok=True)

    def _keys(self) -> dict[str, str]:
        try:
            content = json.loads(self._manifest.read_bytes())
            keys = {str(name): str(key) for name, key in content["cells"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise BephwError(
                f"{self._manifest}: damaged: delete this file; finished runs are kept in their own files"
            ) from None
        return keys
