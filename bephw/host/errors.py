"""What goes wrong between host and board."""

from __future__ import annotations

from bephw.errors import BephwError

__all__ = ["LinkError"]


class LinkError(BephwError):
    """The board does not answer, or has begun anew behind the host's back: connect again, and load what was saved."""
