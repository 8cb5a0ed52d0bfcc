"""What can be built and not yet be foreseen."""

from bephw.errors import check
from bephw.settings import Settings

__all__ = ["check_foreseen"]


def check_foreseen(settings: Settings) -> None:
    """Raise `BephwError` where the models of cycles and areas do not hold."""
    lag = settings.learning.lag
    check(lag == 0, f"learning.lag must be 0 in a plan, which foresees no more yet, not {lag}")
