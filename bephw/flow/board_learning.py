"""Learning on a board, with its figures."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

from bephw.data import Dataset
from bephw.flow.doubts import training_doubts
from bephw.flow.learning import training_figures
from bephw.host import Trainer
from bephw.host.progress import TrainingProgress

__all__ = ["learn_on_board", "link_figures", "store_figures"]


def learn_on_board(
    trainer: Trainer,
    dataset: Dataset,
    *,
    epochs: int | None = None,
    checkpoint: Path | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    progress: TrainingProgress | bool | None = None,
) -> dict[str, Any]:
    """Train a board as `bephw.flow.learning.learn` trains the golden model, to the same bits; the figures.

    `samples_per_second` are training samples over the time of their epochs by the clock, tests included; `statistics`
    what the board counted in this call; `store` is as in `store_figures`, or None where the board has no store;
    `progress` as in `bephw.host.Trainer.fit_dataset`.

    Raises `BephwError`.
    """
    start = perf_counter()
    begun = trainer.board.statistics()
    trainer.fit_dataset(
        dataset,
        epochs=epochs,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        resume=resume,
        progress=progress,
    )
    learnt = sum(epoch.seconds for epoch in trainer.history)
    return {
        "command": "host train",
        **training_figures(trainer.settings, dataset, trainer.history),
        "samples_per_second": len(dataset.y_train) * len(trainer.history) / learnt if learnt else None,
        "seconds": perf_counter() - start,
        "statistics": {name: (count - begun[name]) % 2**32 for name, count in trainer.statistics().items()},
        "link": link_figures(trainer),
        "store": store_figures(trainer, dataset),
        "warnings": training_doubts(trainer.settings, dataset, epochs),
    }


def store_figures(trainer: Trainer, dataset: Dataset) -> dict[str, Any] | None:
    """Of the board's store after a training: its memory, how many samples it can have and has, and where those were not
    used why (`unused`); None where there is no store."""
    if not trainer.board.has_store:
        return None
    store, unused = trainer.board.store, None
    if trainer.store is None:
        order = trainer.settings.order
        unused = trainer.store_refusal or (
            f"learning.order must be stride for it, not {order}"
            if order != "stride"
            else "data.shift moves images, so that no epoch has the same samples"
            if dataset.shifts is not None
            else "it was not asked for"
        )
    return {"kind": store.kind, "most": store.most, "samples": store.samples, "unused": unused}


def link_figures(trainer: Trainer) -> dict[str, Any]:
    """What the link has seen since it was connected."""
    session = trainer.board.connection.session
    return {
        "resent": session.resent,
        "repeated": session.repeated,
        "damaged": session.damaged,
        "overflow": session.overflow,
    }
