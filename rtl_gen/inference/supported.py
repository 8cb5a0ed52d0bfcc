"""What an inference-only design cannot do."""

from bephw.errors import check
from bephw.settings import Settings
from bephw.states import AnyState

__all__ = ["check_inference"]


def check_inference(settings: Settings, state: AnyState, style: str = "folded") -> None:
    """Raise `BephwError` unless `settings` describe a network with the shapes of `state`, which `style` can do."""
    check(
        settings.network.sizes[0] > 0,
        "network.sizes[0] must be at least 1 in hardware, not 0 (as many as the data have)",
    )
    check(
        style == "folded" or not settings.recurrent,
        f"inference must be folded for a recurrent network (learning.algorithm {settings.learning.algorithm} with "
        f"steps), not {style}",
    )
    check(
        style == "unrolled" or settings.learning.algorithm != "logic",
        f"inference must be unrolled for a network of gates (learning.algorithm logic), not {style}",
    )
    check(
        not settings.recurrent or settings.data.steps is not None,
        "data.steps must be given in hardware: how many steps a sample has at most",
    )
    state.validate(settings)
