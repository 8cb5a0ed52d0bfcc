"""A board of the user's own: a Python file with an Amaranth platform class."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from amaranth.build import Platform

from bephw.boards.amaranth_boards import PlatformClass
from bephw.errors import BephwError

__all__ = ["SUFFIX", "platform_in"]

SUFFIX = ".py"
"""A board's name that ends so is a file's."""


def platform_in(path: str) -> PlatformClass:
    """The one platform class that the file defines. The class may say `uart_pins`, and how openFPGALoader finds the
    board: `programmer = ("-b", "ulx3s")`.

    Raises `BephwError` where the file cannot be read or run, or defines no platform class, or several.
    """
    module_name = f"bephw_board_{Path(path).stem}"
    module = ModuleType(module_name)
    module.__file__ = path
    sys.modules[module_name] = module  # as an import has it: classes find their module there
    try:
        # Not imported, so that nothing is left beside the file, and a changed one is never mistaken for the old one.
        exec(compile(Path(path).read_bytes(), path, "exec"), vars(module))
    except OSError as error:
        raise BephwError(f"board.name: {path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:
        told = " ".join(str(error).split())
        raise BephwError(f"board.name: {path}: cannot be run: {type(error).__name__}: {told}") from error
    found = [
        entry
        for entry in vars(module).values()
        if isinstance(entry, type) and issubclass(entry, Platform) and entry.__module__ == module_name
    ]
    if len(found) != 1:
        names = ", ".join(entry.__name__ for entry in found) or "none"
        raise BephwError(f"board.name: {path}: must define one platform class, not {names}")
    (platform,) = found
    pins = getattr(platform, "uart_pins", None)
    return PlatformClass(
        name=path,
        description=(platform.__doc__ or "a board of your own").strip().splitlines()[0],
        module=module_name,
        platform=platform.__name__,
        programmer=tuple(getattr(platform, "programmer", ())),
        uart_pins=None if pins is None else tuple(pins),
    )
