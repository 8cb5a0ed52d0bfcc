"""What can be built and not yet be foreseen in all."""

from bephw.errors import check
from bephw.settings import Settings

__all__ = ["check_foreseen"]


def check_foreseen(settings: Settings) -> None:
    """Raise `BephwError` where the model of cycles does not hold."""
    if not settings.recurrent:
        return
    # A cell's samples take turns: how they do is another model.
    lag = settings.learning.lag
    check(lag == 0, f"learning.lag must be 0 for a recurrent cell, not {lag}")
