"""The training loop: epochs, rates and winner groups that follow the accuracy, the average, checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bephw.errors import check
from bephw.golden import checkpoint as checkpoints
from bephw.golden.history import Epoch
from bephw.golden.initial import initial_state
from bephw.golden.learner import GoldenLearner, Learner
from bephw.golden.model import EngineName
from bephw.golden.run import Progress, Run, epoch_rates
from bephw.golden.streams import Samples, epoch_order, sample_stream, training_bits
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = [
    "Epoch",
    "Progress",
    "Samples",
    "TrainingResult",
    "epoch_order",
    "epoch_rates",
    "fit",
    "sample_stream",
    "training_bits",
]


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What training gave.

    Attributes:
        state: after the last epoch; training can go on from it.
        history: what every epoch gave.
        average: of the weights, where `learning.average` asks for it: the network whose accuracies `history` has.
    """

    state: NetworkState
    history: list[Epoch]
    average: NetworkState | None = field(default=None, kw_only=True)

    @property
    def network(self) -> NetworkState:
        """The network to predict with: the average, or where there is none the last state."""
        return self.average or self.state


def fit(
    settings: Settings,
    dataset: Samples,
    *,
    epochs: int | None = None,
    state: NetworkState | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    engine: EngineName = "compiled",
    make_learner: Callable[[NetworkState], Learner] | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
    on_samples: Callable[[int], object] | None = None,
    on_progress: Callable[[Progress], object] | None = None,
    on_kept: Callable[[int], object] | None = None,
) -> TrainingResult:
    """Train the golden model for `epochs` in all (`learning.epochs` where None), from `state` (`initial_state` where
    None).

    checkpoint: a file that is rewritten before the first epoch and after every one. It may not be there before,
        unless it is gone on from; one training at a time has it.
    checkpoint_every: samples of an epoch after which it is rewritten too, at the next end of a batch.
    resume: go on from that file, to the same bits as without the interruption. Epochs count from the very first;
        where the file holds as many already, its result is returned as it is.
    engine: as in `GoldenModel`; the result does not depend on it.
    on_epoch: called with every epoch as it ends.
    on_samples: called with the number of samples just finished; where training goes on, first with those before.
    on_progress: called now and then with how far the epoch is.
    on_kept: called, while the training samples go to a learner that keeps them, with how many have gone.

    make_learner: what learns instead of the golden model, such as a board; given the state that training begins from,
        and called once the arguments are known to be right.

    Raises `BephwError` for samples that do not fit the settings, or a checkpoint that cannot be gone on from.
    """
    check(len(dataset.x_train) > 0, "data: no training samples")
    check(not (resume and state is not None), "state: cannot be given together with resume")
    check(not resume or checkpoint is not None, "checkpoint: required to resume")
    check(
        checkpoint_every is None or checkpoint_every > 0,
        f"checkpoint_every: must be at least 1 sample, not {checkpoint_every}",
    )
    check(
        settings.learning.gamma_patience is None or _has_validation(dataset),
        "learning.gamma_patience: needs validation samples: give data.validation_fraction",
    )
    epochs = settings.learning.epochs if epochs is None else epochs
    with checkpoints.held(checkpoint, resume=resume):
        start = state or initial_state(settings)
        learner = make_learner(start) if make_learner else GoldenLearner(settings, start, engine)
        run = Run(learner, dataset, checkpoint, checkpoint_every, on_samples, on_progress, on_kept)
        if resume:
            run.go_on()
        else:
            run.begin(start)
        return _finish(run, epochs, on_epoch)


def _finish(run: Run, epochs: int, on_epoch: Callable[[Epoch], object] | None) -> TrainingResult:
    """All epochs that are still to come."""
    learner, history, begun = run.learner, run.history, run.under_way.position
    check(
        not begun or len(history) < epochs,
        f"checkpoint {run.checkpoint}: epochs must be at least {len(history) + 1}, which has begun, not {epochs}",
    )
    if run.on_samples and (history or begun):
        run.on_samples(min(len(history), epochs) * len(run.dataset.x_train) + begun)
    if len(history) < epochs:
        learner.prepare(run.dataset.x_train[:1])
        _ = run.teaching.keeper  # takes them now, if it does, so that it is no part of an epoch's time
    while len(history) < epochs:
        epoch = run.epoch()
        if on_epoch:
            on_epoch(epoch)
    state = learner.state
    averaged = run.average.network(state, run.settings.learning.bits) if run.average and history else None
    return TrainingResult(state, history, average=averaged)


def _has_validation(dataset: Samples) -> bool:
    return dataset.y_validation is not None and len(dataset.y_validation) > 0
