"""Quantisation-aware training with a straight-through estimator: what users would otherwise pick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from bephw.errors import check
from bephw.golden.history import Epoch
from bephw.golden.training import Samples, TrainingResult
from bephw.pytorch.samples import check_samples
from bephw.settings import Settings

__all__ = ["BaselineResult", "fit"]


@dataclass(frozen=True, eq=False)
class BaselineResult(TrainingResult):
    """A trained baseline, as the golden model and the hardware take it.

    Attributes:
        state: the trained network, with thresholds where it has batch norm.
        history: what every epoch gave; `taught` is 1, as every sample changes the latent weights.
        settings: of that state: `learning.algorithm` is "bep" or "bep-tt", `network.thresholds` is `batch_norm`.
    """

    settings: Settings


def fit(
    settings: Settings,
    dataset: Samples,
    *,
    epochs: int | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
    on_samples: Callable[[int], object] | None = None,
) -> BaselineResult:
    """Train the network of `settings` (`learning.algorithm` "ste") for `epochs`, `learning.epochs` where None.

    Binary weights are the signs of latent ones, which Adam moves along the gradient of the cross-entropy and which
    are clipped to [-1, 1]. Samples come in the golden model's order. Accuracies are those of the exported network.
    PyTorch runs on one thread meanwhile; equal arguments give equal bits on one machine.

    on_epoch: called with every epoch as it ends.
    on_samples: called with the number of samples just finished.

    Raises `BephwError` where PyTorch is missing, or samples do not fit the settings.
    """
    algorithm = settings.learning.algorithm
    check(algorithm == "ste", f"learning.algorithm: must be ste for the baseline, not {algorithm}")
    check(find_spec("torch") is not None, "the baseline needs PyTorch: install it with pip install 'bephw[baselines]'")
    from bephw.baselines.export import export_state, exported_settings
    from bephw.baselines.trainer import Trainer
    from bephw.pytorch.threads import one_thread

    settings = settings.with_inputs(dataset.x_train.shape[-1])
    exported = exported_settings(settings)
    check_samples(settings, dataset)
    if settings.baseline.batch_norm:
        smallest = min(settings.learning.batch, len(dataset.x_train))
        check(smallest > 1, "learning.batch: must be 2 or more samples with baseline.batch_norm, not 1")
    epochs = settings.learning.epochs if epochs is None else epochs
    with one_thread():
        trainer = Trainer(settings, epochs)
        history = trainer.run(dataset, epochs, on_epoch, on_samples)
        return BaselineResult(export_state(settings, trainer.hard), history, exported)
