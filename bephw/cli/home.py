"""A home for libraries and tools that keep caches and settings there, where the user has none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bephw.caches import home, temporary_folder
from bephw.errors import BephwError

__all__ = ["usable_home"]

IN_HOME = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "MPLCONFIGDIR")


@contextmanager
def usable_home() -> Iterator[None]:
    """Within, `HOME` of this process and its children is a temporary folder, if it is none that can be written to.

    matplotlib, YoWASP and others would make it otherwise, or complain. Variables that name folders inside it go with
    it.
    """
    if home(os.environ) is not None:
        yield
        return
    with ExitStack() as stack:
        try:
            folder = temporary_folder()
        except BephwError:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bephw-", ignore_cleanup_errors=True)))
        lost = os.environ.get("HOME")
        before = {name: os.environ.get(name) for name in ("HOME", *IN_HOME)}
        for name in IN_HOME:
            value = os.environ.get(name)
            if lost and value and Path(value).is_relative_to(lost) and not Path(value).exists():
                del os.environ[name]
        os.environ["HOME"] = str(folder)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
