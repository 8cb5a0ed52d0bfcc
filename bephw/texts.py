"""Text files that users write: read as they come from any editor, or refused in words that help."""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from pathlib import Path
from typing import Any

from bephw.errors import BephwError, MissingError

__all__ = ["read_json", "read_text", "read_toml"]

# UTF-32 first: its mark begins as that of UTF-16.
OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
PLACE = re.compile(r" \(at line (\d+), column \d+\)$")
LONGEST_LINE = 60


def read_text(path: str | Path, source: str | None = None, *, errors: str = "strict") -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises `BephwError` that begins with `source` (`path` where None) where it cannot be read or is no such text.
    """
    source = source or str(path)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise MissingError(f"{source}: cannot be read: {error.strerror}") from error
    for mark, name in OTHER_ENCODINGS.items():
        if content.startswith(mark):
            raise BephwError(f"{source}: is {name} text (Windows PowerShell's > writes such): save it as UTF-8")
    try:
        text = content.decode("utf-8-sig", errors)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BephwError(f"{source}: is not UTF-8 text (byte {content[error.start]:#04x} in line {line})") from error
    before, zero, _ = text.partition("\0")
    if zero:
        raise BephwError(f"{source}: is not UTF-8 text (a zero byte in line {before.count(chr(10)) + 1})")
    return text


def read_toml(path: str | Path, what: str) -> dict[str, Any]:
    """The content of a TOML file, which messages call "`what` `path`". Raises `BephwError`."""
    source = f"{what} {path}"
    text = read_text(path, source)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise BephwError(f"{source}: not valid TOML: nested too deeply") from None
    except ValueError as error:  # Also for numbers of thousands of digits.
        raise BephwError(f"{source}: not valid TOML: {_toml_problem(str(error), text)}") from None


def read_json(path: str | Path) -> Any:
    """The content of a JSON file. Raises `BephwError`."""
    text = read_text(path)
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise BephwError(f"{path}: not valid JSON: nested too deeply") from None
    except ValueError as error:
        raise BephwError(f"{path}: not valid JSON: {error}") from None


def _no_number(constant: str) -> float:
    """NaN and infinities, which Python takes and JSON has not."""
    raise ValueError(f"{constant} is no number")


def _toml_problem(message: str, text: str) -> str:
    """tomllib's message with the line it is about, and what is there twice by its name."""
    twice = "Cannot overwrite a value" in message or re.match(r"Cannot declare .* twice", message)
    place = PLACE.search(message)
    lines = text.splitlines()
    number = int(place[1]) if place else len(lines)
    # "At end of document" may mean that the last line is blank.
    while number > 1 and not lines[number - 1].strip():
        number -= 1
    line = lines[number - 1].strip() if lines else ""
    if twice:
        return f"line {number}: {_named(lines[:number])} is there a second time"
    shown = line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3]}..."
    return f"{message}: {shown!r}" if place else message


def _named(lines: list[str]) -> str:
    """The key or the table that the last line gives, a key with its table before it."""
    line = lines[-1].strip()
    if line.startswith("["):
        return line.split("#")[0].strip()
    key = line.split("=")[0].strip()
    tables = [found[1].strip() for found in (re.match(r"\s*\[+([^\[\]]+)\]", line) for line in lines) if found]
    return ".".join([*tables[-1:], key])
