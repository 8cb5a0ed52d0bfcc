"""Training of a network of logic gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from bephw.errors import check
from bephw.golden.history import Epoch
from bephw.golden.training import Samples
from bephw.logic_state import LogicState
from bephw.pytorch.samples import check_samples
from bephw.settings import Settings

__all__ = ["LogicResult", "fit"]


@dataclass(frozen=True, eq=False)
class LogicResult:
    """A trained network of gates.

    Attributes:
        state: after the last epoch.
        history: what every epoch gave; accuracies, also of training samples, are those of the hard network after it,
            and `taught` is 1, as every sample changes the logits.
    """

    state: LogicState
    history: list[Epoch]

    @property
    def network(self) -> LogicState:
        """The network to predict with."""
        return self.state


def fit(
    settings: Settings,
    dataset: Samples,
    *,
    epochs: int | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
    on_samples: Callable[[int], object] | None = None,
) -> LogicResult:
    """Train the network of `settings` (`learning.algorithm` "logic") for `epochs`, `learning.epochs` where None.

    Every gate is a mixture of all 16 kinds, which Adam moves along the gradient of the cross-entropy of the class
    scores; the result has the likeliest kinds. Samples come in the golden model's order. PyTorch runs on one thread
    meanwhile; equal arguments give equal bits on one machine.

    on_epoch: called with every epoch as it ends.
    on_samples: called with the number of samples just finished.

    Raises `BephwError` where PyTorch is missing, or samples do not fit the settings.
    """
    algorithm = settings.learning.algorithm
    check(algorithm == "logic", f"learning.algorithm: must be logic for a network of gates, not {algorithm}")
    found = find_spec("torch") is not None
    check(found, "networks of logic gates learn in PyTorch: install it with pip install 'bephw[baselines]'")
    from bephw.logic.trainer import Trainer
    from bephw.pytorch.threads import one_thread

    settings = settings.with_inputs(dataset.x_train.shape[-1])
    check_samples(settings, dataset)
    epochs = settings.learning.epochs if epochs is None else epochs
    with one_thread():
        trainer = Trainer(settings)
        history = trainer.run(dataset, epochs, on_epoch, on_samples)
        return LogicResult(trainer.state, history)
