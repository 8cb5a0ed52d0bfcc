"""What the golden model can do and the hardware cannot."""

from __future__ import annotations

from bephw.errors import check
from bephw.settings import Settings

__all__ = ["check_hardware"]


def check_hardware(settings: Settings) -> None:
    """Raise `BephwError` where hardware of these settings would not compute what the golden model does."""
    kind = settings.learning.reinforcement
    check(kind == "events", f"learning.reinforcement must be events in hardware, not {kind}")
