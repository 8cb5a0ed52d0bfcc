"""Files from their official source, once, with a checksum."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import urllib.request
from collections.abc import Callable
from pathlib import Path

from bephw.errors import BephwError, MissingError
from bephw.files import write_bytes

__all__ = ["fetch"]

TIMEOUT_SECONDS = 30


def fetch(
    url: str,
    sha256: str,
    cache: Path,
    *,
    open_url: Callable[..., object] = urllib.request.urlopen,
) -> Path:
    """The file at `url`, from `cache` when it is there whole, else downloaded into it.

    A file is kept only if its SHA-256 is `sha256`; it appears under its name whole or not at all. Raises `BephwError`
    where it cannot be had or is another file. A damaged copy in the cache is downloaded again.
    """
    path = cache / url.rsplit("/", 1)[1]
    with contextlib.suppress(OSError):  # Not there, or not to be read: then it is downloaded.
        if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            return path
    try:
        with open_url(url, timeout=TIMEOUT_SECONDS) as answer:  # type: ignore[attr-defined]
            content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise MissingError(
            f"{url}: cannot be downloaded ({reason}): set BEPHW_DATA to a folder that holds the data set"
        ) from error
    got = hashlib.sha256(content).hexdigest()
    if got != sha256:
        raise BephwError(f"{url}: SHA-256 must be {sha256}, not {got}")
    write_bytes(path, content)
    return path
