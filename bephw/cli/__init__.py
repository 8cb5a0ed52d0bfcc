"""The `bephw` command. One module a command; what is heavy is imported when the command runs."""

from bephw.cli.entry import main

__all__ = ["main"]
