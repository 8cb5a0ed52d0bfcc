"""What can be built and not yet be foreseen in all."""

from bephw.errors import check
from bephw.settings import Settings

__all__ = ["check_foreseen", "check_sized", "is_sized"]


def check_foreseen(settings: Settings) -> None:
    """Raise `BephwError` where the model of cycles does not hold."""
    if not settings.recurrent:
        return
    # A cell's samples take turns: how they do is another model.
    lag = settings.learning.lag
    check(lag == 0, f"learning.lag must be 0 for a recurrent cell, not {lag}")
    for index, samples in enumerate(settings.samples):
        check(
            samples == 1,
            f"hardware.samples[{index}] must be 1 in a plan for a recurrent network, which foresees no more yet, "
            f"not {samples}",
        )


def is_sized(settings: Settings) -> bool:
    """Whether the models of LUTs and clock hold. Block RAMs are foreseen in any case."""
    return max(settings.samples) == 1 and settings.learning.lag == 0


def check_sized(settings: Settings) -> None:
    """Raise `BephwError` where the models of LUTs and clock do not hold."""
    rule = "for a plan to foresee LUTs (--as-it-is does without)"
    for index, samples in enumerate(settings.samples):
        check(samples == 1, f"hardware.samples[{index}] must be 1 {rule}, not {samples}")
    check(settings.learning.lag == 0, f"learning.lag must be 0 {rule}, not {settings.learning.lag}")
