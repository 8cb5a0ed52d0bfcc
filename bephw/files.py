"""Output files: checked before the work starts, and written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bephw.errors import BephwError

__all__ = ["check_writable", "make_folder", "write_bytes", "write_json", "write_text"]


def make_folder(path: Path) -> Path:
    """`path`, made with its parents where it is not there. Raises `BephwError` where it cannot hold files."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BephwError(f"folder {path}: cannot be made: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise BephwError(f"folder {path}: cannot be written to")
    return path


def check_writable(*paths: Path | None) -> None:
    """Raise `BephwError` for the first path that could not be written: before a long run, not after it."""
    for path in paths:
        if path is None:
            continue
        make_folder(path.parent)
        if path.is_dir():
            raise BephwError(f"{path}: is a folder, not a file to write")


def write_bytes(path: Path, content: bytes) -> None:
    """Write through a temporary file beside `path`. Raises `BephwError`."""
    make_folder(path.parent)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BephwError(f"{path}: cannot be written: {error.strerror}") from error


def write_text(path: Path, text: str) -> None:
    """`write_bytes` of UTF-8 text."""
    write_bytes(path, text.encode())


def write_json(path: Path | None, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON; nothing where `path` is None."""
    if path is not None:
        write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")
