"""The one exception that users see."""

from __future__ import annotations

__all__ = ["BephwError", "MissingError", "check"]


class BephwError(Exception):
    """Bad input, or something missing on this machine.

    The message is one line that names the field, the rule and the value. The command line prints it
    and exits with code 2; library users catch it.
    """


class MissingError(BephwError):
    """Something is not on this machine, or cannot be read here: a file, a package, a download.

    What is there and wrong is a plain `BephwError`.
    """


def check(condition: bool, message: str) -> None:
    """Raise `BephwError(message)` unless `condition` holds."""
    if not condition:
        raise BephwError(message)
