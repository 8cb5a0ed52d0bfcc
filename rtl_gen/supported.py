"""What can be asked for and the hardware cannot do."""

from bephw.errors import check
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["check_supported", "check_trainer"]

ALGORITHMS = ("bep", "bep-tt", "cp+r", "lbes")


def check_trainer(settings: Settings, state: NetworkState | None) -> None:
    """Raise `BephwError` where no trainer can be made of `settings` whose memories hold `state`."""
    check_supported(settings)
    check(
        state is not None or not settings.network.thresholds,
        "network.thresholds needs a state: hardware has the thresholds from there",
    )
    if state is not None:
        state.validate(settings)


def check_supported(settings: Settings) -> None:
    """Raise `BephwError` where a trainer of `settings` would not compute what they say."""
    network, learning = settings.network, settings.learning
    check(not network.scores, "network.scores must be false in a trainer: they are for inference alone")
    check(network.sizes[0] > 0, "network.sizes[0] must be at least 1 in hardware, not 0 (as many as the data have)")
    check(network.classes > 0, "network.classes must be at least 2 in hardware, not 0 (as many as the data have)")
    for name, allowed in (
        ("algorithm", ALGORITHMS),
        ("reinforcement", ("events",)),
        ("clipping", ("step",)),
        ("update_stride", (1,)),
        ("gamma_patience", (None,)),
    ):
        value = getattr(learning, name)
        rule = " or ".join("left out" if option is None else str(option) for option in allowed)
        check(value in allowed, f"learning.{name} must be {rule} in hardware, not {value}")
    check(
        not settings.recurrent or settings.data.steps is not None,
        "data.steps must be given in hardware: how many steps a sample has at most",
    )
    if learning.lag:
        renewal = settings.hardware.renewal
        check(renewal == "copy", f"hardware.renewal must be copy with learning.lag 1, not {renewal}")
