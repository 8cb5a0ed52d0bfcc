"""Which of the engines makes a trainer."""

from bephw.rtl_gen import trainer
from bephw.rtl_gen.compact import trainer as compact
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["make_trainer"]


def make_trainer(settings: Settings, state: NetworkState | None = None) -> trainer.Trainer | compact.Trainer:
    """The trainer that `settings.hardware.engine` asks for; both have the same ports and registers and the same
    results.

    Raises `BephwError` as `check_trainer`.
    """
    return (compact if settings.hardware.engine == "compact" else trainer).Trainer(settings, state)
