"""What the golden model can do and the hardware cannot."""

from __future__ import annotations

from bephw.rtl_gen.supported import check_supported
from bephw.settings import Settings

__all__ = ["check_hardware"]


def check_hardware(settings: Settings) -> None:
    """Raise `BephwError` where hardware of these settings would not compute what the golden model does."""
    check_supported(settings)
