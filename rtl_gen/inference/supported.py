"""What an inference-only design cannot do."""

from bephw.errors import check
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["check_inference"]


def check_inference(settings: Settings, state: NetworkState) -> None:
    """Raise `BephwError` unless `settings` describe a feed-forward network with the shapes of `state`."""
    algorithm = settings.learning.algorithm
    check(
        settings.network.sizes[0] > 0,
        "network.sizes[0] must be at least 1 in hardware, not 0 (as many as the data have)",
    )
    check(
        not settings.recurrent,
        f"learning.algorithm must be bep, lbes, cp+r or ste without windows for inference, not {algorithm} with steps",
    )
    state.validate(settings)
