"""Training a G-Net, and what it gives: a binary network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from bephw.errors import check
from bephw.gnet.embedding import embedded_settings
from bephw.golden.history import Epoch
from bephw.golden.training import Samples, TrainingResult
from bephw.pytorch.samples import check_samples
from bephw.settings import Settings

__all__ = ["EmbeddingResult", "fit"]


@dataclass(frozen=True, eq=False)
class EmbeddingResult(TrainingResult):
    """A trained G-Net after its embedding, as the golden model and the hardware take it.

    Attributes:
        state: the binary network, with thresholds and generated weights.
        history: what every epoch gave: `train_accuracy` is that of the network of real numbers while it learnt,
            `soft_accuracy` its held-out accuracy, and the others are the binary network's; `taught` is 1, as every
            sample changes the weights.
        settings: of that state, with twice as many layers (see `embedded_settings`).
    """

    settings: Settings


def fit(
    settings: Settings,
    dataset: Samples,
    *,
    epochs: int | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
    on_samples: Callable[[int], object] | None = None,
) -> EmbeddingResult:
    """Train the network of `settings` (`learning.algorithm` "gnet") for `epochs`, `learning.epochs` where None.

    Samples come in the golden model's order. PyTorch runs on one thread meanwhile; equal arguments give equal bits on
    one machine.

    on_epoch: called with every epoch as it ends.
    on_samples: called with the number of samples just finished.

    Raises `BephwError` where PyTorch is missing, or samples or hardware do not fit.
    """
    algorithm = settings.learning.algorithm
    check(algorithm == "gnet", f"learning.algorithm: must be gnet for a G-Net, not {algorithm}")
    check(find_spec("torch") is not None, "a G-Net needs PyTorch: install it with pip install 'bephw[baselines]'")
    from bephw.gnet.trainer import Trainer
    from bephw.pytorch.threads import one_thread

    settings = settings.with_inputs(dataset.x_train.shape[-1])
    embedded = embedded_settings(settings)
    check_samples(settings, dataset)
    epochs = settings.learning.epochs if epochs is None else epochs
    with one_thread():
        trainer = Trainer(settings, epochs)
        history = trainer.run(dataset, epochs, on_epoch, on_samples)
        return EmbeddingResult(trainer.state, history, embedded)
